"""Whatever lies in the folder of receipts, or in its place, the others are written and nothing elsewhere is."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.spool import receipts

NAMES = ("a.xlsx", "b.xlsx", "c.xlsx")


def told(yard, spool) -> Path:
    for _ in range(3):
        spool.inbox.scan()
        spool.inbox.tell({})
        yard.now_s += receipts.LOOK_AGAIN_S
    return yard.folders.outbox / "receipts"


@pytest.mark.parametrize("planted", ["a folder", "a link"])
def test_what_lies_in_the_place_of_a_receipt_keeps_no_other_from_being_written(yard, planted: str) -> None:
    for name in NAMES:
        yard.drop(name)
    secret = yard.drop("../secret", "mine")
    first, *others = [path.name for path in yard.folders.inbox.iterdir() if path.name in NAMES]
    place = yard.folders.outbox / "receipts"
    place.mkdir()
    if planted == "a folder":
        (place / f"{first}.txt").mkdir()
    else:
        (place / f"{first}.txt").symlink_to(secret)
    told(yard, yard.worker())
    assert all(name in (place / f"{name}.txt").read_text() for name in others)
    assert secret.read_text() == "mine"


def test_receipts_are_not_written_through_a_link_that_is_swapped_in(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.drop("a.xlsx")
    private = yard.root / "private"
    private.mkdir()
    place = yard.folders.outbox / "receipts"
    really = receipts.receipt

    def swapping(name: str, why: str, **words: object) -> bytes:
        if not place.is_symlink():
            place.rename(yard.root / "away")
            place.symlink_to(private)
        return really(name, why, **words)

    monkeypatch.setattr(receipts, "receipt", swapping)
    told(yard, yard.worker())
    assert place.is_symlink()
    assert not [*private.iterdir()]
