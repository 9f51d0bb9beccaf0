from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from onlooker import seen

from worker.errors import FoldersUnusable, UsageError
from worker.records import StagedFile
from worker.spool import how_ended, init_folders, is_gone, open_folders, submit


def job(root: Path, name: str = "mug.yaml", text: str = "prompt: mug\n") -> Path:
    path = root / "mine" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def folder_job(root: Path) -> Path:
    job(root, "set/job.yaml")
    job(root, "set/refs/a.txt")
    return root / "mine" / "set"


@pytest.mark.parametrize("make", [job, folder_job])
def test_a_job_is_never_seen_half_submitted(yard, monkeypatch: pytest.MonkeyPatch, make) -> None:
    path, seen, really = make(yard.root), [], os.fsync

    def looking(descriptor: int) -> None:
        seen.append(sorted(p.name for p in yard.folders.inbox.iterdir() if not p.name.startswith(".")))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", looking)
    submitted = submit(path, yard.folders)
    assert seen[0] == []
    assert {tuple(names) for names in seen} <= {(), (path.name,)}
    assert submitted.name == path.name
    assert [p.name for p in yard.folders.inbox.iterdir()] == [path.name]
    assert path.exists()


def test_a_taken_name_is_refused_and_what_is_there_stays(yard) -> None:
    yard.drop("mug.yaml", "prompt: theirs\n")
    with pytest.raises(UsageError, match="already holds this name"):
        submit(job(yard.root), yard.folders)
    assert [p.read_text() for p in yard.folders.inbox.iterdir()] == ["prompt: theirs\n"]


def test_a_share_that_fails_leaves_nothing_visible(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FoldersUnusable, match="no space"):
        submit(job(yard.root), yard.folders)
    assert not [p for p in yard.folders.inbox.iterdir() if not p.name.startswith(".")]


@pytest.mark.parametrize("name", ["mug.txt", ".mug.yaml", "PAUSE", "set/mugs.csv"])
def test_what_no_worker_would_take_is_refused(yard, name: str) -> None:
    path = job(yard.root, name)
    with pytest.raises(UsageError, match="is no job"):
        submit(path if path.parent.name == "mine" else path.parent, yard.folders)


def test_a_folder_job_with_a_link_is_refused(yard) -> None:
    path = folder_job(yard.root)
    (path / "refs" / "all").symlink_to("/")
    with pytest.raises(UsageError, match="plain files only"):
        submit(path, yard.folders)
    assert not list(yard.folders.inbox.iterdir())


@pytest.mark.parametrize("end", ["publish", "fail"])
def test_the_final_folder_is_found_by_content_also_under_another_name(yard, end: str) -> None:
    spool = yard.worker()
    taken = (yard.folders.outbox if end == "publish" else yard.folders.failed) / "mug"
    taken.mkdir()
    (taken / "job.yaml").write_text("prompt: mug\n")  # the same job, of another night
    submitted = submit(job(yard.root), yard.folders)
    claim = spool.ownership.begin(yard.claimed(spool))
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(StagedFile(name="job.yaml", data=claim.dropped.read_bytes()))
    assert how_ended(submitted, yard.folders) is None
    path = (
        spool.publishing.publish(claim, staging, name="mug")
        if end == "publish"
        else spool.publishing.fail(claim, [], name="mug", staging=None)
    )
    assert path.name == "mug.2"
    assert how_ended(submitted, yard.folders) == path


def test_init_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    folders = init_folders(tmp_path / "new")
    (folders.inbox / "mug.yaml").write_text("prompt: mug\n")
    assert init_folders(tmp_path / "new") == folders
    assert (folders.inbox / "mug.yaml").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(FoldersUnusable, match="cannot be made"):
        init_folders(tmp_path / "file")


def test_all_faults_of_the_folders_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FoldersUnusable) as raised:
        open_folders(tmp_path / "absent", tmp_path / "file", tmp_path / "file" / "below")
    inbox, failed, outbox, *more = str(raised.value).splitlines()
    assert "no such folder" in inbox
    assert "zimage-worker init" in inbox
    assert "is not a folder" in outbox
    assert "no such folder" in failed
    assert len(more) == 1


