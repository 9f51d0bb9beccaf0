"""The live line: never wider than the terminal, the most important first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.line_width import most_columns
from worker.operations.live_line import View, live_line
from worker.translation import gettext

NAMES = ["mugs", "红色陶瓷马克杯秋季新品目录二〇二六年", "über-Straße-Čeština-Кружка", "😀" * 30, "a\x1b[2Jb\nc"]


def rendering(job: str = "mugs", **values: object) -> View:
    facts = {"done": 3, "total": 8, "step": 5, "steps": 8, "left_s": 47.0, "queue": 4, **values}
    return View(state="rendering", job=job, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("job", NAMES)
@pytest.mark.parametrize("width", [0, 1, 2, 5, 10, 19, 20, 39, 40, 79, 80, 119, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int, job: str, language) -> None:
    reason = gettext("PAUSE lies in the inbox: remove it to go on")
    views = [
        rendering(job), rendering(job, left_s=None, queue=0), rendering(job, done=12_345, total=20_000),
        View(state="paused", words=reason), View(state="starting", words=job), View(state="idle"),
        View(state="idle", queue=3), View(state="stopped"), View(),
    ]  # fmt: skip
    for view in views:
        line = live_line(view, width=width, inbox=f"/mnt/{job}/inbox", language=language)
        assert most_columns(line) <= width
        assert "\n" not in line


@settings(max_examples=200)
@given(
    st.text(max_size=60), st.integers(-1, 220), st.integers(0, 30_000), st.integers(0, 30_000), st.floats(0, 1e7),
    st.integers(0, 20_000),
)  # fmt: skip
def test_nor_for_any_name_or_number(job: str, width: int, done: int, total: int, left_s: float, queue: int) -> None:
    line = live_line(rendering(job, done=done, total=total, left_s=left_s, queue=queue), width=width)
    assert most_columns(line) <= max(width, 0)


def test_what_matters_most_stays_longest() -> None:
    def at(width: int) -> str:
        return live_line(rendering(), width=width)

    assert at(120) == "mugs  [#########...............]  3/8  step 5/8  about 47 s left  4 jobs wait"
    assert at(70) == "mugs  [###.......]  3/8  step 5/8  about 47 s left  4 jobs wait"
    assert at(45) == "mugs  [###.......]  3/8  about 47 s left"
    assert at(25) == "mugs  [###.......]  3/8"
    assert at(12) == "mugs  3/8"
    assert at(4) == "3/8"


def test_a_long_name_leaves_room_for_the_numbers() -> None:
    line = live_line(rendering("红色陶瓷马克杯秋季新品目录二〇二六年"), width=40)
    assert line.startswith("红色陶瓷马...") or line.startswith("红色陶瓷...")
    assert "3/8" in line


def test_what_a_worker_waits_for_is_said() -> None:
    assert live_line(View(state="idle"), width=80, inbox="/in") == "Waiting for jobs in /in"
    assert live_line(View(state="idle", queue=1), width=80, inbox="/in") == "1 job waits in /in"
    assert live_line(View(state="paused", words="no room"), width=80) == "Paused: no room"
    assert live_line(View(state="starting", words="Loading", for_s=12.4), width=80) == "Loading 12 s"
    assert live_line(View(state="stopped"), width=80) == ""


def test_where_there_is_no_room_for_a_bar_the_time_left_stays() -> None:
    assert live_line(rendering(), width=39) == "mugs  3/8  about 47 s left"
