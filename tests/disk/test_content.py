"""Files that other people put there are read without following links, waiting for pipes or leaking descriptors."""

from __future__ import annotations

import errno
import json
import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.disk import content
from worker.disk.content import NotAJob, opened, opened_either, pieces
from worker.disk.json_records import read_head, read_record


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


def test_a_file_that_grows_while_it_is_read_comes_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PIECE_BYTES", 10)
    monkeypatch.setattr(content, "GROWTH_BYTES", 25)
    path = tmp_path / "log"
    path.write_bytes(b"x" * 20)
    read = 0
    for piece in pieces(path):
        read += len(piece)
        with path.open("ab") as file:
            file.write(b"x" * 20)
    assert read == 45


VALUES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text()


@settings(max_examples=40)
@given(head=st.dictionaries(st.text(), VALUES), rest=st.lists(st.dictionaries(st.text(), VALUES), max_size=3))
def test_the_head_of_a_record_is_what_it_says_before_its_first_list(head: dict, rest: list, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("head") / "manifest.json"
    for indent in (None, 2):
        for is_ascii in (True, False):
            text = json.dumps({**head, "shots\0": rest, "after": 1}, indent=indent, ensure_ascii=is_ascii)
            path.write_bytes(text.encode())
            assert read_head(path) == head


@settings(max_examples=40)
@given(data=st.binary())
def test_the_head_of_anything_else_is_a_record_or_nothing(data: bytes, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("head") / "manifest.json"
    for noise in (data, b"{" + data, b'{"job": ' + data):
        path.write_bytes(noise)
        assert isinstance(read_head(path), dict)


def test_a_planted_manifest_costs_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "manifest.json").open("wb") as file:
        file.write(b'{"schema": 1, "job": "abc", "shots": [')
        file.truncate(300 * 1024 * 1024)
    tracemalloc.start()
    try:
        assert read_head(tmp_path / "manifest.json") == {"schema": 1, "job": "abc"}
        assert read_record(tmp_path / "manifest.json") == {}
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()
