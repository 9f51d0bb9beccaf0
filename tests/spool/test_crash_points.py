"""Every call that changes a folder is a point at which the worker may be killed; afterwards the promises hold."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.spool.crash_driver import JOBS, Fatal, Life, drop, in_child, litter, verified, violations
from worker.spool import Folders, init_folders
from worker.spool.claims import Claims
from worker.spool.final_rename import add_dropped, appear, verify
from worker.spool.publishing import FolderPublishing

pytestmark = pytest.mark.slow

Mutant = Callable[[], None]


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process loses nothing that it had written: syncing matters to power cuts alone."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def points(root: Path, name: str, *, gives_back: bool, mutant: Mutant) -> list[tuple[int, bool]]:
    """All points of one job's life: before every call, and after it where that is another state."""
    told = root / "calls.json"

    def act() -> None:
        fatal = Fatal(0, is_after=False)
        live(root / "count", name, fatal, gives_back=gives_back, mutant=mutant)
        told.write_text(json.dumps(fatal.changing))

    assert in_child(act) == 0
    changing = json.loads(told.read_text())
    return [
        (number, after) for number, is_changing in enumerate(changing, 1) for after in (False, True)[: 1 + is_changing]
    ]


def live(root: Path, name: str, fatal: Fatal, *, gives_back: bool, mutant: Mutant) -> None:
    folders = init_folders(root)
    drop(folders, name)
    mutant()
    fatal.install()
    Life(folders, root / "state").run(gives_back=gives_back)


def crash_everywhere(
    root: Path, name: str, *, gives_back: bool, mutant: Mutant, heirs: tuple[str, ...] = ("w1",)
) -> Iterator[list[str]]:
    """Kill at each point, check, recover as `heirs`, check again; yields what was violated."""
    for number, is_after in points(root, name, gives_back=gives_back, mutant=mutant):
        place = root / "life"
        fatal = Fatal(number, is_after=is_after)
        status = in_child(partial(live, place, name, fatal, gives_back=gives_back, mutant=mutant))
        assert os.WIFSIGNALED(status), f"the fault did not fire at {number}"
        assert os.WTERMSIG(status) == signal.SIGKILL
        folders = Folders(inbox=place / "inbox", outbox=place / "outbox", failed=place / "failed")
        found = violations(folders, [name], is_over=False)
        litter(folders)
        made = verified(folders)
        for heir in heirs:
            Life(folders, place / "state", worker_id=heir).run()
        found += violations(folders, [name], is_over=True)
        found += [f"deleted: {picture!r}" for picture in made - verified(folders)]
        yield [f"killed {'after' if is_after else 'before'} call {number}: {one}" for one in found]
        shutil.rmtree(place)


def nothing_wrong() -> None:
    pass


LIVES = [(name, False) for name in JOBS] + [(name, True) for name in JOBS if not name.startswith("bad")]
"""Jobs to their end, and given back half-way: a refused job never is."""


@pytest.mark.parametrize(("name", "gives_back"), LIVES)
def test_no_crash_loses_a_job_or_publishes_it_twice_or_shows_it_half_written(
    tmp_path: Path, name: str, gives_back: bool
) -> None:
    found = list(crash_everywhere(tmp_path, name, gives_back=gives_back, mutant=nothing_wrong))
    assert len(found) > 50
    assert not [one for violated in found for one in violated]


def test_another_worker_of_this_host_takes_every_job_over(tmp_path: Path) -> None:
    """The dead one comes back last: only it may clear away a claim that it had not begun to write."""
    lives = crash_everywhere(tmp_path, "set", gives_back=True, mutant=nothing_wrong, heirs=("w2", "w1"))
    found = list(lives)
    assert len(found) > 50
    assert not [one for violated in found for one in violated]


def claim_ended_first(self: FolderPublishing, claim, staging, *, root, name):
    add_dropped(staging, claim.dropped)
    verify(staging)
    self._claims.end(claim)
    return appear(staging.path, root=root, name=name, job_id=claim.job_id, note=lambda staged, target: None)


def shown_first(self: FolderPublishing, claim, staging, *, root, name):
    path = appear(staging.path, root=root, name=name, job_id=claim.job_id, note=lambda staged, target: None)
    staging._path = path
    add_dropped(staging, claim.dropped)
    verify(staging)
    self._sweep(claim, path)
    return path


def no_note(self: Claims, claim, said):
    return None


@pytest.mark.parametrize(
    ("name", "owner", "method", "wrong", "violation"),
    [
        ("mug.yaml", FolderPublishing, "_finish", claim_ended_first, "lost"),
        ("bad.yaml", Claims, "note", no_note, "published 2 times"),
        ("mug.yaml", FolderPublishing, "_finish", shown_first, "half-written"),
    ],
    ids=["claim ended before the job appears", "no note of the ending", "appears before it is whole"],
)
def test_a_wrong_order_of_steps_is_caught(
    tmp_path: Path, name: str, owner: type, method: str, wrong: Callable[..., object], violation: str
) -> None:
    lives = crash_everywhere(tmp_path, name, gives_back=False, mutant=lambda: setattr(owner, method, wrong))
    assert any(violation in one for violated in lives for one in violated)
