from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from worker import settings
from worker.errors import SettingsInvalid
from worker.records import Recommendation
from worker.settings import starting_file


def load(
    tmp_path: Path, text: str = "", environment: dict[str, str] | None = None, **flags: str
) -> settings.Configured:
    file = tmp_path / "worker.yaml"
    file.write_text(text, "utf-8")
    return settings.load(file=file, environment=environment or {}, flags=flags)


def test_flags_beat_the_environment_which_beats_the_file_which_beats_defaults(tmp_path: Path) -> None:
    text = "model: demo\nsettle_s: 3\nworker_id: file\n"
    environment = {"ZIMAGE_WORKER_WORKER_ID": "env", "ZIMAGE_WORKER_SETTLE_S": "4", "OTHER": "x"}
    configured = load(tmp_path, text, environment, worker_id="flag")
    found = configured.settings
    assert (found.model, found.settle_s, found.worker_id, found.grace_s) == ("demo", 4.0, "flag", 60.0)
    assert configured.origins["model"] == f"{tmp_path / 'worker.yaml'}:1"
    assert configured.origins["settle_s"] == "environment ZIMAGE_WORKER_SETTLE_S"
    assert configured.origins["worker_id"] == "flag --worker-id"
    assert configured.origins["grace_s"] == "default"


def test_folders_of_the_file_count_from_its_own_place_and_those_of_flags_from_here(tmp_path: Path) -> None:
    found = load(tmp_path, "inbox: in\nmodel: models/turbo\n", outbox="out").settings
    assert found.inbox == tmp_path / "in"
    assert found.model == str(tmp_path / "models/turbo")
    assert found.outbox == Path("out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("settel_s: 3\n", r"worker.yaml:1:1: settel_s: There is no key `settel_s`. Did you mean `settle_s`\?"),
        (
            "\nsettle_s: soon\n",
            r"worker.yaml:2:11: settle_s: `soon` is not a number.* Meaning: Seconds a job must stay unchanged",
        ),
        ("model: a: b\n", r"worker.yaml:1:8: .* Put the whole text in quotes: \"a: b\"\."),
        ("- a\n", r"worker.yaml:1:1: .* such as `model: demo`\."),
        ("model: a\nmodel: b\n", r"worker.yaml:2:1: model: This key is written twice"),
        ("allow: [tile_decode]\n", r"worker.yaml:1:9: allow\[1\]: .* Did you mean `tiled_decode`\?"),
        ("worker_id: ../x\n", r"worker.yaml:1:12: worker_id: `../x` is not allowed"),
        ("nice: perhaps\n", r":1:7: nice: `perhaps` is not allowed\. Allowed are true and false\."),
        ("device: tpu\n", r"worker.yaml:1:9: device: `tpu` is not allowed"),
        ("device: gpu\n", r"device: `gpu` is not allowed\. Allowed are auto, cpu, cuda, or one card: cuda:0, cuda:1\."),
        ("size: big\n", r"worker.yaml:1:7: size: `big` is not a size\. .* or one of square, portrait"),
        ("size: 1000x1000\n", r"size: 1000x1000: .* must be multiples of 16\. Nearest is 992x992\. Meaning: "),
        ("size: 9008x9008\n", r"size: 9008x9008 has .* at most 4,194,304 are allowed"),
        ("max_pixels: 65536\nsize: square\n", r":2:7: size: 1024x1024 has .* at most 65,536 are allowed"),
        ("steps: 500\n", r":1:8: steps: 500 is not allowed\. Allowed are 1 to 100\."),
    ],
)
def test_a_wrong_setting_names_its_place_its_value_and_the_rule(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsInvalid, match=message):
        load(tmp_path, text)


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, "settle_s: x\ngrace_s: y\nlog:\n", {"ZIMAGE_WORKER_SCAN_S": "z"}, device="tpu")
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert lines[2].endswith("worker.yaml:3:5: log: There is no value. Write one, or remove the key.")
    assert {line.split(": ")[0] for line in lines[3:]} == {"environment ZIMAGE_WORKER_SCAN_S", "flag --device"}


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("allow: [new_seed, tiled_decode]\n", {}, {"new_seed", "tiled_decode"}),
        ("allow: [new_seed]\n", {"ZIMAGE_WORKER_ALLOW": "tiled_decode, "}, {"tiled_decode"}),
        ("allow: [new_seed]\n", {"ZIMAGE_WORKER_ALLOW": ""}, set()),
        ("", {}, set()),
    ],
)
def test_what_the_settings_allow_is_a_default_for_every_job(
    tmp_path: Path, text: str, environment: dict[str, str], expected: set[str]
) -> None:
    turbo = Recommendation(width_px=1024, height_px=1024, steps=8, guidance=0.0)
    assert load(tmp_path, text, environment).settings.recommendation(turbo).allow == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size: portrait\n", (864, 1152, 8)),
        ("size: 640 × 480\n", (640, 480, 8)),
        ("size: [640, 480]\n", (640, 480, 8)),
        ("size: 4096x2048\nmax_pixels: 9000000\nsteps: 150\nmax_steps: 200\n", (4096, 2048, 150)),
    ],
)
def test_default_size_and_steps_keep_the_rules_and_limits_of_a_job(
    tmp_path: Path, text: str, expected: tuple[int, int, int]
) -> None:
    turbo = Recommendation(width_px=1024, height_px=1024, steps=8, guidance=0.0)
    found = load(tmp_path, text).settings.recommendation(turbo)
    assert (found.width_px, found.height_px, found.steps) == expected