@pytest.mark.parametrize(
    ("inbox", "outbox", "failed", "faults"),
    [("a", "a", "b", 1), ("a", "a/b", "c", 1), ("a/b", "c", "a", 1), ("a", "a", "a", 3), ("a", "link", "b", 1),
     ("a", "b", "c", 0), ("a", "ab", "c", 0)],
)  # fmt: skip
def test_no_folder_may_be_or_lie_in_another(tmp_path: Path, inbox: str, outbox: str, failed: str, faults: int) -> None:
    for name in ("a/b", "b", "c", "ab"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    places = [tmp_path / name for name in (inbox, outbox, failed)]
    if not faults:
        assert open_folders(*places).outbox == places[1]
        return
    with pytest.raises(FoldersUnusable, match="a folder of its own") as raised:
        open_folders(*places)
    assert len(str(raised.value).splitlines()) == faults


def test_a_folder_without_rights_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = init_folders(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: path != folders.failed)
    with pytest.raises(FoldersUnusable, match="not readable and writable") as raised:
        open_folders(folders.inbox, folders.outbox, folders.failed)
    assert str(raised.value).startswith("failed ")


def test_the_overview_tells_what_waits_what_is_claimed_and_what_failed_last(yard) -> None:
    spool = yard.worker()
    for age, name in enumerate(["old", "new", "mug.claim.partial"]):
        (yard.folders.failed / name).mkdir()
        os.utime(yard.folders.failed / name, (1e9 + age, 1e9 + age))
    yard.drop("mug.yaml")
    spool.ownership.begin(yard.claimed(spool))
    yard.drop("jug.yaml")
    yard.drop("cup.yaml")
    yard.drop("cup (冲突).yaml")
    before = sorted(p for p in yard.root.rglob("*"))
    overview = seen(yard.folders)
    assert {job.name for job in overview.waiting} == {"cup.yaml", "jug.yaml"}
    assert [(job.name, job.worker) for job in overview.running] == [("mug", "w1")]
    assert [job.name for job in overview.ended] == ["new", "old"]
    assert [name for name, _ in overview.ignored] == ["cup (冲突).yaml"]
    assert sorted(p for p in yard.root.rglob("*")) == before


def test_the_end_is_found_where_the_name_was_taken_and_freed_meanwhile(yard) -> None:
    spool, taken = yard.worker(), yard.folders.outbox / "mug"
    taken.mkdir()
    (taken / "job.yaml").write_text("prompt: mug\n")
    submitted = submit(job(yard.root), yard.folders)
    taken.rename(yard.root / "taken away")
    claim = spool.ownership.begin(yard.claimed(spool))
    path = spool.publishing.publish(claim, spool.publishing.stage(claim, name="mug"), name="mug")
    assert path == taken
    assert how_ended(submitted, yard.folders) == path


def test_a_submitted_job_that_somebody_took_away_is_gone(yard) -> None:
    spool = yard.worker()
    submitted = submit(job(yard.root), yard.folders)
    assert not is_gone(submitted, yard.folders)
    claim = yard.begun(spool)
    assert not is_gone(submitted, yard.folders)
    spool.ownership.give_back(claim)
    assert not is_gone(submitted, yard.folders)
    (yard.folders.inbox / "mug.yaml").unlink()
    assert is_gone(submitted, yard.folders)


def test_a_refused_job_s_folder_is_never_taken_for_one_that_is_not_complete(yard) -> None:
    spool = yard.worker()
    submitted = submit(job(yard.root, "x.partial.yaml"), yard.folders)
    claim = yard.claimed(spool, "x.partial.yaml")
    path = spool.publishing.fail(claim, (), name=claim.stem, staging=None)
    assert path.name == "x-partial"
    assert how_ended(submitted, yard.folders) == path
