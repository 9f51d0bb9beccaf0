"""Jobs that are made again: a folder in which pictures failed, what asks for a retry, and what is answered."""

from __future__ import annotations

from pathlib import Path

from house import House
from told import receipts
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.records import Candidate
from worker.spool import FolderSpool

THREE = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n  - {id: c, prompt: a bowl}\n"


def failing(*files: str) -> PaintingRenderer:
    return PaintingRenderer(refuses=files)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def partial(house: House, *failed: str, name: str = "mugs.yaml") -> Path:
    """A finished folder in which these pictures have failed."""
    house.drop(name, THREE)
    assert house.drain(failing(*failed)) == (ExitCode.JOBS_FAILED if failed else ExitCode.DONE)
    return house.root / "outbox/mugs"


def retried(house: House, *, file: str = "mugs.retry", words: str = "") -> PaintingRenderer:
    house.drop(file, words)
    renderer = PaintingRenderer()
    house.code = house.drain(renderer)
    assert file not in house.names("inbox")
    return renderer


def settled(house: House, spool: FolderSpool) -> Candidate:
    """The only job that waits."""
    for _ in range(9):
        if found := spool.inbox.scan():
            return found[0]
        house.spend(5.0)
    raise AssertionError("nothing settles")


def answer(house: House, file: str = "mugs.retry.txt") -> str:
    return receipts(house)[file]
