"""No name on a share can steer a terminal, forge a line of the log, or end it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Literal

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.operations import events
from worker.translation import printable

EVIL = "mug\x1b]0;owned\x07\n22:00:00 [info] job.published name=forged\u202egnp.exe\x9b31m\udcff"
SPELT = r"mug\x1b]0;owned\x07\n22:00:00 [info] job.published name=forged\u202egnp.exe\x9b31m\xff"
Format = Literal["console", "json"]


@pytest.fixture(autouse=True)
def former_log():
    yield
    structlog.reset_defaults()


def logged(log_format: Format, stream: StringIO | TextIOWrapper, **facts: object) -> None:
    events.configure(log_format, stream)
    structlog.get_logger().info("file.ignored", **facts)


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_an_event_is_one_line_whatever_the_names_in_it(log_format: Format) -> None:
    stream = StringIO()
    logged(log_format, stream, file=EVIL, files=[EVIL], by={EVIL: EVIL}, path=Path(EVIL))
    (line,) = stream.getvalue().removesuffix("\n").split("\n")
    assert printable(line) == line


def test_a_program_reads_the_name_as_people_do() -> None:
    stream = StringIO()
    logged("json", stream, file=EVIL, count=3, ok=True, nothing=None)
    told = json.loads(stream.getvalue())
    assert (told["file"], told["count"], told["ok"], told["nothing"]) == (SPELT, 3, True, None)


@settings(max_examples=50)
@given(file=st.text(st.characters(codec=None)))
def test_no_name_at_all_breaks_a_line(file: str) -> None:
    for log_format in ("console", "json"):
        stream = StringIO()
        logged(log_format, stream, file=file)  # type: ignore[arg-type]
        assert len(stream.getvalue().splitlines()) == 1
        stream.getvalue().encode()


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252"])
def test_what_the_logs_encoding_cannot_say_is_spelt_out(encoding: str) -> None:
    kept = BytesIO()
    stream = TextIOWrapper(kept, encoding=encoding, errors="strict", write_through=True)
    logged("json", stream, file="马克杯 😀 é")
    assert b"file.ignored" in kept.getvalue()


def test_a_traceback_keeps_its_lines_and_nothing_else() -> None:
    stream = StringIO()
    events.configure("json", stream)
    try:
        raise ValueError("a\x1bb")  # noqa: EM101, TRY301, TRY003, RUF100
    except ValueError:
        structlog.get_logger().exception("worker.failed")
    told = json.loads(stream.getvalue())["exception"]
    assert told.splitlines()[-1] == r"ValueError: a\x1bb"
    assert os.path.basename(__file__) in told  # noqa: PTH119


def test_whoever_listens_hears_every_event_in_every_form_of_the_log_and_no_longer() -> None:
    heard: list[tuple[str, Mapping[str, object]]] = []
    with events.heard_by(lambda name, facts: heard.append((name, facts))):
        for log_format in ("console", "json"):
            logged(log_format, StringIO(), file="mug.yaml")
        events.configure("json", StringIO(), show=lambda _logger, _method, _event: "shown elsewhere")
        structlog.get_logger().warning("file.ignored", file="mug.yaml")
    logged("json", StringIO(), file="mug.yaml")
    levels = ("info", "info", "warning")
    assert heard == [("file.ignored", {"file": "mug.yaml", "level": level}) for level in levels]
