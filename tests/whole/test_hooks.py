"""The hook after each job: told everything, in order, never in the way, never lost, by real jobs and real programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from heard_log import Told, heard_log
from house import House
from twins import PaintingRenderer
from waiting_for import wait_for

from worker.compose import hooks
from worker.errors import ExitCode
from worker.operations.hooks.marks import Mark
from worker.operations.hooks.runner import HookRunner
from worker.settings import load

NOTES = """#!/bin/sh
env | grep '^ZIMAGE_WORKER_' | sort > "{out}/$ZIMAGE_WORKER_ID.txt"
echo "$@" >> "{out}/said"
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "told").mkdir()
    return House(tmp_path)


def program(house: House, text: str = NOTES) -> Path:
    path = house.root / "hook.sh"
    path.write_text(text.replace("{out}", str(house.root / "told")))
    path.chmod(0o755)
    return path


def runner(house: House, *words: object, limit_s: float = 30.0) -> HookRunner:
    return hooks.hook_runner(house.settings(hook={"command": [str(word) for word in words], "limit_s": limit_s}))


@contextmanager
def running(house: House, one: HookRunner, *, drain: bool = True, is_stopped: bool = False) -> Iterator[Told]:
    with heard_log() as told, hooks.running(one, drain=drain, should_stop=lambda: is_stopped):
        yield told


def said(house: House) -> list[str]:
    path = house.root / "told/said"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def variables(house: House, job_id: str) -> dict[str, str]:
    lines = (house.root / f"told/{job_id}.txt").read_text("utf-8").splitlines()
    return dict(line.removeprefix("ZIMAGE_WORKER_").split("=", 1) for line in lines)


def marks(house: House) -> list[Path]:
    return [*(house.root / "state/hooks").glob("*/*.json")]


def test_it_is_told_of_each_end_with_the_path_of_what_says_all(house: House) -> None:
    house.drop("mugs.yaml", "shots:\n  - prompt: a mug\n  - prompt: a bowl\n")
    house.drop("bad.yaml", "prmpt: a mug\n")
    house.drop("红杯.yaml", "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: b}\n")
    with running(house, runner(house, program(house), "--copy", "a b")):
        assert house.drain(PaintingRenderer(refuses=["b_01.png"])) == ExitCode.JOBS_FAILED
    done, outbox, failed = said(house), house.root / "outbox", house.root / "failed"
    assert sorted(done) == sorted(
        f"--copy a b {path}"
        for path in (outbox / "mugs/manifest.json", outbox / "红杯/manifest.json", failed / "bad/error.json")
    )
    told = variables(house, str(house.manifest("红杯")["job"]))
    assert told["STATUS"] == "partial"
    assert (told["JOB"], told["PICTURES"], told["FAILED_PICTURES"]) == ("红杯", "1", "1")
    assert (told["FOLDER"], told["MANIFEST"]) == (str(outbox / "红杯"), str(outbox / "红杯/manifest.json"))
    assert marks(house) == []


def test_one_that_fails_is_told_and_the_next_is_run(house: House) -> None:
    house.drop("a.yaml", "prompt: a mug\n")
    house.drop("b.yaml", "prompt: a bowl\n")
    failing = program(house, NOTES + 'echo no room >&2\ncase "$1" in */a/*) exit 7;; esac\n')
    with running(house, runner(house, failing)) as told:
        assert house.drain() == ExitCode.DONE
    [failed] = [facts for event, facts in told if event == "hook.failed"]
    assert (failed["job"], failed["exit_code"], failed["output"]) == ("a", 7, "no room")
    assert failed["reason"] == "it ended with exit code 7"
    assert [facts["job"] for event, facts in told if event == "hook.ran"] == ["b"]
    assert house.names("outbox") == {"a", "b"}


