from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.disk.durable import is_second_name
from worker.records import StagedFile
from worker.spool import FolderSpool, SpoolOptions


def begun(yard, spool, name: str = "mug.yaml"):
    return spool.ownership.begin(yard.claimed(spool, name))


def reclaimed_after_return(yard, spool, heir):
    former = begun(yard, spool)
    spool.ownership.give_back(former)
    return former, yard.claimed(heir)


def test_a_claim_is_one_rename(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    inode = path.stat().st_ino
    (candidate,) = yard.settled(spool)
    moved, really = [], os.rename
    monkeypatch.setattr(os, "rename", lambda source, target: (moved.append(Path(source)), really(source, target)))
    claim = spool.ownership.claim(candidate)
    assert moved.count(path) == 1
    assert claim.dropped.stat().st_ino == inode
    assert not path.exists()


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

    def lying(source, target) -> None:
        really(source, target)
        if Path(source) == path:
            raise OSError(errno.EIO, "the reply was lost")

    monkeypatch.setattr(os, "rename", lying)
    assert spool.ownership.claim(candidate) is not None


def test_a_job_that_may_not_be_moved_waits_and_keeps_nobody_from_the_others(yard, monkeypatch) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    really = os.rename

    def refusing(source, target) -> None:
        if Path(source) == path:
            raise PermissionError(errno.EACCES, "not yours", str(source))
        really(source, target)

    monkeypatch.setattr(os, "rename", refusing)
    with capture_logs() as logs:
        for _ in range(2):
            (candidate,) = yard.settled(spool)
            assert spool.ownership.claim(candidate) is None
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


@pytest.mark.parametrize("heir", ["w1", "w2"])
def test_a_returned_job_keeps_its_id_and_former_claims_and_no_attempt(yard, heir: str) -> None:
    yard.drop("mug.yaml")
    former, claim = reclaimed_after_return(yard, yard.worker(), yard.worker(heir))
    assert claim.job_id == former.job_id
    assert claim.attempt == 0
    assert claim.earlier == (former.id,)
    assert claim.submitted_at == former.submitted_at
    assert not list(yard.folders.returned.iterdir())


def test_a_returned_folder_keeps_its_id(yard) -> None:
    spool = yard.worker()
    yard.drop("set/job.yaml")
    former = begun(yard, spool, "set")
    spool.ownership.give_back(former)
    assert yard.claimed(spool, "set").job_id == former.job_id


def test_pictures_staged_by_a_former_claim_can_be_read_by_the_next(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    former = begun(yard, spool)
    spool.publishing.stage(former, name="mug").write(StagedFile(name="1.png", data=b"png"))
    spool.ownership.give_back(former)
    claim = begun(yard, spool)
    staging = spool.publishing.stage(claim, name="mug")
    assert staging.earlier("1.png") == b"png"
    assert staging.earlier("2.png") is None
    assert not (staging.path / "1.png").exists()


def test_another_job_under_the_name_of_a_returned_one_is_a_new_job(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    former = begun(yard, spool)
    spool.ownership.give_back(former)
    yard.drop("mug.yaml", "prompt: jug\n")
    claim = yard.claimed(spool)
    assert claim.job_id != former.job_id
    assert claim.earlier == ()


@pytest.mark.parametrize("name", ["mug.yaml", "set"])
def test_a_return_never_replaces_what_was_dropped_meanwhile(yard, name: str) -> None:
    spool = yard.worker()
    job = name if name == "mug.yaml" else f"{name}/job.yaml"
    yard.drop(job, "prompt: old\n")
    claim = begun(yard, spool, name)
    new = yard.drop(job, "prompt: new\n")
    spool.ownership.give_back(claim)
    assert new.read_text() == "prompt: new\n"
    (left,) = spool.ownership.leftovers()
    assert left.job_id == claim.job_id
    assert left.attempt == 0
    assert yard.claimed(spool, name).job_id != claim.job_id


def test_a_return_whose_link_reports_failure_but_happened_leaves_one_job(yard, monkeypatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    really = os.link

    def lying(source, target) -> None:
        really(source, target)
        raise OSError(errno.EIO, "the reply was lost")

    monkeypatch.setattr(os, "link", lying)
    spool.ownership.give_back(claim)
    assert spool.ownership.leftovers() == ()
    assert yard.claimed(spool).job_id == claim.job_id


def test_leftovers_of_this_worker_come_back_oldest_first(yard) -> None:
    spool = yard.worker()
    for age, name in enumerate(["c.yaml", "a.yaml", "b.yaml"]):
        os.utime(yard.drop(name), (1e9 + age, 1e9 + age))
    for candidate in yard.settled(spool):
        spool.ownership.claim(candidate)
    assert [claim.stem for claim in yard.worker().ownership.leftovers()] == ["c", "a", "b"]


def test_claims_of_a_dead_worker_of_this_host_are_taken_over(yard) -> None:
    yard.drop("mug.yaml")
    claim = begun(yard, yard.worker("dead"))
    (left,) = yard.worker("heir").ownership.leftovers()
    assert left.id == claim.id
    assert left.dropped.parent.parent.parent.name == "heir"


def test_claims_of_a_live_worker_stay(yard) -> None:
    yard.drop("mug.yaml")
    alive = yard.worker("alive")
    begun(yard, alive)
    with alive.ownership.lock():
        assert yard.worker("other").ownership.leftovers() == ()
    assert len(alive.ownership.leftovers()) == 1


def test_claims_of_another_host_stay(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.drop("mug.yaml")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("worker.spool.folder_spool.host_name", lambda: "elsewhere")
        begun(yard, yard.worker("far"))
    assert yard.worker("near").ownership.leftovers() == ()


@pytest.mark.parametrize("step", ["linked", "moved"])
def test_a_half_way_return_of_a_dead_worker_that_was_claimed_again_is_dropped(yard, step: str) -> None:
    """The dead one's folder has the same job id as the live one's claim: it must neither block nor be rendered."""
    dead, heir = yard.worker("dead"), yard.worker("heir")
    yard.drop("mug.yaml")
    former = begun(yard, dead)
    copy = yard.root / "as it was"
    shutil.copytree(former.dropped.parent.parent, copy)
    dead.ownership.give_back(former)
    claim = begun(yard, heir)
    folder = former.dropped.parent.parent
    shutil.copytree(copy, folder)
    if step == "moved":
        former.dropped.unlink()
    assert heir.ownership.leftovers() == (claim,)
    assert not folder.exists()


def test_a_claim_that_died_before_comparing_contents_goes_back_if_it_was_growing(yard) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    claim.dropped.write_text("prompt: mug with a lid\n")
    assert yard.worker().ownership.leftovers() == ()
    assert path.read_text() == "prompt: mug with a lid\n"


def test_a_job_that_a_stale_look_up_hides_is_never_removed_with_its_claim(yard, monkeypatch) -> None:
    """Measured on NFS: the rename happens and reports EIO, then look-ups miss the new name for half a minute."""
    spool, path = yard.worker(), yard.drop("mug.yaml")
    (candidate,) = yard.settled(spool)
    really, look = os.rename, os.lstat

    def lying(source, target) -> None:
        really(source, target)
        if Path(source) == path:
            raise OSError(errno.EIO, "the reply was lost")

    def stale(name, **named):
        if Path(name).name == "mug.yaml":
            raise FileNotFoundError(errno.ENOENT, "as the cache has it", str(name))
        return look(name, **named)

    with monkeypatch.context() as share:
        share.setattr(os, "rename", lying)
        share.setattr(os, "lstat", stale)
        spool.ownership.claim(candidate)
    assert [claim.dropped.read_text() for claim in yard.worker().ownership.leftovers()] == ["prompt: mug\n"]


def test_a_claim_is_not_removed_while_a_job_lies_in_it(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    with monkeypatch.context() as blind:
        blind.setattr("worker.spool.claims.dropped_in", lambda folder: None)
        with pytest.raises(OSError, match="not empty"):
            spool.ownership.leftovers()
    assert spool.ownership.leftovers() == (claim,)


def test_claims_of_a_worker_whose_lock_lies_elsewhere_stay(yard) -> None:
    """Another user's worker on this host, with its own state folder: its lock looks free here, and is not."""
    yard.drop("mug.yaml")
    other = FolderSpool(
        yard.folders,
        worker_id="other",
        state_dir=yard.root / "theirs",
        options=SpoolOptions(settle_s=2.0),
        clock=lambda: 0.0,
    )
    with other.ownership.lock():
        (candidate,) = yard.settled(yard.worker())
        assert other.ownership.claim(candidate) is not None
        assert yard.worker().ownership.leftovers() == ()


@pytest.mark.parametrize("dropped_meanwhile", [False, True])
def test_a_return_needs_no_hard_links(yard, monkeypatch: pytest.MonkeyPatch, dropped_meanwhile: bool) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    claim = begun(yard, spool)

    def refused(source, target) -> None:
        raise PermissionError(errno.EPERM, "no links here", str(source))

    monkeypatch.setattr(os, "link", refused)
    if dropped_meanwhile:
        yard.drop("mug.yaml", "prompt: new\n")
    spool.ownership.give_back(claim)
    assert path.read_text() == ("prompt: new\n" if dropped_meanwhile else "prompt: mug\n")
    assert [left.job_id for left in spool.ownership.leftovers()] == ([claim.job_id] if dropped_meanwhile else [])


def test_a_name_that_only_a_cache_still_knows_is_no_second_name(tmp_path: Path, monkeypatch) -> None:
    """An SMB client looks up a renamed file under both its names; its listing and the count of names are right."""
    path, gone, twin = tmp_path / "claimed.yaml", tmp_path / "job.yaml", tmp_path / "twin.yaml"
    path.write_text("prompt: a mug")
    monkeypatch.setattr(os.path, "samefile", lambda one, other: True)
    assert not is_second_name(path, gone)
    twin.write_text("prompt: a mug")  # listed, but another file
    assert not is_second_name(path, twin)
    os.link(path, gone)
    assert is_second_name(path, gone)
    assert not is_second_name(tmp_path / "nothing.yaml", gone)
