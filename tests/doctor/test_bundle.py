"""Doctor's bundle tells what helps, and nobody's names."""

from __future__ import annotations

import base64
import getpass
import json
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import call, call_here

from worker.doctor.bundle import bundle
from worker.doctor.check import Machine
from worker.doctor.checks import CHECKS
from worker.doctor.log_lines import reduced
from worker.doctor.masking import Masks
from worker.errors import ExitCode
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob, WorkerLine
from worker.translation import gettext, joined, ngettext

PLANTED = [
    "Zwetschgenmus", "琥珀色茶壶", "hunter2secret", "annaschmidt", "4711999", "6901234567892", "KundeMüller",
    "хранилище", "studioanna-pc", "geheimprompt", "spaltename", "24.1187",
]  # fmt: skip
WHEN = "2026-11-28T03:00:00+00:00"


def files_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def spellings(word: str) -> set[bytes]:
    """A word's bytes in every encoding in which a file could hold it, small letters throughout."""
    plain = {word, word.lower(), json.dumps(word)[1:-1], quote(word), word.encode("unicode_escape").decode()}
    found = {text.encode(name, "ignore") for text in plain for name in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    found.add(base64.b64encode(word.encode()).rstrip(b"="))
    return {one.lower() for one in found if len(one) > 3}


def leaks(files: Mapping[str, bytes], words: list[str]) -> list[tuple[str, str]]:
    told = {**files, "names of the files": " ".join(files).encode()}
    sought = [(word, spelt) for word in words for spelt in spellings(word)]
    return [(name, word) for name, data in told.items() for word, spelt in sought if spelt in data.lower()]


def test_the_search_for_words_finds_them() -> None:
    for word in PLANTED:
        for data in (word.encode(), json.dumps(word).encode(), word.encode("utf-16-le"), quote(word).encode()):
            assert leaks({"a.txt": b"..." + data}, [word])


def planted_overview() -> Overview:
    a, b, c, d, e, f, *_ = PLANTED
    return Overview(
        as_of=WHEN,
        workers=[
            WorkerLine(id=a, host=b, state="dead", reason=c, heard_at=WHEN, version=d, job=e, since=f),
            WorkerLine(id=e, host=f, state="paused", reason=a, heard_at=b),
        ],
        running=[RunningJob(name=a, worker=b, folder=c, pictures=4, made=2, failed=1, dropped_by=d)],
        waiting=[
            *(WaitingJob(name=f"{word}.yaml", state="waiting", dropped_by=word, receipt=word) for word in PLANTED),
            WaitingJob(name=a, state="held", reason=b),
        ],
        ignored=[(word, gettext("`{name}` is no job", name=word)) for word in PLANTED],
        ended=[
            EndedJob(name=word, is_in_outbox=True, state="partial", ended_at=WHEN, pictures=3, made=2, failed=1,
                     reason=word, dropped_by=word, title=word)
            for word in PLANTED
        ],
        paused_by="PAUSE",
        paused_since=PLANTED[0],
    )  # fmt: skip


@pytest.mark.slow
def test_no_name_of_anybody_is_in_any_file_in_any_encoding(machine: Callable[..., Machine], tmp_path: Path) -> None:
    folder = tmp_path / PLANTED[3] / PLANTED[7]
    folder.mkdir(parents=True)
    log = tmp_path / "log"
    log.write_text(
        "".join(
            json.dumps({"event": "job.claimed", "level": "info", "timestamp": WHEN, "job": word, word: 3, "count": 2,
                        "exception": f'  File "/home/{word}/worker/cli.py", line 3, in {word}\nValueError: {word}'})
            + f"\n2026-11-28 03:00:00 [info     ] job.claimed      job={word} count=2 {word}=4\n{word}\n"
            for word in PLANTED
        )
    )  # fmt: skip
    text = "steps: 999\n" + "".join(f"{word}: {word}\n" for word in PLANTED)
    for word in PLANTED:
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / f"inbox/{word}.yaml").write_text(f"{text}prompt: {' '.join(PLANTED)} {{{word}}}\n")
    places = {name: str(folder / name) for name in ("state_dir", "models_dir")}
    here = machine(
        flags={"worker_id": PLANTED[3], **places},
        look=planted_overview,
        outcomes=lambda _: {"black": 3},
    )
    findings = [finding for check in CHECKS for finding in check(here)]
    assert any(word in str(finding) for finding in findings for word in PLANTED), "they are there to be found"
    files = files_in(bundle(here, findings, log=log))
    assert leaks(files, [*PLANTED, tmp_path.name, *tmp_path.parent.parts[2:]]) == []
    assert json.loads(files["jobs.json"])["tries"] == {"black": 3}
    assert len(files["log.txt"].splitlines()) == 2 * len(PLANTED)


