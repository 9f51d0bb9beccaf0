from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.spool.old_folders import Old
from worker.records import Candidate, Claim
from worker.spool import Folders, FolderSpool, SpoolOptions, init_folders
from worker.spool.retention.archive import Archive
from worker.spool.settling import FOLDER_SETTLES

SETTLE_S = 2.0


class Yard:
    """Three real folders, and workers on a clock that only a test moves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: Folders = init_folders(root)
        self.now_s = 1_000.0

    def worker(self, worker_id: str = "w1", **options) -> FolderSpool:
        return FolderSpool(
            self.folders,
            worker_id=worker_id,
            state_dir=self.root / "state",
            options=SpoolOptions(settle_s=SETTLE_S, **options),
            clock=lambda: self.now_s,
        )

    def drop(self, name: str, text: str = "prompt: mug\n") -> Path:
        path = self.folders.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def settled(self, spool: FolderSpool, *, settle_s: float = SETTLE_S) -> tuple[Candidate, ...]:
        spool.inbox.scan()
        self.now_s += settle_s
        return spool.inbox.scan()

    def claimed(self, spool: FolderSpool, name: str = "mug.yaml") -> Claim:
        settle_s = SETTLE_S * (FOLDER_SETTLES if (self.folders.inbox / name).is_dir() else 1)
        (candidate,) = [one for one in self.settled(spool, settle_s=settle_s) if one.path.name == name]
        claim = spool.ownership.claim(candidate)
        assert claim is not None
        return claim

    def begun(self, spool: FolderSpool, name: str = "mug.yaml") -> Claim:
        return spool.ownership.begin(self.claimed(spool, name))


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose contents are read while the test runs."""
    names: list[str] = []
    really: Callable[..., int] = os.open

    def counting(path: str, flags: int, *args: int, **named: int) -> int:
        if not flags & os.O_DIRECTORY:
            names.append(Path(path).name)
        return really(path, flags, *args, **named)

    monkeypatch.setattr(os, "open", counting)
    return names


@pytest.fixture
def old(tmp_path: Path) -> Old:
    return Old(tmp_path)


@pytest.fixture(params=["same disk", "another disk"])
def either(request: pytest.FixtureRequest, old: Old, monkeypatch: pytest.MonkeyPatch) -> Old:
    if request.param == "another disk":
        monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
        old.is_elsewhere = True
    return old
