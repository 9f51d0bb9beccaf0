"""A job with a proof: its pictures come first, nobody waits for the answer, and nothing proofed is made again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode

SIX = "proof: true\nshots:\n  - {id: a, prompt: a mug, count: 2}\n  - {id: b, prompt: a vase, count: 4}\n"
PROOFED = ["a_01.png", "b_01.png"]
REST = ["a_02.png", "b_02.png", "b_03.png", "b_04.png"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def painted(house: House) -> list[str]:
    """What a drain makes."""
    renderer = PaintingRenderer()
    house.drain(renderer)
    return renderer.painted


def proofed(house: House, text: str = SIX) -> None:
    """A job whose proof waits."""
    house.drop("mugs.yaml", text)
    house.drain()


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.png")}


def test_the_proof_comes_first_and_the_job_waits(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.DONE, "a proof that waits has not failed"
    assert renderer.painted == PROOFED
    assert house.names("outbox") == {"mugs.proof"}
    manifest = house.manifest("mugs.proof")
    assert (manifest["status"], manifest["pictures"], manifest["proof_of"]) == ("proof", 2, 6)
    assert not list(house.folders.claims.glob("*/*")), "nobody's claim"
    assert not list((house.root / "outbox").glob("*.partial"))


def test_the_rest_is_made_once_it_is_approved_and_what_was_proofed_is_copied(house: House) -> None:
    proofed(house)
    before = hashes(house.root / "outbox/mugs.proof")
    house.drop("mugs.approve", "")
    assert painted(house) == REST
    manifest = house.manifest("mugs")
    assert (manifest["status"], manifest["pictures"], manifest["warnings"]) == ("complete", 6, [])
    assert manifest["approved_at"]
    after = hashes(house.root / "outbox/mugs")
    assert {name: after[name] for name in before} == before
    assert hashes(house.root / "outbox/mugs.proof") == before, "it stays as it is"
    assert (house.root / "outbox/mugs/job.yaml").read_text() == SIX
    assert not list(house.folders.proofs.glob("*"))


def test_a_rejected_job_ends_as_cancelled_and_its_proof_stays(house: House) -> None:
    proofed(house)
    house.drop("mugs.reject", "")
    assert painted(house) == []
    assert (house.names("outbox"), house.names("failed")) == ({"mugs.proof"}, {"mugs"})
    error = json.loads((house.root / "failed/mugs/error.json").read_bytes())
    assert (error["status"], "outbox/mugs.proof" in error["reason"]) == ("cancelled", True)
    assert (house.root / "failed/mugs/job.yaml").read_text() == SIX
