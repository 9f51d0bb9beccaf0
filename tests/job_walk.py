"""One job on its way over real folders: its state at each look, and a power cut where a test wants one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house import House
from night_house import NightHouse
from twins import PaintingRenderer

from worker.daemon.job_states import JobState

TWO = "shots:\n  - {id: a, prompt: a red mug}\n  - {id: b, prompt: a blue vase}\n"
S = JobState


class Killed(BaseException):
    """A power cut: nothing of the program runs any more."""


class Walk:
    """One job, `mugs.yaml`, on its way."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = House(root)
        self.inbox = root / "inbox"
        self.monkeypatch = monkeypatch
        self.seen: list[JobState] = []

    def state(self) -> JobState:
        """As the folders show it."""
        house, waits = self.house, (self.inbox / "mugs.yaml").exists()
        claims = [path.parents[1] for path in house.folders.claims.glob("*/*/dropped/mugs.yaml")]
        if "mugs" in house.names("outbox"):
            return S.CANCELLED if house.manifest("mugs")["status"] == "cancelled" else S.PUBLISHED
        if "mugs" in house.names("failed"):
            error = json.loads((house.root / "failed/mugs/error.json").read_bytes())
            return S.CANCELLED if error["status"] == "cancelled" else S.FAILED
        if any(house.folders.proofs.glob("*/dropped/mugs.yaml")):
            return S.PROOFED
        if claims:
            return S.RENDERING if json.loads((claims[0] / "claim.json").read_bytes())["attempt"] else S.CLAIMED
        if waits:
            return S.GIVEN_BACK if any(house.folders.returned.glob("*.json")) else S.WAITING
        return S.WITHDRAWN

    def see(self, *_: object) -> None:
        self.seen.append(self.state())

    def late(self) -> None:
        """The worker's hours end while it is in work."""
        self.house = house = NightHouse(self.house.root, begins="2026-11-28 22:59")
        self.waiting()
        house.run(PaintingRenderer(after=lambda _: (self.see(), house.spend(120.0))), drain=True, hours="22:00-23:00")
        self.see()

    def waiting(self, text: str = TWO) -> None:
        self.house.drop("mugs.yaml", text)
        self.see()

    def cut_at(self, method: str, owner: str) -> None:
        """The power fails when that is called first; what was until then is seen."""
        with self.monkeypatch.context() as patch:

            def cut(*_: object, **__: object) -> None:
                self.see()
                raise Killed

            patch.setattr(f"{owner}.{method}", cut)
            with pytest.raises(Killed):
                self.house.drain()

    def claimed(self) -> None:
        """A job whose worker died before it began."""
        self.waiting()
        self.cut_at("begin", "worker.spool.claims.Claims")

    def proofed(self) -> None:
        """A job whose proof waits for a person."""
        self.waiting(f"proof: true\n{TWO}  - {{id: c, prompt: a bowl, count: 2}}\n")
        self.house.drain(PaintingRenderer(after=self.see))
        self.see()

    def judged(self, verb: str) -> None:
        """Its proof, by a worker that then only looks."""
        self.proofed()
        self.house.drop(f"mugs.{verb}", "")
        self.house.spool().inbox.scan()
        self.see()

    def rendering(self) -> None:
        """A job whose worker died at its first picture."""
        self.waiting()
        with pytest.raises(Killed):
            self.house.drain(PaintingRenderer(after=self.cut))

    def cut(self, _: object) -> None:
        self.see()
        raise Killed

    def given_back(self) -> None:
        self.waiting()
        self.house.drain(PaintingRenderer(after=lambda _: (self.see(), self.house.stop())))
        self.house.resume()
        self.see()
