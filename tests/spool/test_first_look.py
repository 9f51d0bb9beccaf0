"""What only a person can mend is told at the first look, so that a drain of nothing else says something."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from worker.disk.mount_tables import MountTables
from worker.disk.owners import Owners
from worker.spool.listing import InboxNames
from worker.spool.scan import Scanner


@pytest.mark.parametrize("name", ["spring.csv", "mug.docx", "mug.yaml.txt"])
def test_a_clock_that_goes_on_during_a_look_keeps_nothing_untold(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("sku,subject\nA,mug\n")
    seconds = itertools.count(step=0.001)

    def clock() -> float:
        return next(seconds)

    scanner = Scanner(
        InboxNames(tmp_path, clock=clock), owners=Owners(tmp_path, MountTables()), settle_s=2.0, clock=clock
    )
    assert scanner.scan() == ()
    assert [*scanner.passed_over()] == [name]


def test_jobs_to_come_are_counted_without_what_is_claimed_or_no_job(yard) -> None:
    spool = yard.worker()
    assert spool.inbox.queued() == 0
    for name in ("a.yaml", "b.yaml"):
        yard.drop(name)
    yard.drop("mug.yaml.txt")
    spool.inbox.scan()
    yard.now_s += 100.0
    spool.inbox.scan()
    assert spool.inbox.queued() == 2, "one that has not settled counts too"
    yard.claimed(spool, "a.yaml")
    assert spool.inbox.queued() == 1
