"""Hundreds of jobs that wait, hundreds that are done: a job costs the share what it costs among a few."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House
from twins import PaintingRenderer

JOBS = 5
"""Of which the calls are counted."""


def a_job_s_calls(root: Path, *, waiting: int) -> Counter[str]:
    """By kind, of some jobs among so many that wait, with as many in outbox and failed; listings of these apart."""
    house = House(root)
    for number in range(waiting):
        house.drop(f"job-{number:03}.yaml", f"prompt: mug {number}\n")
        for folder in (house.folders.outbox, house.folders.failed):
            (folder / f"done-{number:03}").mkdir()
    made, calls = Counter[str](), Counter[str]()

    def count(call: str, path: str) -> None:
        if made["pictures"] and path.startswith(str(root)) and not path.startswith(str(root / "state")):
            is_root = call in ("listdir", "scandir") and Path(path).parent == root
            calls[f"{call} {Path(path).name}" if is_root else call] += 1

    def after(_) -> None:
        made["pictures"] += 1
        if made["pictures"] > JOBS:
            house.stop()

    with FailingCalls(count).installed():
        house.drain(PaintingRenderer(after=after), drain=False)
    assert len(house.names("outbox")) == waiting + JOBS + 1
    return calls


@pytest.mark.slow
def test_a_job_s_calls_do_not_grow_with_the_queue_and_a_long_folder_is_listed_once(tmp_path: Path) -> None:
    few, many = (a_job_s_calls(tmp_path / str(waiting), waiting=waiting) for waiting in (20, 200))
    assert sum(many.values()) <= sum(few.values()) * 1.05
    assert many["listdir failed"] + many["scandir failed"] == 0
    assert many["listdir outbox"] + many["scandir outbox"] <= JOBS + 1, "for the name under which a job appears"
    inbox = many["listdir inbox"] + many["scandir inbox"]
    assert inbox <= 2 * (JOBS + 1) + 1, "for what waits, and for PAUSE"
