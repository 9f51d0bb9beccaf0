"""Where a job stands that somebody waits for: its place in line, who works on it, and how that fits on a line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_terminal import small_terminal

from worker.commands.waited_jobs import WaitedJob, progress, waiting_line, whereabouts
from worker.commands.waiting import Shown
from worker.line_width import columns
from worker.overview_records import Overview, RunningJob, WaitingJob


def test_a_place_in_line_is_said_once_and_its_reason_where_it_waits_for_one() -> None:
    job = WaitedJob(name="mugs.yaml", shown="mugs", pictures=2)

    def told(**facts: object) -> str:
        waiting = WaitingJob(**{"name": "mugs.yaml", "state": "waiting", **facts})  # type: ignore[arg-type]
        return str(whereabouts(job, Overview(as_of="", waiting=[waiting])))

    assert told(position=3, starts_in_s=300.0) == "mugs waits, number 3 in line, begins in about 5 min"
    assert told(position=3) == "mugs waits, number 3 in line"
    assert told(state="held", reason="Anna has 900 pictures waiting") == "mugs waits: Anna has 900 pictures waiting"
    assert told(state="resting", reason="no room") == "mugs waits: no room"
    assert whereabouts(job, Overview(as_of="")) is None


def test_a_job_that_waits_is_not_told_as_the_other_one_of_its_name_that_is_in_work() -> None:
    job = WaitedJob(name="two.yaml", shown="mugs", pictures=6)
    other = RunningJob(name="mugs", worker="w1", folder="", pictures=6, made=4, failed=0)
    waits = WaitingJob(name="two.yaml", state="waiting", position=2)
    looked = Overview(as_of="2026-11-28T03:14:00+00:00", running=(other,), waiting=(waits,))
    assert str(whereabouts(job, looked)) == "mugs waits, number 2 in line"
    assert progress([job], {}, looked) == (0, 6)
    assert str(whereabouts(job, replace(looked, waiting=()))) == "mugs: in work by w1"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_when_a_job_begins_has_room_on_the_line(width: int) -> None:
    waiting = WaitingJob(name="mugs.yaml", state="waiting", position=3, starts_in_s=300.0)
    jobs = [WaitedJob(name="mugs.yaml", shown="mugs", pictures=2)]
    with small_terminal(width) as screen:
        shown = Shown(screen.stream, environment={"TERM": "xterm"})
        seen = Overview(as_of="", waiting=[waiting])
        parts = waiting_line(jobs, seen, done=0, total=2, hindrance=None, characters=shown.bar_characters)
        shown.draw(parts)
        (row,) = screen.rows()
        assert columns(row) < width
        assert "mugs waits, number 3 in line" in row
        assert ("begins in about 5 min" in row) == (width >= 80)