def test_a_program_that_is_not_there_harms_no_job(house: House) -> None:
    house.drop("a.yaml", "prompt: a mug\n")
    with running(house, runner(house, house.root / "nowhere.sh")) as told:
        assert house.drain() == ExitCode.DONE
    [failed] = [facts for event, facts in told if event == "hook.failed"]
    assert "No such file" in str(failed["reason"])
    assert marks(house) == []


@pytest.mark.slow
def test_no_job_waits_for_it(house: House) -> None:
    for name in "abc":
        house.drop(f"{name}.yaml", "prompt: a mug\n")
    waits = program(house, "#!/bin/sh\nwhile [ ! -e {out}/go ]; do sleep 0.05; done\n" + NOTES.split("\n", 1)[1])
    with running(house, runner(house, waits)):
        assert house.drain() == ExitCode.DONE
        assert house.names("outbox") == {"a", "b", "c"}
        assert said(house) == []
        (house.root / "told/go").touch()
    assert [Path(path).parent.name for path in said(house)] == ["a", "b", "c"]


@pytest.mark.slow
def test_what_a_stop_kept_from_running_runs_at_the_next_start_and_once(house: House) -> None:
    for name in "ab":
        house.drop(f"{name}.yaml", "prompt: a mug\n")
    hangs = program(house, "#!/bin/sh\ntouch {out}/begun\nexec sleep 600\n")
    with running(house, runner(house, hangs), drain=False) as told:
        house.drain()
        wait_for((house.root / "told/begun").exists, 10)
    assert [event for event, _ in told if event.startswith("hook.")] == []
    assert len(marks(house)) == 2
    program(house)
    with running(house, runner(house, house.root / "hook.sh")):
        pass
    assert [Path(path).parent.name for path in said(house)] == ["a", "b"]
    with running(house, runner(house, house.root / "hook.sh")):
        pass
    assert len(said(house)) == 2


def test_a_job_whose_worker_was_killed_at_its_very_end_is_found_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("mugs.yaml", "prompt: a mug\n")
    with monkeypatch.context() as patch, running(house, runner(house, program(house))):
        patch.setattr("worker.operations.hooks.runner.ENDS", ())  # it does not come to that any more
        house.drain()
    assert (said(house), len(marks(house))) == ([], 1)
    with running(house, runner(house, program(house))):
        pass
    assert {Path(path).parent.name for path in said(house)} == {"mugs"}
    assert marks(house) == []


