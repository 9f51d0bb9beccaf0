"""Whatever workers, people and the share do, in any order: no job lost, none published twice, nothing half-done."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from promises import violations

from worker.errors import ClaimLost
from worker.records import Claim, StagedFile
from worker.spool import FolderSpool, SpoolOptions, init_folders
from worker.spool.alive.heartbeats import Heartbeats

WORKERS = ("a", "b", "c")
LEASE_S = 60.0


class Killed(BaseException):
    """In place of SIGKILL."""


class Night(RuleBasedStateMachine):
    """Three workers of three machines on one inbox."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="night-"))
        self.share = self.root / "share"
        self.folders = init_folders(self.share)
        self.now_s = 0.0
        self.dropped: dict[str, bytes] = {}
        self.spools: dict[str, FolderSpool] = {}
        self.claims: dict[str, Claim] = {}
        self.lives = {name: ExitStack() for name in WORKERS}

    @initialize()
    def begin(self) -> None:
        for name in WORKERS:
            self.wake(name)

    def wake(self, name: str) -> None:
        spool = FolderSpool(
            self.folders, worker_id=name, state_dir=self.root / f"state-{name}",
            options=SpoolOptions(settle_s=1.0, lease_s=LEASE_S), clock=lambda: self.now_s,
        )  # fmt: skip
        self.lives[name].enter_context(spool.ownership.lock(lambda seconds: None))
        self.spools[name] = spool

    def is_there(self) -> bool:
        return self.share.exists()

    @precondition(is_there)
    @rule()
    def submit(self) -> None:
        data = f"prompt: mug {len(self.dropped)}\n".encode()
        name = f"job-{len(self.dropped)}.yaml"
        (self.folders.inbox / name).write_bytes(data)
        self.dropped[name] = data

    @rule(seconds=st.sampled_from([1.0, 1.0, 5.0, 30.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(name=st.sampled_from(WORKERS))
    def beat(self, name: str) -> None:
        self.spools[name].ownership.beat()

    @rule(name=st.sampled_from(WORKERS))
    def claim(self, name: str) -> None:
        if name in self.claims:
            return
        with suppress(OSError):
            for candidate in self.spools[name].inbox.scan():
                claim = self.spools[name].ownership.claim(candidate)
                if claim is not None:
                    self.claims[name] = self.spools[name].ownership.begin(claim)
                    return

    @rule(name=st.sampled_from(WORKERS))
    def take_over(self, name: str) -> None:
        with suppress(OSError, ClaimLost):
            for claim in self.spools[name].ownership.leftovers():
                if name not in self.claims:
                    self.claims[name] = self.spools[name].ownership.begin(claim)

    @rule(name=st.sampled_from(WORKERS))
    def publish(self, name: str) -> None:
        claim = self.claims.get(name)
        if claim is None:
            return
        with suppress(OSError, ClaimLost):
            spool = self.spools[name]
            staging = spool.publishing.stage(claim, name=claim.stem)
            picture = b"picture of " + claim.stem.encode()
            digest = hashlib.sha256(picture).hexdigest()
            manifest = f'{{"job": "{claim.job_id}", "shots": [{{"status": "ok", "file": "p", "sha256": "{digest}"}}]}}'
            staging.write(StagedFile(name="p", data=picture))
            staging.write(StagedFile(name="manifest.json", data=manifest.encode()))
            spool.publishing.publish(claim, staging, name=claim.stem)
        if self.is_there():
            del self.claims[name]

    @rule(name=st.sampled_from(WORKERS))
    def give_back(self, name: str) -> None:
        claim = self.claims.pop(name, None)
        if claim is not None:
            with suppress(OSError, ClaimLost):
                self.spools[name].ownership.give_back(claim)

    @precondition(is_there)
    @rule(name=st.sampled_from(WORKERS))
    def kill(self, name: str) -> None:
        """The process is gone without a word, and another one starts."""
        self.claims.pop(name, None)
        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr(Heartbeats, "beat", lambda *_, **__: None)  # its goodbye is never said
            with self.lives[name]:
                raise Killed
        self.wake(name)

    @precondition(is_there)
    @rule()
    def unmount(self) -> None:
        self.share.rename(self.root / "away")

    @precondition(lambda self: not self.is_there())
    @rule(seconds=st.sampled_from([0.0, 10.0, 90.0]))
    def heal(self, seconds: float) -> None:
        self.now_s += seconds
        (self.root / "away").rename(self.share)

    @invariant()
    def promises_hold(self) -> None:
        root = self.share if self.is_there() else self.root / "away"
        assert violations(root, self.dropped, is_over=False) == []

    def teardown(self) -> None:
        """In the end everything that was accepted is brought home by whoever is left."""
        if not self.is_there():
            self.heal(0.0)
        for _ in range(60):
            self.now_s += LEASE_S
            for name in WORKERS:
                self.claim(name)
                self.take_over(name)
                self.publish(name)
            if not violations(self.share, self.dropped, is_over=True):
                break
        found = violations(self.share, self.dropped, is_over=True)
        for life in self.lives.values():
            life.close()
        shutil.rmtree(self.root)
        assert found == []


TestNight = Night.TestCase
TestNight.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestNight.pytestmark = [pytest.mark.slow]