@pytest.mark.slow
def test_the_command_writes_what_helps_and_none_of_the_names_on_this_machine(tmp_path: Path) -> None:
    home = tmp_path / "annaschmidt"
    assert call("init", home, cwd=tmp_path).returncode == ExitCode.DONE
    folder = home / "inbox/KundeMüller"
    folder.mkdir()
    (folder / "products.csv").write_text("sku,spaltename,subject\n4711999,琥珀色茶壶,Zwetschgenmus\n")
    (folder / "job.yaml").write_text("products: products.csv\nprompt: geheimprompt {subject} {spaltename} --ar 1:1\n")
    (home / "inbox/hunter2secret.yaml").write_text("promt: geheimprompt\n")
    (home / "inbox/PAUSE").write_text("")
    done = call("doctor", "-c", home / "worker.yaml", "--bundle", "help.zip", cwd=tmp_path)
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
    assert "hunter2secret" in done.stdout
    files = files_in((tmp_path / "help.zip").read_bytes())
    user = [getpass.getuser()] if len(getpass.getuser()) > 4 else []
    assert leaks(files, [*PLANTED, tmp_path.name, *user]) == []
    jobs = json.loads(files["jobs.json"])
    assert (jobs["read"]["jobs"], jobs["read"]["pictures"], jobs["read"]["invalid"]) == (1, 1, 1)
    assert (jobs["rules"], jobs["is_paused"]) == ({"prompt.option": 1}, True) or "prompt" in str(jobs["rules"])
    assert json.loads(files["versions.json"])["pydantic"]
    assert json.loads(files["settings.json"])["max_shots"] == 10_000
    assert json.loads(files["file-systems.json"])["inbox"]["kind"]
    assert json.loads(files["card.json"])["host"]["total_mib"] > 0
    assert b"lies in the inbox since" in files["doctor.txt"]
    assert b"This machine is ready, but as it stands nothing is made tonight." in files["doctor.txt"]


def test_a_bundle_replaces_no_file(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text("model: demo\n")
    done = call_here("doctor", "--bundle", "worker.yaml", cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "is there already" in done.stdout + done.stderr
    assert (tmp_path / "worker.yaml").read_text() == "model: demo\n"
    done = call_here("doctor", "--bundle", "help.zip", "--log", "none.log", cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "none.log: cannot be read" in done.stdout + done.stderr


def test_a_text_keeps_its_words_and_figures_and_a_name_its_number() -> None:
    masks = Masks()
    inner = ngettext("{count} picture of {job}", "{count} pictures of {job}", 3, job="mug")
    text = gettext("{what}: {size} GiB for {job} in {path}", what=inner, size="1.5", job="mug", path="/mnt/nas/inbox")
    assert masks.said(text) == "3 pictures of <1>: 1.5 GiB for <1> in /mnt/<2>/inbox"
    assert masks.said("mug") == "<1>"
    assert masks.said(joined([text, "vase"], "; ")).endswith("; <3>")
    assert masks.value(PurePosixPath("/srv/mug/outbox")) == "/srv/<1>/outbox"


@pytest.mark.parametrize("figure", ["4711", "6901234567890", "24.11", "2026-11-28 10:00", "1.2.3"])
def test_a_product_that_is_called_like_a_figure_is_a_name(figure: str) -> None:
    assert Masks().said(gettext("`{name}`: {why}", name=figure, why=figure)) == "`<1>`: <1>"
    assert Masks().value(figure) == "<1>"


@given(st.text())
def test_any_word_is_a_number_whatever_it_holds(word: str) -> None:
    said = str(Masks().value(f"x{word}"))
    assert said == "<1>"


@pytest.mark.slow
@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_line_of_a_log_is_reduced_or_left_out(line: str) -> None:
    assert reduced(line) is None


def test_a_line_of_the_log_keeps_its_event_and_figures() -> None:
    line = {"event": "picture.failed", "level": "warning", "timestamp": WHEN, "seconds": 2.5, "job": "mug", "ok": False}
    assert json.loads(str(reduced(json.dumps(line)))) == {
        "when": WHEN, "level": "warning", "event": "picture.failed", "seconds": 2.5, "ok": False,
    }  # fmt: skip
    console = "2026-11-28 03:00:00 [warning  ] picture.failed     job=mug seconds=2.5 ok=False why='7=8 mugs'"
    assert json.loads(str(reduced(console)))["seconds"] == "2.5"
    assert "mug" not in str(reduced(console))


def test_a_log_without_a_zip_to_go_into_is_told(tmp_path: Path) -> None:
    done = call_here("doctor", "--log", "worker.log", cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "--bundle" in done.stderr
