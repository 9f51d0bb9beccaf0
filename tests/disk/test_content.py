"""Files that other people put there are read without following links, waiting for pipes or leaking descriptors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.disk.content import NotAJob, opened, opened_either, read_record


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    """Descriptor of a folder with a file, a link to it, a pipe and a folder."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "inside").mkdir()
    os.mkfifo(tmp_path / "pipe")
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def open_descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_a_name_counts_from_the_folder_that_is_given(folder: int) -> None:
    with opened("file", folder=folder) as file:
        assert file.read() == b"content"


def test_what_is_no_plain_file_is_refused_and_nothing_stays_open(folder: int) -> None:
    before = open_descriptors()
    for name, refusal in (("link", OSError), ("pipe", NotAJob), ("inside", IsADirectoryError), ("gone", OSError)):
        with pytest.raises(refusal), opened(name, folder=folder):
            pass
    assert open_descriptors() == before


def test_a_link_says_so(folder: int) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)), opened_either("link", folder=folder):
        pass


def test_a_folder_may_be_opened_where_either_will_do(folder: int) -> None:
    with opened_either("inside", folder=folder) as descriptor:
        assert stat.S_ISDIR(os.fstat(descriptor).st_mode)


@pytest.mark.parametrize("text", ["[1]", "{", '"a"', ""])
def test_what_is_no_record_reads_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    assert read_record(tmp_path / "a.json") == {}
