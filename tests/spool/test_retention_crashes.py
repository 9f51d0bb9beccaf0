"""Old folders whose worker dies at any step, or shares them with another: all of it lies somewhere, once."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from pathlib import Path

import pytest
from heard_log import heard_log

from tests.spool.old_folders import Old, files_in
from worker.spool.retention.holders import HIDDEN

pytestmark = pytest.mark.slow

CALLS = ("rename", "mkdir", "unlink", "rmdir", "fsync", "open", "link")


@pytest.mark.slow
@pytest.mark.parametrize("is_archive", [True, False])
def test_at_every_call_that_fails_all_of_it_lies_somewhere(
    either: Old, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_archive: bool
) -> None:
    """Each call fails once, for ever after that (the machine dies); then a new start goes on."""
    pristine = tmp_path / "pristine"
    folder = either.job("mugs")
    before = files_in(folder)
    shutil.copytree(folder, pristine)
    every = 5 if either.is_elsewhere and is_archive else 1  # some 300 calls
    for at in range(1, 500, every):
        count = _pass_until(either, monkeypatch, at, is_archive=is_archive)
        rests = [folder, either.archive / "mugs", *either.hidden()]
        wholes = [path for path in rests if path.exists() and files_in(path).items() >= before.items()]
        held = [path / "mugs" for path in either.hidden() if (path / "mugs").exists()]
        wholes += [path for path in held if files_in(path) == before]
        is_leaving = not is_archive and any(path.name.endswith(".retired") for path in either.hidden())
        assert wholes or is_leaving or (not is_archive and not folder.exists()), f"at call {at}"
        if folder.exists():
            assert files_in(folder) == before, f"half a folder is shown, at call {at}"
        told = either.pass_(archive=is_archive)
        assert (either.outbox(), either.hidden()) == (set(), []), f"at call {at}: {told}"
        if is_archive:
            assert files_in(either.archive / "mugs") == before
            assert [path.name for path in either.archive.iterdir()] == ["mugs"], f"at call {at}"
        if count < at:
            return
        shutil.rmtree(either.archive / "mugs", ignore_errors=True)
        _again(pristine, folder)
    pytest.fail("it never came to an end")


def _again(pristine: Path, folder: Path) -> None:
    shutil.copytree(pristine, folder)
    os.utime(folder, (time.time(), time.time()))


def _pass_until(old: Old, monkeypatch: pytest.MonkeyPatch, at: int, *, is_archive: bool) -> int:
    """One look that dies at a call; how many there were."""
    count, keeper = 0, old.keeper()

    def dying(real: object) -> object:
        def call(*args: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count >= at:
                raise OSError(errno.EIO, "Input/output error")
            return real(*args, **named)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch, heard_log():
        for name in CALLS:
            patch.setattr(os, name, dying(getattr(os, name)))
        with contextlib.suppress(OSError):
            list(keeper.steps(old.rules(archive=is_archive)))
    return count


def test_what_another_dead_worker_left_is_put_back_after_two_hours(old: Old) -> None:
    folder = old.job("mugs")
    holder = old.house.root / "outbox" / HIDDEN / "0123456789abcdef-w9.retiring"
    holder.mkdir(parents=True)
    before = files_in(folder)
    folder.rename(holder / "mugs")
    keeper = old.keeper()
    list(keeper.steps(None))
    assert old.hidden()
    old.house.spend(2 * 3600 + 1)
    with heard_log():
        list(keeper.steps(None))  # also where nothing is to go any more
    assert files_in(folder) == before
    assert old.hidden() == []


def test_two_workers_take_a_folder_once(old: Old) -> None:
    for name in ("a", "b", "c"):
        old.job(name)
    one, other = (old.keeper(name).steps(old.rules()) for name in ("w1", "w2"))
    with heard_log() as told:
        running = [one, other]
        while running:
            for steps in [*running]:
                if next(steps, "over") == "over":
                    running.remove(steps)
    assert sorted(path.name for path in old.archive.iterdir()) == ["a", "b", "c"]
    assert sorted(str(facts["folder"]) for event, facts in told if event == "folder.archived") == ["a", "b", "c"]
    assert (old.outbox(), old.hidden()) == (set(), [])
