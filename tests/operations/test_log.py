"""The log: nothing that happens to its stream ends a worker, and what was lost is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import FileIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
import structlog
from program import ENVIRONMENT, ROOT

from worker.operations import events
from worker.streams import ROOM_S, LossyStream
from worker.translation import gettext

log = structlog.get_logger()


@pytest.fixture(autouse=True)
def configured_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIOWrapper]]:
    """What a reader has, and what a writer writes to; the writer does not wait."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        yield reader, stream
    os.close(reader)


def test_sentences_are_in_the_readers_language_on_a_terminal_and_names_are_not() -> None:
    told = {"reason": gettext("it cannot be read"), "job": "mugs"}
    lines = {}
    for log_format in ("console", "json"):
        out = StringIO()
        events.configure(log_format, out, language="zh")  # type: ignore[arg-type]
        log.warning("job.unread", **told)
        lines[log_format] = out.getvalue()
    assert "job.unread" in lines["console"]
    assert "reason=读不了" in lines["console"]
    assert json.loads(lines["json"])["reason"] == "it cannot be read"


def stuffed(stream: TextIOWrapper) -> None:
    """Nothing fits into the pipe any more."""
    try:
        while os.write(stream.fileno(), b"x"):
            pass
    except BlockingIOError:
        return


def said(reader: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in os.read(reader, 1 << 20).decode().lstrip("x").splitlines()]


@pytest.mark.parametrize("target", ["nobody reads", "full disk", "none", "closed", "closed number"])
def test_a_stream_that_takes_nothing_loses_lines_and_raises_nothing(target: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as unread, Path("/dev/full").open("w", encoding="utf-8") as full:
        closed, named = StringIO(), os.dup(writer)
        gone = TextIOWrapper(FileIO(named, "w", closefd=False), encoding="utf-8")
        streams = {"nobody reads": unread, "full disk": full, "none": None, "closed": closed, "closed number": gone}
        lossy = LossyStream(streams[target])
        closed.close()
        os.close(named)
        events.configure("auto", lossy)
        for _ in range(3):
            log.info("job.claimed", job="mugs")
        assert lossy.lost == (0 if target == "none" else 3)
        assert not lossy.isatty()
        lossy.flush()


@pytest.mark.slow
def test_lines_that_were_lost_are_counted_and_told_once_lines_are_taken_again(pipe) -> None:
    reader, stream = pipe
    events.configure("json", stream)
    log.info("job.claimed", job="first")
    assert [line["job"] for line in said(reader)] == ["first"]
    stuffed(stream)
    for _ in range(4):
        log.info("job.claimed", job="lost")
    assert said(reader) == []
    log.info("job.claimed", job="heard")
    log.info("job.claimed", job="heard")
    dropped, *others = said(reader)
    assert (dropped["event"], dropped["lines"], dropped["level"]) == ("log.dropped", 4, "warning")
    assert [line["job"] for line in others] == ["heard", "heard"]


@pytest.mark.slow
def test_a_line_that_was_cut_does_not_spoil_the_next(pipe) -> None:
    reader, stream = pipe
    lossy = LossyStream(stream)
    lossy.write("x" * 1_000_000 + "\n")
    assert lossy.lost == 1
    os.read(reader, 1 << 20)
    lossy.write("whole\n")
    assert os.read(reader, 100) == b"\nwhole\n"


@pytest.mark.slow
def test_a_reader_that_reads_no_more_keeps_nobody(pipe) -> None:
    """`run 2>&1 | less`: the pipe is full, and stays open."""
    reader, stream = pipe
    stuffed(stream)
    os.set_blocking(stream.fileno(), True)
    lossy, begun_s = LossyStream(stream), time.monotonic()
    for _ in range(1_000):
        lossy.write("line\n")
    assert lossy.lost == 1_000
    assert time.monotonic() - begun_s < ROOM_S + 0.9
    os.read(reader, 1 << 20)
    lossy.write("x" * 40_000 + "\n")  # in pieces, each of which fits
    assert os.read(reader, 1 << 20).endswith(b"x\n")


def test_a_name_that_the_encoding_lacks_is_written_by_its_number(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="gbk") as stream:
        events.configure("json", stream)
        log.info("job.claimed", job="Ƀecher 马克杯 \udcff")
    assert (
        json.loads((tmp_path / "log").read_bytes().decode("gbk").replace("\\", "/"))["job"]
        == "/u0243echer 马克杯 //xff"
    )


def run(arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Through a shell, which can close streams."""
    command = f"{sys.executable} -m worker.cli {arguments}"
    return subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("redirection", ["2>&-", "<&- >&- 2>&-", "2>/dev/full", "2> >(:)"])
def test_a_worker_without_a_log_works_and_ends_as_usual(tmp_path: Path, redirection: str) -> None:
    """On an empty inbox it says one line and is done: without torch."""
    run("init .", tmp_path)
    done = run(f"run --drain {redirection}", tmp_path)
    assert done.returncode == 0
    assert not done.stderr
    (tmp_path / "inbox/bad.yaml").write_text("prompt: [\n")
    assert run(f"check inbox/bad.yaml {redirection}", tmp_path).returncode == 20


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["schema job", "--help"])
def test_output_that_nobody_takes_ends_a_command_quietly_and_a_full_disk_is_told(
    tmp_path: Path, arguments: str
) -> None:
    unread, full = run(f"{arguments} > >(:)", tmp_path), run(f"{arguments} > /dev/full", tmp_path)
    assert (unread.returncode, unread.stderr) == (0, "")
    assert full.returncode == 1
    assert full.stderr == "zimage-worker: standard output cannot be written: No space left on device.\n"


@pytest.mark.slow
def test_a_worker_s_exit_code_tells_of_its_work_and_that_of_a_command_whose_point_is_its_output_of_that(
    tmp_path: Path,
) -> None:
    run("init .", tmp_path)
    assert run("run --drain > /dev/full 2>&1", tmp_path).returncode == 0
    (tmp_path / "mug.yaml").write_text("prompt: a mug\n")
    for command in ("status", "check mug.yaml", "plan mug.yaml", "submit mug.yaml"):
        assert run(f"{command} > /dev/full 2>&1", tmp_path).returncode == 1, command


@pytest.mark.slow
def test_names_are_utf8_in_every_locale(tmp_path: Path) -> None:
    done = subprocess.run(
        ["localedef", "-i", "zh_CN", "-f", "GBK", tmp_path / "zh_CN.GBK"], capture_output=True, check=False
    )
    if not (tmp_path / "zh_CN.GBK/LC_CTYPE").exists():
        pytest.skip(f"no such locale here: {done.stderr!r}")
    environment = {**ENVIRONMENT, "LOCPATH": str(tmp_path), "LC_ALL": "zh_CN.GBK"}
    name = "mug Ƀ 马克杯"
    (tmp_path / f"{name}.yaml").write_text("prompt: a mug\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "plan", f"{name}.yaml".encode()],
        cwd=tmp_path, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "mug \\u0243 马克杯" in done.stdout.decode("gbk")
    assert ROOT  # the program is this one