def test_a_missing_file_is_an_error_only_when_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.load(file=None, environment={}, flags={}).settings.model is None
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        settings.load(file=tmp_path / "none.yaml", environment={}, flags={})


def test_the_file_of_init_names_every_setting_and_loads(tmp_path: Path) -> None:
    text = starting_file.text()
    assert set(re.findall(r"^(?:# )?(\w+):", text, re.M)) == set(settings.Settings.model_fields)
    assert load(tmp_path, text).settings.model == "demo"


def test_every_commented_default_of_the_file_of_init_is_allowed(tmp_path: Path) -> None:
    lines = re.findall(r"^# (\w+: \S.*)$", starting_file.text(), re.M)
    wanted = [line for line in lines if line.split(":")[0] in settings.Settings.model_fields]
    assert load(tmp_path, "\n".join(wanted)).settings.scan_s == 1.0


def test_an_example_in_the_file_of_init_is_called_one() -> None:
    lines = starting_file.text().splitlines()
    for name in starting_file.COMPUTED:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"# {name}:"))
        assert lines[at - 1].startswith("# An example;")


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text("model: mine\n")
    assert not starting_file.write_new(tmp_path / "worker.yaml")
    assert (tmp_path / "worker.yaml").read_text() == "model: mine\n"


def test_a_home_that_nobody_has_is_told_with_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsInvalid, match=r"inbox: `~nobodyatall/x` has no meaning here.*ZIMAGE_WORKER_INBOX"):
        load(tmp_path, "inbox: ~nobodyatall/x\n")
    with pytest.raises(SettingsInvalid, match="model: `~nobodyatall/x`"):
        load(tmp_path, "model: ~nobodyatall/x\n")
    for name in ("HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)  # of no account
    with pytest.raises(SettingsInvalid, match=r"state_dir: `~/\.local/state` has no meaning here"):
        load(tmp_path)
    found = load(tmp_path, environment={"ZIMAGE_WORKER_STATE_DIR": "/var/lib/x"}).settings
    assert found.state_dir == Path("/var/lib/x")


def test_a_settings_file_in_gbk_is_read_and_one_with_odd_marks_is_not(tmp_path: Path) -> None:
    file = tmp_path / "worker.yaml"
    file.write_bytes("# 每晚最多的步数\nmax_steps: 30\nstate_dir: .\n".encode("gb18030"))
    assert settings.load(file=file, environment={}, flags={}).settings.max_steps == 30
    file.write_text("state_dir: .\nmax_steps：30\n", "utf-8")
    with pytest.raises(SettingsInvalid, match=r"worker.yaml:2:10: .*U\+FF1A"):
        settings.load(file=file, environment={}, flags={})
