"""A job that was given back with a picture, and what of it lies where."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from worker.records import Claim, StagedFile
from worker.spool import Folders

PICTURE = b"a picture"


def sidecar(claim: Claim, data: bytes = PICTURE) -> StagedFile:
    record = {"file": "a.png", "sha256": hashlib.sha256(data).hexdigest(), "job": claim.job_id}
    return StagedFile(name="a.json", data=json.dumps(record).encode())


def tree(folders: Folders) -> set[str]:
    return {
        str(path.relative_to(root.parent))
        for root in (folders.inbox, folders.outbox, folders.failed)
        for path in root.rglob("*")
    }


def partials(folders: Folders) -> list[Path]:
    return [*folders.outbox.glob("*.partial"), *folders.failed.glob("*.partial")]


def give_back(yard: Any, name: str = "mug.yaml", *, is_whole: bool = True, stem: str = "mug") -> Claim:
    """As worker w1 does it when it is asked to stop after one picture."""
    yard.drop(name)
    spool = yard.worker()
    claim = yard.begun(spool, name)
    staging = spool.publishing.stage(claim, name=stem)
    staging.write(StagedFile(name="a.png", data=PICTURE if is_whole else b"rot"))
    staging.write(sidecar(claim))
    staging.write(StagedFile(name="index.html", data=b"rendering"))
    assert spool.ownership.give_back(claim)
    return claim
