"""Whatever staff plant or swap where they may write, a worker reads and writes nothing but what it was given."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from worker.disk.content import NotAJob
from worker.records import StagedFile
from worker.spool import earlier_pictures, final_rename, how_ended, publishing, submit
from worker.spool.earlier_pictures import jobs_of_pictures
from worker.spool.janitor import ALONE_S
from worker.spool.rescue import move_to_failed
from worker.spool.staging import FolderStaging

SECRET = b"password=hunter2"
PICTURE = StagedFile(name="1.png", data=b"png")
EVIDENCE = StagedFile(name="rejected/1.png", data=b"black")


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder that only the worker may enter."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "a.txt").write_bytes(SECRET)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_untouched(private: Path) -> bool:
    return names(private) == ["a.txt"] and (private / "a.txt").read_bytes() == SECRET


def holds_secret(folder: Path) -> bool:
    return any(path.is_file() and path.read_bytes() == SECRET for path in folder.rglob("*"))


def swap(folder: Path, private: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}.away"))
    folder.symlink_to(private)


def begun_set(yard, spool):
    """A claimed folder job with a subfolder that staff still own."""
    yard.drop("set/job.yaml")
    (yard.folders.inbox / "set/refs").mkdir()
    (yard.folders.inbox / "set/refs/a.txt").write_bytes(b"harmless")
    return yard.begun(spool, "set")


@pytest.mark.parametrize("moment", ["before the listing", "after the listing"])
@pytest.mark.parametrize("place", ["refs", ""])
def test_a_folder_of_a_claimed_job_swapped_with_a_link_is_never_published(
    yard, private: Path, monkeypatch: pytest.MonkeyPatch, moment: str, place: str
) -> None:
    spool = yard.worker()
    claim = begun_set(yard, spool)
    staging = spool.publishing.stage(claim, name="set")
    staging.write(PICTURE)
    really: Callable[[Path], Iterator[tuple[str, Path]]] = final_rename.files_of

    def swapping(path: Path) -> Iterator[tuple[str, Path]]:
        if moment == "before the listing":
            swap(claim.dropped / place, private)
            yield from really(path)
        else:
            listed = list(really(path))
            swap(claim.dropped / place, private)
            yield from listed

    monkeypatch.setattr(final_rename, "files_of", swapping)
    with suppress(OSError), pytest.raises(NotAJob):
        spool.publishing.publish(claim, staging, name="set")
    assert not (yard.folders.outbox / "set").exists()
    assert not holds_secret(yard.folders.outbox)
    assert is_untouched(private)


def test_links_planted_in_the_open_folder_of_a_job_are_never_written_through(yard, private: Path) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    staging = spool.publishing.stage(yard.begun(spool), name="mug")
    for name in ("1.png", "1.json", f".1.png.{os.getpid()}.tmp", f".1.json.{os.getpid()}.tmp"):
        (staging.path / name).symlink_to(private / "a.txt")
    (staging.path / "rejected").symlink_to(private)
    for file in (PICTURE, EVIDENCE, StagedFile(name="1.json", data=b"{}")):
        staging.write(file)
    assert is_untouched(private)
    assert (staging.read("1.png"), staging.read("rejected/1.png")) == (b"png", b"black")


def test_the_open_folder_itself_swapped_with_a_link_is_never_written_through(yard, private: Path) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    swap(staging.path, private)
    staging.write(PICTURE)
    assert is_untouched(private)
    swap(staging.path, private)
    again = spool.publishing.stage(claim, name="mug")
    again.write(EVIDENCE)
    assert is_untouched(private)
    assert not again.path.is_symlink()


def test_what_a_link_leads_to_is_no_staged_file(yard, private: Path) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    staging = spool.publishing.stage(yard.begun(spool), name="mug")
    staging.write(EVIDENCE)
    (staging.path / "1.json").symlink_to(private / "a.txt")
    swap(staging.path / "rejected", private)
    heir = FolderStaging(staging.path.with_name("heir.partial"), earlier=(staging.path,))
    for name in ("1.json", "rejected/a.txt"):
        for read in (staging.read, staging.read_hash):
            with pytest.raises(FileNotFoundError):
                read(name)
        assert heir.earlier(name) is None


@pytest.mark.parametrize("ends", ["publish", "fail"])
def test_a_job_whose_open_folder_holds_links_ends_without_following_them(yard, private: Path, ends: str) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(PICTURE)
    (private / ".half.tmp").write_bytes(b"")
    (staging.path / "folder").symlink_to(private)
    (staging.path / "file.txt").symlink_to(private / "a.txt")
    (staging.path / "job.yaml").symlink_to(private / "a.txt")
    if ends == "publish":
        path = spool.publishing.publish(claim, staging, name="mug")
    else:
        path = spool.publishing.fail(claim, (), name="mug", staging=staging)
    assert (path / "1.png").read_bytes() == b"png"
    assert (path / "job.yaml").read_text() == "prompt: mug\n"
    assert names(private) == [".half.tmp", "a.txt"]
    copied = [inside for inside in path.rglob("*") if not inside.is_symlink() and inside.is_file()]
    assert not any(inside.read_bytes() == SECRET for inside in copied)


@pytest.mark.parametrize("ends", ["publish", "fail"])
def test_a_link_under_the_name_of_a_job_s_open_folder_empties_nothing(yard, private: Path, ends: str) -> None:
    """Once the folder has its final name, that of the open one is free for anybody's link."""
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    assert spool.ownership.give_back(claim)
    again = yard.begun(spool)
    staging = spool.publishing.stage(again, name="mug")
    for root in (yard.folders.outbox, yard.folders.failed):
        for number, one in enumerate((claim.id, again.id)):
            (root / f"x{number}.{one}.partial").symlink_to(private)
            (root / f"y{number}.{one}.partial").write_bytes(b"a file")
    if ends == "publish":
        spool.publishing.publish(again, staging, name="mug")
    else:
        spool.publishing.fail(again, (), name="mug", staging=None)
    assert is_untouched(private)
    assert spool.ownership.leftovers() == ()
    assert not [*yard.folders.claims.glob("*/*")]


