"""A worker that dies at any call by which a proof appears, waits, or is judged: the job is done whole, once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

pytestmark = pytest.mark.slow

JOB = "proof: {every: 2}\nshots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"
CHANGING = ("rename", "link", "unlink", "mkdir", "rmdir")
STRIDE = 1 if "EVERY" in os.environ else 6
"""Calls from one that is tried to the next; others for each phase."""
MOST = 400


class Killed(BaseException):
    """Nothing of the program runs any more."""


class Fuse:
    """Burns at the n-th changing call, before or after it."""

    def __init__(self, left: int, *, is_after: bool) -> None:
        self.left = left
        self.is_after = is_after

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in CHANGING:
            patch.setattr(os, name, self._burning(getattr(os, name)))

    def _burning(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **named: object) -> object:
            self.left -= 1
            if self.left == 0 and not self.is_after:
                raise Killed
            result = real(*args, **named)
            if self.left == 0:
                raise Killed
            return result

        return call


def proof_is_made(house: House) -> None:
    house.drop("mugs.yaml", JOB)


def approved(house: House) -> None:
    house.drop("mugs.yaml", JOB)
    house.drain()
    house.drop("mugs.approve", "")


def rejected(house: House) -> None:
    house.drop("mugs.yaml", JOB)
    house.drain()
    house.drop("mugs.reject", "")


def killed_at(house: House, number: int, *, is_after: bool) -> bool:
    """A drain that dies at that call; False where it makes fewer."""
    fuse = Fuse(number, is_after=is_after)
    with pytest.MonkeyPatch.context() as patch:
        fuse.install(patch)
        with suppress(Killed):
            house.drain()
    return fuse.left <= 0


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("phase", [proof_is_made, approved, rejected])
def test_wherever_its_worker_dies_the_job_is_done_once(tmp_path: Path, phase: Callable[[House], None], is_after: bool):
    found, first = [], 1 + STRIDE // 2 * is_after
    for number in range(first, MOST, STRIDE):
        house = House(tmp_path / str(number))
        phase(house)
        is_reached = killed_at(house, number, is_after=is_after)
        found += [f"{number}: {why}" for why in at_the_end(house, is_rejected=phase is rejected)]
        if not is_reached:
            break
    else:
        found.append("it never came to its end")
    assert not found, "\n".join(found)


def at_the_end(house: House, *, is_rejected: bool) -> list[str]:
    """What is not as it should be once workers and people have had their time."""
    painted = PaintingRenderer()
    for worker in ("w1", "w2", "w1"):
        if any(house.folders.proofs.glob("*")) and not (house.root / "inbox/mugs.reject").exists():
            house.drop("mugs.approve", "")
        house.drain(painted, worker_id=worker)
    outbox, failed = house.names("outbox"), house.names("failed")
    wanted = ({"mugs.proof"}, {"mugs"}) if is_rejected else ({"mugs.proof", "mugs"}, set())
    found = [] if (outbox, failed) == wanted else [f"outbox {sorted(outbox)}, failed {sorted(failed)}"]
    if "mugs" in outbox and house.manifest("mugs")["made"] != 2:
        found.append("not all of it")
    left = [*house.folders.proofs.glob("*"), *house.folders.claims.glob("*/*"), *house.folders.returned.glob("*.json")]
    return [*found, *(f"left: {path.relative_to(house.root)}" for path in left)]
