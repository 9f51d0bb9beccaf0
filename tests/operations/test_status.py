from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.operations.status import Queue, bar, rough_duration, text
from worker.translation import printable

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
RENDERING = {
    "id": "studio-pc", "state": "rendering", "job": "mugs", "file": "MUG-01_01.png", "step": 3, "steps": 8,
    "done": 12, "total": 24, "left_pixel_steps": 12 * 1024 * 1024 * 8, "written_at": NOW.isoformat(),
}  # fmt: skip
EMPTY = Queue(waiting=(), claimed=(), failures=())


def test_a_rendering_worker_shows_its_bar_its_step_and_the_time_left() -> None:
    line = text(EMPTY, [RENDERING], {"studio-pc": 0.5}, now=NOW).splitlines()[1]
    assert "mugs [############............] 12/24" in line
    assert "MUG-01_01.png step 3/8" in line
    assert "about 50 s left" in line


def test_without_a_recorded_speed_no_time_is_promised() -> None:
    assert "left" not in text(EMPTY, [RENDERING], {}, now=NOW)


def test_a_worker_that_fell_silent_is_named_as_such() -> None:
    assert "last heard of 5 min ago" in text(EMPTY, [RENDERING], {}, now=NOW + timedelta(minutes=5))


def test_failures_point_to_the_reason() -> None:
    assert "failed:  1 (bad): see error.txt" in text(
        Queue(waiting=["a"], claimed=[], failures=["bad"]), [], {}, now=NOW
    )


def test_what_is_not_done_is_counted_with_a_line_each_and_where_the_reasons_lie() -> None:
    queue = replace(EMPTY, reasons={"a.txt": "it cannot be read", "b.txt": ""}, receipts_folder="/out/receipts")
    lines = text(queue, [], {}, now=NOW).splitlines()
    at = lines.index("not done: 2 (a.txt, b.txt): the reasons lie in /out/receipts")
    assert lines[at + 1 :] == ["  a.txt: it cannot be read"]


def test_jobs_with_warnings_are_told_with_their_number_and_where_to_read() -> None:
    queue = replace(EMPTY, warnings={"a.yaml.txt": 2, "b.yaml.txt": 1}, receipts_folder="/out/receipts")
    lines = text(queue, [], {}, now=NOW).splitlines()
    at = lines.index("with warnings: 2: they lie in /out/receipts")
    assert lines[at + 1 :] == ["  a.yaml.txt: 2 warnings", "  b.yaml.txt: 1 warning"]


def test_names_that_are_no_jobs_get_a_line_each_up_to_a_number() -> None:
    ignored = {f"{number}.docx": "a job ends in .yaml" for number in range(13)}
    lines = text(replace(EMPTY, ignored=ignored), [], {}, now=NOW).splitlines()
    at = lines.index("ignored: 13 (0.docx, 1.docx, 2.docx, 3.docx, 4.docx, ...)")
    assert lines[at + 1] == "  0.docx: a job ends in .yaml"
    assert lines[at + 11 :] == ["  and 3 more"]


def test_what_a_stranger_s_receipt_says_is_on_one_line_and_short() -> None:
    queue = replace(EMPTY, reasons={"a.txt": f"\x1b[2J{'x' * 9_000}"})
    assert "\x1b" not in text(queue, [], {}, now=NOW)
    assert max(map(len, text(queue, [], {}, now=NOW).splitlines())) < 600


@pytest.mark.parametrize("state", ["idle\nworker x", "busy", None, 3, ["idle"]])
def test_a_state_that_no_worker_writes_is_not_shown(state: object) -> None:
    assert "worker studio-pc: ?" in text(EMPTY, [{**RENDERING, "state": state}], {}, now=NOW)


@pytest.mark.parametrize(("done", "total", "filled"), [(0, 0, 0), (0, 9, 0), (9, 9, 24), (1, 2, 12)])
def test_the_bar_is_as_full_as_the_job(done: int, total: int, filled: int) -> None:
    assert bar(done, total).count("#") == filled


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (11_100, "3 h 05 min")])
def test_durations_are_as_exact_as_a_forecast_deserves(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
"""Whatever JSON can say: a share is open to other writers."""
MOMENTS = st.sampled_from(
    ["2026-11-23", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "now", NOW.isoformat()]
)
STATES = st.sampled_from(["rendering", "idle", "paused", "stopped"])


@settings(max_examples=150)
@given(worker=st.fixed_dictionaries({}, optional={
    **dict.fromkeys(["job", "file", "step", "steps", "done", "total", "left_pixel_steps", "reason", "id"], JUNK),
    "state": STATES | JUNK, "written_at": MOMENTS | JUNK,
}), speed=st.none() | st.floats(0, 1e12, exclude_min=True))  # fmt: skip
@pytest.mark.slow
def test_a_workers_record_of_any_content_is_one_line(worker: dict[str, object], speed: float | None) -> None:
    lines = text(EMPTY, [worker], {str(worker.get("id")): speed} if speed else {}, now=NOW)
    told = lines.split("\n")
    assert (len(told), [printable(line) for line in told]) == (2, told)
    assert len(lines) < 3_000


def test_a_name_forges_no_line_of_another_worker() -> None:
    forged = {**RENDERING, "job": "mugs\nworker other: idle", "file": "a\x1b[2J.png"}
    queue = Queue(waiting=["a\nfailed: 0"], claimed=["b\n"], failures=["c\u202e"])
    told = text(queue, [forged], {}, now=NOW).split("\n")
    assert len(told) == 4
    assert r"mugs\nworker other: idle" in told[1]
    assert r"a\x1b[2J.png" in told[1]
