"""Two spools for one suite: folders, and their in-memory twin."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Protocol

import pytest
from house import OURS
from memory_shared import Shared
from memory_spool import MemorySpool

from worker.disk.mount_tables import MountTables
from worker.publishing_ports import Publishing, Staging
from worker.records import Claim, StagedFile
from worker.spool import FolderSpool, SpoolOptions, init_folders
from worker.spool_ports import Inbox, Ownership, Space

SETTLE_S = 2.0


class Spool(Protocol):
    """One worker's view."""

    inbox: Inbox
    ownership: Ownership
    publishing: Publishing
    space: Space


class Spools:
    """A spool, what people do to it, and what they see in it."""

    root: Path

    def __init__(self) -> None:
        self.now_s = 1000.0

    def worker(self, name: str = "w1") -> Spool:
        """A worker as it is when it starts."""
        raise NotImplementedError

    def break_share(self) -> None:
        raise NotImplementedError

    def mend_share(self) -> None:
        raise NotImplementedError

    def finished(self, place: str) -> dict[str, dict[str, bytes]]:
        """Files by name, by name of the folder."""
        raise NotImplementedError

    def unfinished(self) -> int:
        """Staging folders."""
        raise NotImplementedError

    def told(self) -> list[str]:
        """Names in the inbox of which people are told why they wait."""
        raise NotImplementedError

    def drop(self, name: str, text: str = "prompt: a mug\n", *, at_s: int = 1000) -> None:
        path = self.root / "inbox" / name
        path.write_text(text)
        os.utime(path, (at_s, at_s))

    def settle(self, spool: Spool) -> None:
        spool.inbox.scan()
        self.now_s += SETTLE_S

    def claimed(self, spool: Spool, name: str = "mug.yaml") -> Claim:
        if not (self.root / "inbox" / name).exists():
            self.drop(name)
        self.settle(spool)
        (candidate,) = [one for one in spool.inbox.scan() if one.path.name == name]
        claim = spool.ownership.claim(candidate)
        assert claim is not None
        return claim

    def staged(self, spool: Spool, claim: Claim) -> Staging:
        staging = spool.publishing.stage(claim, name=claim.stem)
        staging.write(StagedFile(name="a.png", data=b"picture"))
        manifest = {"job": claim.job_id, "status": "complete"}
        staging.write(StagedFile(name="manifest.json", data=json.dumps(manifest).encode()))
        return staging


class RealSpools(Spools):
    """Three folders."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.folders = init_folders(root)
        self.tables = MountTables(fstab=root / "fstab", units=())

    def worker(self, name: str = "w1") -> FolderSpool:
        return FolderSpool(
            self.folders, worker_id=name, state_dir=self.root / "state", options=SpoolOptions(settle_s=SETTLE_S),
            clock=lambda: self.now_s, tables=self.tables,
        )  # fmt: skip

    def break_share(self) -> None:
        for name in ("inbox", "outbox", "failed"):
            (self.root / name).rename(self.root / f"{name}.away")

    def mend_share(self) -> None:
        for name in ("inbox", "outbox", "failed"):
            (self.root / f"{name}.away").rename(self.root / name)

    def finished(self, place: str) -> dict[str, dict[str, bytes]]:
        listed = [path for path in (self.root / place).iterdir() if path.name not in OURS]
        folders = [path for path in listed if path.is_dir() and path.suffix != ".partial"]
        return {
            folder.name: {
                path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
            }
            for folder in folders
        }

    def unfinished(self) -> int:
        return len([*self.root.glob("*/*.partial")])

    def told(self) -> list[str]:
        return [path.stem for path in self.root.glob("outbox/receipts/*.txt")]


class MemorySpools(Spools):
    """Values."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        (root / "inbox").mkdir()
        self.shared = Shared(root=root, settle_s=SETTLE_S, now_s=lambda: self.now_s)

    def worker(self, name: str = "w1") -> MemorySpool:
        return MemorySpool(self.shared, name)

    def break_share(self) -> None:
        self.shared.fault = "the share is away"

    def mend_share(self) -> None:
        self.shared.fault = None

    def finished(self, place: str) -> dict[str, dict[str, bytes]]:
        return self.shared.finished[place]

    def unfinished(self) -> int:
        return len(self.shared.partials)

    def told(self) -> list[str]:
        return [*self.shared.told]


@pytest.fixture(params=[RealSpools, MemorySpools], ids=["folders", "memory"])
def spools(request: pytest.FixtureRequest, tmp_path: Path) -> Spools:
    return request.param(tmp_path)
