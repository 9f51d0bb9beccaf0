"""Nothing that lies below a folder leads out of it: not when it is listed, read, written, made or removed."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from worker.disk.beneath import FOLDER_DEPTH, opened_folder, plain_files_in
from worker.disk.content import NotAJob, file_hash, files_of, fingerprint, opened, pieces
from worker.disk.durable import make_folder, remove_tree, replace_file, sync_tree, write_file, write_json
from worker.disk.moves import write_first
from worker.disk.temporaries import remove_temporaries, remove_temporaries_of, temporary_name

SECRET = b"password=hunter2"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder that only the worker may enter."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "a.txt").write_bytes(SECRET)
    return folder


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    (folder / "job/refs").mkdir(parents=True)
    (folder / "job/refs/a.txt").write_bytes(b"harmless")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def swap(folder: Path, private: Path) -> None:
    """What staff may do to a folder of their own at any moment."""
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(private)


def test_a_folder_swapped_with_a_link_after_the_listing_is_not_read(share: Path, private: Path) -> None:
    ((_, file),) = list(files_of(share / "job"))
    swap(share / "job/refs", private)
    for read in (lambda: b"".join(pieces(file, below=share)), lambda: file_hash(file, below=share)):
        with pytest.raises(NotAJob):
            read()
    with pytest.raises(NotAJob):
        fingerprint(share / "job")


def test_the_job_itself_swapped_with_a_link_is_not_read(share: Path, private: Path) -> None:
    swap(share / "job", private)
    for read in (lambda: list(files_of(share / "job")), lambda: fingerprint(share / "job")):
        with pytest.raises(NotAJob):
            read()


def test_a_folder_swapped_while_it_is_listed_is_not_gone_into(
    share: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.stat

    def swapping(path: object, **named: object) -> os.stat_result:
        status = really(path, **named)  # type: ignore[call-overload]
        if path == "refs" and not (share / "job/refs").is_symlink():
            swap(share / "job/refs", private)
        return status  # type: ignore[no-any-return]

    monkeypatch.setattr(os, "stat", swapping)
    with pytest.raises(NotAJob):
        list(files_of(share / "job"))
    assert plain_files_in(share / "job") == ["elsewhere/a.txt"]


def test_a_descriptor_stays_in_the_folder_that_it_was_opened_for(share: Path, private: Path) -> None:
    with opened_folder(share / "job/refs", below=share) as folder:
        swap(share / "job/refs", private)
        with opened("a.txt", folder=folder) as file:
            assert file.read() == b"harmless"


@pytest.mark.parametrize("place", ["job/refs", "job"])
def test_nothing_is_written_through_a_link(share: Path, private: Path, place: str) -> None:
    path = share / "job/refs/new.txt"
    swap(share / place, private)
    for write in (
        lambda: write_file(path, b"x", below=share),
        lambda: write_json(path, {}, below=share),
        lambda: replace_file(path, "x", below=share),
        lambda: make_folder(path, below=share),
    ):
        with pytest.raises(NotADirectoryError):
            write()
    assert names(private) == ["a.txt"]


def test_a_link_under_the_files_own_name_is_replaced_and_not_followed(share: Path, private: Path) -> None:
    for write in (lambda path: write_file(path, b"x"), lambda path: replace_file(path, "x")):
        path = share / "new.txt"
        path.unlink(missing_ok=True)
        path.symlink_to(private / "a.txt")
        write(path)
        assert (path.read_bytes(), path.is_symlink()) == (b"x", False)
    first = share / "first.json"
    first.symlink_to(private / "none.json")
    write_first(first, {"id": "1"})
    assert names(private) == ["a.txt"]
    assert (private / "a.txt").read_bytes() == SECRET


def test_a_link_in_the_place_of_a_folder_goes_where_the_folder_is_one_writers(share: Path, private: Path) -> None:
    swap(share / "job/refs", private)
    make_folder(share / "job/refs/deep", below=share, over_links=True)
    assert not (share / "job/refs").is_symlink()
    assert (share / "job/refs/deep").is_dir()
    assert names(private) == ["a.txt"]


def test_removing_a_folder_leaves_what_its_links_lead_to(share: Path, private: Path) -> None:
    (share / "job/link").symlink_to(private)
    remove_tree(share / "job")
    assert not (share / "job").exists()
    (share / "job").symlink_to(private)
    remove_tree(share / "job")
    assert names(private) == ["a.txt"]


def test_temporary_names_are_never_the_same_and_fit_every_share() -> None:
    assert temporary_name("a.png") != temporary_name("a.png")
    assert len(os.fsencode(temporary_name("马" * 80))) <= 255


def test_what_killed_writers_left_is_removed_and_nothing_else(share: Path, private: Path) -> None:
    for name in (temporary_name("a.png"), ".old.123.tmp", ".meant.tmp", "visible.tmp"):
        (share / "job" / name).write_bytes(b"half")
    (share / "job/refs" / temporary_name("b")).symlink_to(private / "a.txt")
    remove_temporaries(share / "job", but=["refs/a.txt", ".meant.tmp"])
    assert names(share / "job") == [".meant.tmp", "refs", "visible.tmp"]
    assert names(share / "job/refs") == ["a.txt"]
    assert (private / "a.txt").read_bytes() == SECRET


def test_of_one_file_only_its_own_leftovers_are_removed(tmp_path: Path) -> None:
    mine, other = temporary_name("w1.json"), temporary_name("w1.speed.json")
    for name in (mine, other, "w1.json"):
        (tmp_path / name).write_bytes(b"")
    remove_temporaries_of(tmp_path / "w1.json")
    assert names(tmp_path) == sorted([other, "w1.json"])


def deep(folder: Path, count: int, name: str) -> None:
    """Folders inside each other, also beyond what a path can name."""
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(count):
        os.mkdir(name, dir_fd=descriptor)
        inner = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)


def test_folders_without_end_are_no_job_and_no_trouble_elsewhere(tmp_path: Path) -> None:
    deep(tmp_path / "deep", FOLDER_DEPTH + 1, "n" * 200)
    with pytest.raises(NotAJob, match=f"more than {FOLDER_DEPTH} folders inside each other"):
        list(files_of(tmp_path / "deep"))
    assert plain_files_in(tmp_path / "deep") == []
    remove_temporaries(tmp_path / "deep", but=())
    sync_tree(tmp_path / "deep")
    remove_tree(tmp_path / "deep")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_removed_is_an_error_of_that_folder(tmp_path: Path) -> None:
    deep(tmp_path / "deep", 1_500, "n")
    try:
        with pytest.raises(OSError, match=os.strerror(errno.ENAMETOOLONG)):
            remove_tree(tmp_path / "deep")
    finally:
        subprocess.run(["rm", "-r", tmp_path / "deep"], check=True)


def test_new_files_have_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        write_file(tmp_path / "a", b"")
        make_folder(tmp_path / "open/inner")
        make_folder(tmp_path / "closed/inner", mode=0o700)
    finally:
        os.umask(former)
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("a", "open", "closed", "closed/inner")}
    assert modes == {"a": 0o640, "open": 0o750, "closed": 0o700, "closed/inner": 0o700}


@pytest.mark.parametrize("name", ["../private/new", "job/../../private/new", "job/refs/../../../private/new"])
def test_no_path_leads_upwards(share: Path, private: Path, name: str) -> None:
    path = share / name
    for call in (
        lambda: write_file(path, b"x", below=share),
        lambda: make_folder(path, below=share),
        lambda: list(pieces(path.with_name("a.txt"), below=share)),
        lambda: write_file(private / "new", b"x", below=share),
    ):
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            call()
    assert names(private) == ["a.txt"]
