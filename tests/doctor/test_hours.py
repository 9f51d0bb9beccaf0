"""Doctor, where the worker has hours: what fits into the next ones, and who rests until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from night_house import zone

from worker.doctor.check import Finding, Machine
from worker.doctor.checks import time, workers
from worker.overview_records import Overview, WaitingJob, WorkerLine
from worker.settings import load
from worker.window_outlook import WindowOutlook

Make = Callable[..., Machine]
SEEN = Overview(as_of="2026-11-28T18:00:00+00:00", waiting=[WaitingJob(name="mug.yaml", state="waiting")])


@pytest.fixture(autouse=True)
def greenwich() -> Iterator[None]:
    with zone("UTC"):
        yield


def told(machine: Make, folder: Path, *, hours: str, seconds: float | None, count: int = 100) -> Finding:
    settings = load(
        file=None, environment={"ZIMAGE_WORKER_HOURS": hours},
        flags={"model": "demo", **{name: str(folder / name) for name in ("inbox", "outbox", "failed")}},
    ).settings  # fmt: skip
    (folder / "inbox").mkdir(exist_ok=True)
    (folder / "inbox/mug.yaml").write_text(f"prompt: a mug\ncount: {count}\n")
    (found,) = time.check(machine(look=lambda: SEEN, settings=settings, forecast_s=lambda _: seconds))
    return found


def test_what_fits_into_the_next_hours_is_told_and_what_does_not_is_a_warning(machine: Make, tmp_path: Path) -> None:
    found = told(machine, tmp_path, hours="22:00-07:00", seconds=18 * 3600.0)
    assert (found.mark, found.text) == (
        "warn",
        "about 18 h 00 min of work for all pictures that wait, in hours from 2026-11-28 22:00 until 2026-11-29 07:00."
        " 50 of 100 pictures by 2026-11-29 07:00, the rest from 2026-11-29 22:00 on.",
    )
    found = told(machine, tmp_path, hours="22:00-07:00", seconds=3600.0)
    assert found.mark == "ok"
    assert "All 100 pictures that wait are made by 2026-11-29 07:00." in found.text


def test_of_hours_that_are_on_only_what_is_left_counts(machine: Make, tmp_path: Path) -> None:
    found = told(machine, tmp_path, hours="17:00-19:00", seconds=7200.0)
    assert "50 of 100 pictures by 2026-11-28 19:00" in found.text
    assert "is not known" in told(machine, tmp_path, hours="17:00-19:00", seconds=None).text


def test_a_worker_that_rests_until_its_hours_is_no_trouble(machine: Make) -> None:
    night = WindowOutlook(
        is_on=False, begins_at="2026-11-28T22:00:00+00:00", ends_at="2026-11-29T07:00:00+00:00",
        then_at="2026-11-29T22:00:00+00:00", pictures=3, fit=3,
    )  # fmt: skip
    for hours, mark in ((night, "ok"), (None, "warn")):
        line = WorkerLine(id="w1", host="pc", state="paused", reason="it may not render at this hour", hours=hours)
        (found,) = workers.check(machine(look=lambda line=line: Overview(as_of=SEEN.as_of, workers=[line])))
        assert (found.mark, found.text) == (mark, "`w1` waits: it may not render at this hour")
