"""Claiming: a job becomes one worker's by one rename, and work on it is counted."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.spool.settling import LOOK_AGAIN_S


def test_a_claim_is_one_rename(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    inode = path.stat().st_ino
    (candidate,) = yard.settled(spool)
    moved, really = [], os.rename

    def counting(source, target, **named) -> None:
        moved.append(Path(source))
        really(source, target, **named)

    monkeypatch.setattr(os, "rename", counting)
    claim = spool.ownership.claim(candidate)
    assert moved.count(path) == 1
    assert claim.dropped.stat().st_ino == inode
    assert not path.exists()


@pytest.mark.slow
def test_two_workers_racing_for_100_jobs_get_each_exactly_once(yard) -> None:
    for number in range(100):
        yard.drop(f"{number}.yaml", f"prompt: {number}\n")
    workers = [yard.worker("w1"), yard.worker("w2")]
    settled = [yard.settled(worker) for worker in workers]
    assert [len(candidates) for candidates in settled] == [100, 100]

    def claim_all(number: int) -> list[str]:
        claims = [workers[number].ownership.claim(candidate) for candidate in settled[number]]
        return [claim.dropped.read_text() for claim in claims if claim]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(claim_all, (0, 1))
    assert sorted(first + second) == sorted(f"prompt: {number}\n" for number in range(100))
    assert not list(yard.folders.inbox.glob("*.yaml"))


def test_what_changed_between_scan_and_claim_goes_back(yard) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    (candidate,) = yard.settled(spool)
    path.write_text("prompt: mug with a lid\n")
    assert spool.ownership.claim(candidate) is None
    assert path.read_text() == "prompt: mug with a lid\n"
    assert spool.ownership.leftovers() == ()


def test_a_claim_whose_rename_reports_failure_but_happened_stands(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    (candidate,) = yard.settled(spool)
    really = os.rename

    def lying(source, target, **named) -> None:
        really(source, target, **named)
        if Path(source) == path:
            raise OSError(errno.EIO, "the reply was lost")

    monkeypatch.setattr(os, "rename", lying)
    assert spool.ownership.claim(candidate) is not None


def test_a_job_that_may_not_be_moved_waits_and_keeps_nobody_from_the_others(yard, monkeypatch) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    really = os.rename

    def refusing(source, target, **named) -> None:
        if Path(source) == path:
            raise PermissionError(errno.EACCES, "not yours", str(source))
        really(source, target, **named)

    monkeypatch.setattr(os, "rename", refusing)
    with capture_logs() as logs:
        for _ in range(2):
            (candidate,) = yard.settled(spool)
            assert spool.ownership.claim(candidate) is None
            assert yard.settled(spool) == (), "it is tried again at its own pace"
            yard.now_s += LOOK_AGAIN_S
    assert [log["event"] for log in logs] == ["file.ignored"]
    assert not list(yard.folders.claims.glob("*/*"))


def test_begin_counts_and_gives_the_claim_another_id(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    first = spool.ownership.begin(claim)
    second = spool.ownership.begin(first)
    assert (claim.attempt, first.attempt, second.attempt) == (0, 1, 2)
    assert len({claim.id, first.id, second.id}) == 3
    assert second.earlier == (first.id,)
    assert second.job_id == claim.job_id
    assert spool.ownership.leftovers() == (second,)


def test_a_job_that_a_stale_look_up_hides_is_never_removed_with_its_claim(yard, monkeypatch) -> None:
    """Measured on NFS: the rename happens and reports EIO, then look-ups miss the new name for half a minute."""
    spool, path = yard.worker(), yard.drop("mug.yaml")
    (candidate,) = yard.settled(spool)
    really, look = os.rename, os.lstat

    def lying(source, target, **named) -> None:
        really(source, target, **named)
        if Path(source) == path:
            raise OSError(errno.EIO, "the reply was lost")

    def stale(name, **named):
        if Path(name).name == "mug.yaml":
            raise FileNotFoundError(errno.ENOENT, "as the cache has it", str(name))
        return look(name, **named)

    with monkeypatch.context() as share:
        share.setattr(os, "rename", lying)
        share.setattr(os, "lstat", stale)
        with suppress(OSError):  # then the share is tried again, and `leftovers` finds it
            spool.ownership.claim(candidate)
    assert [claim.dropped.read_text() for claim in yard.worker().ownership.leftovers()] == ["prompt: mug\n"]
