"""Folders that are not the ones they were."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from worker.clocks import utc_now
from worker.compose.from_settings import worker_files
from worker.disk.mount_tables import MountTables
from worker.errors import FoldersAway, FoldersUnusable
from worker.operations.record import FolderRecorder
from worker.records import PictureKind, StagedFile
from worker.spool import FolderSpool, SpoolOptions, init_folders, open_folders, submit
from worker.spool.alive.locks import spool_id
from worker.spool.folder_identity import MARK, Roots, ShareAway
from worker.spool.space import PROBE_BYTES
from worker.spool.staging import FolderStaging


@pytest.fixture
def tables(tmp_path: Path) -> MountTables:
    return MountTables(fstab=tmp_path / "fstab", units=(tmp_path / "units",))


@pytest.fixture
def roots(tmp_path: Path, tables: MountTables) -> Roots:
    made = Roots(init_folders(tmp_path / "share"), tables)
    made.adopt()
    return made


def test_folders_are_marked_when_they_are_adopted_and_known_again(roots: Roots, tables: MountTables) -> None:
    roots.require()
    assert roots.fault() is None
    assert (roots.folders.outbox / MARK).is_file()
    again = Roots(roots.folders, tables)
    again.adopt()
    again.require()


@pytest.mark.parametrize("name", ["inbox", "outbox", "failed"])
def test_a_folder_that_went_away_is_told_and_welcome_back(roots: Roots, name: str) -> None:
    folder = getattr(roots.folders, name)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(ShareAway, match=f"^{name} .*: No such file or directory: mount the share"):
        roots.require()
    folder.with_name("elsewhere").rename(folder)
    roots.require()


@pytest.mark.parametrize("name", ["inbox", "outbox", "failed"])
def test_another_folder_in_its_place_is_refused(roots: Roots, name: str) -> None:
    folder = getattr(roots.folders, name)
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()
    with pytest.raises(ShareAway, match="this is another folder than at the start"):
        roots.require()


def test_the_same_share_mounted_anew_is_the_same(roots: Roots) -> None:
    """Its device and inode may differ; its marks do not."""
    outbox = roots.folders.outbox
    shutil.copytree(outbox, outbox.with_name("copy"))
    outbox.rename(outbox.with_name("elsewhere"))
    outbox.with_name("copy").rename(outbox)
    roots.require()


def test_a_bare_mount_point_is_told_as_such(roots: Roots, tables: MountTables) -> None:
    outbox = roots.folders.outbox
    outbox.rename(outbox.with_name("elsewhere"))
    outbox.mkdir()
    tables.fstab.write_text(f"nas:/x {outbox.parent} nfs defaults 0 0\n")
    with pytest.raises(ShareAway, match=f"nothing is mounted on {outbox.parent}"):
        roots.require()


def test_at_the_start_a_bare_mount_point_is_a_share_that_is_away(tmp_path: Path, tables: MountTables) -> None:
    folders = init_folders(tmp_path / "share")
    open_folders(folders.inbox, folders.outbox, folders.failed, tables=tables)
    tables.fstab.write_text(f"nas:/x {tmp_path / 'share'} nfs defaults 0 0\n")
    with pytest.raises(FoldersAway, match="nothing is mounted on"):
        open_folders(folders.inbox, folders.outbox, folders.failed, tables=tables)
    assert not [*folders.outbox.iterdir()]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_any_more_is_a_fault(roots: Roots) -> None:
    roots.folders.outbox.chmod(0o500)
    assert "this user may not write there any more" in str(roots.fault())


def test_a_full_share_is_a_fault_that_says_so(roots: Roots, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert str(roots.fault()).endswith("No space left on device: make room there.")


def test_nothing_is_staged_or_published_in_a_folder_that_is_not_the_right_one(tmp_path, tables) -> None:
    folders = init_folders(tmp_path / "share")
    now_s = [0.0]
    spool = FolderSpool(
        folders, worker_id="w1", state_dir=tmp_path / "state", options=SpoolOptions(settle_s=2.0),
        clock=lambda: now_s[0], tables=tables,
    )  # fmt: skip
    with spool.ownership.lock():
        (folders.inbox / "mug.yaml").write_text("prompt: mug\n")
        spool.inbox.scan()
        now_s[0] = 2.0
        (candidate,) = spool.inbox.scan()
        claim = spool.ownership.begin(spool.ownership.claim(candidate))
        staging = spool.publishing.stage(claim, name="mug")
        folders.outbox.rename(folders.outbox.with_name("elsewhere"))
        for step in (
            lambda: spool.publishing.stage(claim, name="mug"),
            lambda: spool.publishing.publish(claim, staging, name="mug"),
        ):
            with pytest.raises(OSError, match=r"mount the share|No such file"):
                step()
        assert not folders.outbox.exists()
        folders.outbox.with_name("elsewhere").rename(folders.outbox)
        assert spool.publishing.publish(claim, staging, name="mug").name == "mug"


@pytest.mark.parametrize("has_links", [True, False])
def test_workers_that_start_at_once_agree_on_every_mark(tmp_path: Path, tables, monkeypatch, has_links: bool) -> None:
    """On SMB one of three died here: it replaced a mark that another was just reading."""
    folders = init_folders(tmp_path)
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    for round_number in range(20):
        for mark in tmp_path.rglob(MARK):
            mark.unlink()
        workers = [Roots(folders, tables) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Roots.adopt, workers))
        assert len({tuple(sorted(worker._marks.items())) for worker in workers}) == 1, round_number
        for worker in workers:
            worker.require()
    assert not [*tmp_path.glob("outbox/.*.*.*")]


def no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_beats_and_records_never_make_an_inbox_anew(tmp_path: Path, tables: MountTables) -> None:
    """Gone from its mount point, a share is away: a folder made there would be taken for it at the next start."""
    folders = init_folders(tmp_path / "share")
    now_s = [0.0]
    spool = FolderSpool(
        folders, worker_id="w1", state_dir=tmp_path / "state", options=SpoolOptions(settle_s=2.0),
        clock=lambda: now_s[0], tables=tables,
    )  # fmt: skip
    recorder = FolderRecorder(worker_files(folders, "w1"), about={"id": "w1"}, now=utc_now, monotonic=lambda: now_s[0])
    with spool.ownership.lock():
        recorder.state("idle")
        assert (folders.workers / "w1.json").exists()
        folders.inbox.rename(tmp_path / "away")
        for _ in range(3):
            now_s[0] += 60.0
            spool.ownership.beat()
            recorder.state("idle")
            recorder.state("rendering", job="mug")
            recorder.speed("model", kind=PictureKind(pixels=1, steps=1, is_guided=False), seconds=1.0)
    assert not folders.inbox.exists()
    with pytest.raises(OSError, match="No such file"):
        spool_id(folders.spool_file)
    with pytest.raises(FoldersUnusable, match="No such file"):
        submit(write_job(tmp_path / "mug.yaml"), folders)
    assert not folders.inbox.exists()


def write_job(path: Path) -> Path:
    path.write_text("prompt: mug\n")
    return path


def test_a_folder_is_at_fault_until_as_much_can_be_written_as_was_refused(
    roots: Roots, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, room_bytes = os.fsync, [100_000]

    def nearly_full(descriptor: int) -> None:
        if os.fstat(descriptor).st_size > room_bytes[0]:
            raise OSError(28, "No space left on device")
        really(descriptor)

    monkeypatch.setattr(os, "fsync", nearly_full)
    assert roots.fault() is None
    staging = FolderStaging(roots.folders.outbox / "mug.c.partial", shortfall=roots.shortfalls["outbox"])
    with pytest.raises(OSError, match="No space left"):
        staging.write(StagedFile(name="a.png", data=bytes(2_000_000)))
    assert str(roots.fault()).endswith("No space left on device: make room there.")
    room_bytes[0] = 10**9
    assert roots.fault() is None


def test_what_fails_again_although_as_much_could_be_written_needs_more(roots: Roots) -> None:
    shortfall, sizes = roots.shortfalls["outbox"], []
    for _ in range(9):
        with suppress(OSError), shortfall.watching([b"page"]) as pieces:
            assert [*pieces] == [b"page"]
            raise OSError(28, "No space left on device")
        sizes.append(shortfall.size_bytes)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[4] <= sizes[-1] == PROBE_BYTES
    with shortfall.watching([b"page"]) as pieces:
        assert [*pieces] == [b"page"]
    assert shortfall.size_bytes == 0


def test_asking_for_a_fault_does_not_ring_for_who_watches_the_inbox(roots: Roots) -> None:
    changed_ns = roots.folders.inbox.stat().st_mtime_ns
    assert roots.fault() is None
    assert roots.folders.inbox.stat().st_mtime_ns == changed_ns


def test_a_loop_of_links_is_a_folder_that_is_not_there(tmp_path: Path, tables: MountTables) -> None:
    folders = init_folders(tmp_path)
    folders.inbox.rmdir()
    folders.inbox.symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(folders.inbox)
    with pytest.raises(FoldersAway, match="there is no such folder"):
        open_folders(folders.inbox, folders.outbox, folders.failed, tables=tables)