def test_pictures_are_taken_along_from_the_folder_that_was_listed_and_no_other(
    yard, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    assert spool.ownership.give_back(claim)
    staging = spool.publishing.stage(claim, name="mug")
    record = {"file": "a.txt", "sha256": hashlib.sha256(SECRET).hexdigest()}
    for folder in (staging.path, private):
        (folder / "a.json").write_text(json.dumps(record))
    (staging.path / "a.txt").write_bytes(SECRET)
    again = yard.begun(spool)
    staged = spool.publishing.stage(again, name="mug")
    really = earlier_pictures.take_along

    def swapping(folders: Sequence[Path], *given: object, **named: object) -> None:
        swap(folders[0], private)
        really(folders, *given, **named)

    monkeypatch.setattr(publishing, "take_along", swapping)
    path = spool.publishing.publish(again, staged, name="mug")
    assert not holds_secret(path)
    assert names(private) == ["a.json", "a.txt"]


def test_beside_a_folder_with_a_planted_manifest_a_job_is_published_in_little_memory(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(PICTURE)
    (yard.folders.outbox / "mug").mkdir()
    with (yard.folders.outbox / "mug/manifest.json").open("wb") as file:
        file.write(b'{"schema": 1, "job": "another", "shots": ["')
        file.truncate(300 * 1024 * 1024)
    before = peak_mib()
    assert spool.publishing.publish(claim, staging, name="mug").name == "mug.2"
    assert peak_mib() - before < 50


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_the_three_folders_themselves_may_be_links(yard) -> None:
    """Who may write the settings may also say by a link where the folders lie."""
    for name in ("inbox", "outbox", "failed"):
        (yard.root / name).rename(yard.root / f"real-{name}")
        (yard.root / name).symlink_to(yard.root / f"real-{name}")
    spool = yard.worker()
    with spool.ownership.lock():
        claim = begun_set(yard, spool)
        staging = spool.publishing.stage(claim, name="set")
        staging.write(EVIDENCE)
        path = spool.publishing.publish(claim, staging, name="set")
    assert (path / "job/refs/a.txt").read_bytes() == b"harmless"


def test_a_finished_folder_that_holds_a_link_for_its_job_is_passed_over(yard, private: Path, tmp_path: Path) -> None:
    job = tmp_path / "mug.yaml"
    job.write_text("prompt: mug\n")
    submitted = submit(job, yard.folders)
    for name, target in (("a", private / "a.txt"), ("b", private)):
        (yard.folders.outbox / name).mkdir()
        (yard.folders.outbox / name / "job.yaml").symlink_to(target)
    assert how_ended(submitted, yard.folders) is None


def test_folders_without_end_in_a_leftover_end_no_worker(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    staging = spool.publishing.stage(yard.begun(spool), name="mug")
    inner = os.open(staging.path, os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    shutil.rmtree(yard.folders.claims)
    try:
        for _ in range(6):  # looks of the janitor
            spool.inbox.scan()
            yard.now_s += ALONE_S / 3
    finally:
        subprocess.run(["rm", "-r", staging.path], check=True)


def test_a_leftover_that_is_swapped_with_a_link_is_neither_read_nor_written(yard, private: Path) -> None:
    (private / "index.html").write_text("mine")
    record = {"file": "a.txt", "sha256": hashlib.sha256(SECRET).hexdigest(), "job": "1"}
    (private / "a.json").write_text(json.dumps(record))
    leftover = yard.folders.outbox / "mug.partial"
    leftover.symlink_to(private)
    for end in (jobs_of_pictures, partial(move_to_failed, name="mug", failed=yard.folders.failed)):
        with pytest.raises(NotADirectoryError):
            end(leftover)
    assert names(private) == ["a.json", "a.txt", "index.html"]
