"""The overview's files: whole or not there, nobody else's is replaced, no link is followed, what is over goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.operations.overview_files import NotOurs, OverviewFiles
from worker.operations.overview_turns import Marks

MARKS = Marks(as_of="2026-11-28T00:00:00+00:00", state="a1", progress="b2")


def page(marks: Marks = MARKS) -> list[bytes]:
    return [b"<!doctype html>\n<html>", f'<head><meta name="zimage-worker" content="{marks}">'.encode(), b"<p>x"]


@pytest.fixture
def files(tmp_path: Path) -> OverviewFiles:
    return OverviewFiles(tmp_path, folder="_overview")


def test_the_marks_of_a_written_page_are_found_again(files, tmp_path: Path) -> None:
    assert files.standing() is None
    assert files.write_front(page()) == len(b"".join(page()))
    assert OverviewFiles(tmp_path, folder="_overview").standing() == MARKS


def test_a_page_that_a_power_cut_left_empty_is_written_anew(files, tmp_path: Path) -> None:
    for left in (b"", b"\0" * 4096):
        (tmp_path / "index.html").write_bytes(left)
        assert files.standing() is None


def plant(path: Path, kind: str) -> None:
    match kind:
        case "page":
            path.write_text("<h1>My shop</h1>")
        case "link":
            path.with_name("target").write_text("private")
            path.symlink_to(path.with_name("target"))
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)


@pytest.mark.parametrize("kind", ["page", "link", "folder", "pipe"])
def test_what_no_worker_made_is_left_alone_and_told(files, tmp_path: Path, kind: str) -> None:
    plant(tmp_path / "index.html", kind)
    with pytest.raises(NotOurs, match=r"index\.html was not made by zimage-worker: move it away"):
        files.standing()


def test_a_job_s_folder_a_file_or_a_link_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "_overview", tmp_path / "elsewhere"
    elsewhere.mkdir()
    files = OverviewFiles(tmp_path, folder="_overview")
    assert files.has_folder()
    folder.mkdir()
    assert files.has_folder()
    (folder / "manifest.json").touch()
    assert not files.has_folder()
    (folder / "manifest.json").unlink()
    folder.rmdir()
    folder.symlink_to(elsewhere)
    assert not files.has_folder()
    with pytest.raises(OSError, match="Not a directory"):
        files.write_news("_overview/now.js", at="t", page="p")
    assert not [*elsewhere.iterdir()]


def test_news_are_a_script_of_one_call_whatever_stood_in_the_page(files, tmp_path: Path) -> None:
    files.write_news("_overview/now.js", at="2026", page='");alert(1)//')
    assert (tmp_path / "_overview/now.js").read_text() == (
        'zimageWorkerNews({"at": "2026", "page": "\\");alert(1)//"});\n'
    )


def test_a_night_is_written_once_until_it_says_something_else(files, tmp_path: Path) -> None:
    name, marks = "_overview/2026-11-27.1.html", Marks(as_of="t", state="d1", progress="-")
    files.has_folder()
    assert not files.has_night(name, "d1")
    files.write_night(name, "d1", page(marks))
    another = OverviewFiles(tmp_path, folder="_overview")
    for one in (files, another):
        one.has_folder()
        assert one.has_night(name, "d1")
        assert not one.has_night(name, "d2")
    (tmp_path / name).unlink()
    files.has_folder()
    assert not files.has_night(name, "d1")


def test_nights_of_which_nothing_is_left_go_and_what_is_not_ours_stays(files, tmp_path: Path) -> None:
    marks = Marks(as_of="t", state="d", progress="-")
    for day in (25, 26):
        files.write_night(f"_overview/2026-11-{day}.1.html", "d", page(marks))
    (tmp_path / "_overview/notes.html").write_text("mine")
    (tmp_path / "_overview/link.html").symlink_to(tmp_path / "_overview/2026-11-25.1.html")
    files.write_news("_overview/now.js", at="t", page="p")
    files.has_folder()
    files.keep_nights(["_overview/2026-11-26.1.html"])
    left = {path.name for path in (tmp_path / "_overview").iterdir()}
    assert left == {"2026-11-26.1.html", "notes.html", "link.html", "now.js"}


def test_a_page_is_whole_or_not_there(files, tmp_path: Path) -> None:
    files.write_front(page())

    def broken():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        files.write_front(broken())
    assert files.standing() == MARKS
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