def test_a_job_that_had_appeared_when_the_share_failed_has_its_hook(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is told then but that its claim is done."""
    house.drop("mugs.yaml", "prompt: a mug\n")
    with running(house, runner(house, program(house))):
        with monkeypatch.context() as patch:
            patch.setattr("worker.operations.hooks.runner.ENDS", ())
            house.drain()
        job_id = str(house.manifest("mugs")["job"])
        structlog.get_logger().info("job.appeared", job="mugs", id=job_id, status="complete")
        structlog.get_logger().info("job.appeared", job="other", id="0" * 32, status="complete")
    assert [Path(path).parent.name for path in said(house)] == ["mugs"]
    assert variables(house, job_id)["STATUS"] == "complete"
    assert marks(house) == []


def test_what_another_worker_finished_is_not_its_matter(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a mug\n")
    house.drain(worker_id="w2")
    one = runner(house, program(house))
    one._marks.set(Mark(id=str(house.manifest("mugs")["job"]), job="mugs"))
    with running(house, one):
        pass
    assert said(house) == []
    assert marks(house) == []


def test_a_folder_that_has_gone_is_told_and_not_tried_for_ever(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a mug\n")
    one = runner(house, program(house))
    with running(house, one, drain=False) as told:
        one._folders = {"outbox": house.root / "elsewhere", "failed": house.root / "failed"}
        house.drain()
        wait_for(lambda: [event for event, _ in told if event == "hook.failed"], 10)
    [failed] = [facts for event, facts in told if event == "hook.failed"]
    assert "is not there any more" in str(failed["reason"])
    assert marks(house) == []


def test_a_folder_that_this_account_may_not_see_keeps_no_other_hook_from_running(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.lstat

    def lstat(path: Path, **named: int) -> os.stat_result:
        if str(path).endswith(("outbox/mugs/manifest.json", "outbox/mugs/error.json")):
            raise PermissionError(13, "Permission denied")
        return real(path, **named)

    one = runner(house, program(house))
    for name in ("mugs", "vases"):
        house.drop(f"{name}.yaml", "prompt: x\n")
    monkeypatch.setattr(os, "lstat", lstat)
    with running(house, one) as told:
        house.drain()
    assert [facts["folder"] for event, facts in told if event == "hook.failed"] == ["mugs"]
    assert [facts["folder"] for event, facts in told if event == "hook.ran"] == ["vases"]


def test_a_share_that_is_away_loses_no_hook(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.operations.hooks.runner.AGAIN_S", 0.05)
    house.drop("mugs.yaml", "prompt: a mug\n")
    asked: list[None] = []

    def require() -> None:
        asked.append(None)
        if 2 <= len(asked) <= 4:
            raise OSError(19, "nothing is mounted")

    one = runner(house, program(house))
    one._require = require
    with running(house, one) as told:
        house.drain()
    assert len(said(house)) == 1
    assert "hook.failed" not in {event for event, _ in told}
    assert len(asked) >= 5


def test_a_drain_ends_although_the_share_stays_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "RESTS_S", 0.1)
    house.drop("mugs.yaml", "prompt: a mug\n")
    one = runner(house, program(house))
    with running(house, one):
        house.drain()

        def away() -> None:
            raise OSError(19, "nothing is mounted")

        one._require = away
    assert len(marks(house)) + len(said(house)) == 1


def test_a_full_disk_under_the_marks_loses_no_hook_while_the_worker_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("mugs.yaml", "prompt: a mug\n")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("worker.operations.hooks.marks.write_json", full)
    with running(house, runner(house, program(house))) as told:
        assert house.drain() == ExitCode.DONE
    assert len(said(house)) == 1
    assert "hook.not_marked" in {event for event, _ in told}


def test_this_program_may_be_started_by_a_hook(house: House, tmp_path: Path) -> None:
    """The variables of a hook are no settings, whose unknown names are errors."""
    house.drop("mugs.yaml", "prompt: a mug\n")
    with running(house, runner(house, program(house))):
        house.drain()
    told = variables(house, str(house.manifest("mugs")["job"]))
    assert set(told) >= {"JOB", "ID", "FOLDER", "MANIFEST", "STATUS", "PICTURES", "FAILED_PICTURES"}
    environment = {f"ZIMAGE_WORKER_{name}": value for name, value in told.items()}
    (tmp_path / "worker.yaml").write_text("model: demo\n")
    assert load(file=tmp_path / "worker.yaml", environment=environment, flags={}).settings.model == "demo"


def test_it_does_not_speak_to_the_service_manager_for_the_worker(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "NOTIFY_SOCKET", "@nowhere")
    house.drop("mugs.yaml", "prompt: a mug\n")
    with running(house, runner(house, program(house, "#!/bin/sh\nenv > {out}/said\n"))):
        house.drain()
    assert not [line for line in said(house) if line.startswith("NOTIFY_SOCKET")]


def test_a_proof_is_no_end_of_a_job_whether_or_not_the_worker_is_started_again(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 3\n")
    for _ in range(2):
        with running(house, runner(house, program(house))):
            house.drain()
        assert (said(house), marks(house)) == ([], [])
    house.drop("mugs.approve", "")
    with running(house, runner(house, program(house))):
        house.drain()
    assert said(house) == [str(house.root / "outbox/mugs/manifest.json")]
    assert marks(house) == []


def test_a_worker_that_was_killed_as_a_proof_appeared_runs_no_hook_for_it(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 3\n")
    house.drain()
    one = runner(house, program(house))
    one._marks.set(Mark(id=str(house.manifest("mugs.proof")["job"]), job="mugs"))
    with running(house, one):
        house.drain()
    assert said(house) == []
