"""What is kept of a copy that fails: all that is finished, unless its disk is full or its source is no model."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from model_forms import add_folder, names

from worker.disk.durable import WrittenFile
from worker.errors import UsageError
from worker.studio.model_store import add

pytestmark = pytest.mark.slow

FINISHED = 2
"""Source files, when the third fails."""


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The error with which the copy cannot be written from the third file on; none while it is empty."""
    numbers: list[int] = []
    begun: list[object] = []

    class Failing(add.Converter):
        def feed(self, piece: bytes) -> None:
            if self not in begun:
                begun.append(self)
            if numbers and len(begun) > FINISHED:
                raise OSError(numbers[0], os.strerror(numbers[0]))
            super().feed(piece)

    monkeypatch.setattr(add, "Converter", Failing)
    return numbers


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.ETIMEDOUT])
def test_a_hiccup_of_the_target_keeps_what_is_finished(
    folder: Path, tmp_path: Path, fails: list[int], number: int
) -> None:
    fails.append(number)
    with pytest.raises(UsageError, match=r"cannot be written .* What is finished is kept: the same call goes on"):
        add_folder(folder, tmp_path / "copy")
    kept = {path: path.stat().st_ino for path in (tmp_path / ".copy.adding").glob("*/*.safetensors")}
    assert len(kept) == FINISHED
    fails.clear()
    made = add_folder(folder, tmp_path / "copy")
    assert {(made.folder / path.relative_to(tmp_path / ".copy.adding")).stat().st_ino for path in kept} == {
        *kept.values()
    }


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_given_its_room_back(folder: Path, tmp_path: Path, fails: list[int], number: int) -> None:
    fails.append(number)
    with pytest.raises(UsageError, match="Nothing of it was kept"):
        add_folder(folder, tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_file_that_cannot_even_be_closed_is_told_alike(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = add.written_file

    @contextmanager
    def unclosed(path: Path, *, below: Path) -> Iterator[WrittenFile]:
        with written(path, below=below) as file:
            try:
                yield file
            finally:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    def ends(done: int, total: int) -> None:
        raise UsageError("anything")

    monkeypatch.setattr(add, "written_file", unclosed)
    with pytest.raises(UsageError, match="Input/output error"):
        add_folder(folder, tmp_path / "copy", on_progress=ends)


def test_a_target_that_appears_meanwhile_costs_nothing(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    with pytest.raises(UsageError, match=r"appeared while it was written.*what is finished is kept"):
        add_folder(folder, target, on_progress=lambda done, total: done == total and target.mkdir())
    kept = {path: path.stat().st_ino for path in (tmp_path / ".copy.adding").glob("*/*.safetensors")}
    target.rmdir()
    made = add_folder(folder, target)
    assert {path.stat().st_ino for path in made.folder.glob("*/*.safetensors")} == {*kept.values()}
    assert names(made.folder) - {"model.json"} == names(folder)


def test_before_the_first_byte_nobody_speaks_of_what_was_kept(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as refusal:
        add_folder(folder, tmp_path / "file/copy")
    assert "kept" not in str(refusal.value)


@pytest.mark.parametrize("step", ["made", "filled", "inspected"])
def test_a_failing_folder_for_temporary_files_is_no_source_that_is_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def full(path: Path, length: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "made":
        (tmp_path / "tmp").rmdir()
    elif step == "filled":
        monkeypatch.setattr(os, "truncate", full)
    else:
        monkeypatch.setattr(os, "truncate", lambda path, length: shutil.rmtree(Path(path).parents[1]))
    with pytest.raises(UsageError, match=r"temporary files .*set TMPDIR"):
        add_folder(folder, tmp_path / "copy")
    assert not (tmp_path / ".copy.adding").exists()
