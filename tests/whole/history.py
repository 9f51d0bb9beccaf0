"""One history: workers, a share and people, what may happen to them, and what must be true whatever happens.

Seeded by one integer. What happens is told line by line, so that a seed can be read and replayed.
"""

from __future__ import annotations

import errno
import os
import random
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from failing_calls import CHANGING, EVERY, FailingCalls
from turns import Process, Workers
from twins import PaintingRenderer

ERRNOS = (
    errno.EIO, errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY,
    errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE, errno.EMFILE,
    errno.ETIMEDOUT,
)  # fmt: skip
PAIRS = [(call, error) for call in EVERY for error in ERRNOS]
PLACES = {
    "anywhere on the share": r"/share/",
    "the inbox": r"/share/inbox(/[^.][^/]*)?$",
    "jobs in the inbox": r"/share/inbox/[^.]",
    "claims": r"/\.zimage-worker/claims",
    "heartbeats and records": r"/\.zimage-worker/(workers|returned|spool)",
    "staging": r"/(outbox|failed)/[^/]*\.partial",
    "finished folders": r"/(outbox|failed)/[^/]*(/[^/]*)?$",
    "receipts": r"/outbox/receipts",
    "the local disk": r"/state",
}

CYCLE_S, WITHIN_MIN = 900.0, 10
HOURS = ", ".join(f"{at // 60:02}:{at % 60:02}-{at // 60:02}:{at % 60 + WITHIN_MIN:02}" for at in range(0, 1440, 15))
"""Ten minutes of each quarter of an hour, in any zone."""

COUNTED = {"job.interrupted", "window.ended", "folder.archived", "proof.approved", "proof.rejected", "proof.published"}
OF_WORK = {"job.claimed", "job.started", "space.told", "picture.made", "job.settled", "job.refused", "job.interrupted"}
"""Lines that come with what was done: as many as there are jobs and pictures."""


@dataclass(slots=True, kw_only=True)
class Planted:
    """An error at a call, from now on, for some time or some calls."""

    call: str
    error: int
    place: re.Pattern[str]
    until_s: float
    left: int
    is_late: bool


@dataclass(slots=True, kw_only=True)
class Dropped:
    """A job as somebody dropped it."""

    name: str
    files: dict[str, bytes]
    """By name in the job; `""` for a single file."""
    is_honest: bool
    """Valid, and nobody puts hands on it: it must be done."""
    is_bad: bool = False
    is_withdrawn: bool = False
    """Deleted or replaced by a person: its bytes may be gone."""
    dropped_s: float = 0.0


class Calls(FailingCalls):
    """Each call of the acting worker: counted, fatal where a kill is due, refused where an error is planted."""

    def __init__(self, history: History) -> None:
        super().__init__(history.fails)
        self._history = history

    def meet(self, call: str, path: object, folder: int | None = None) -> OSError | None:
        process = self._history.workers.acting
        if process is None:
            return None
        process.met()
        return super().meet(call, path, folder) if self._history.planted or self._history.is_full else None


class History:
    """What happens, to whom, and what came of it."""

    def __init__(self, seed: int, root: Path, *, has_urgent: bool) -> None:
        self.seed = seed
        self.has_urgent = has_urgent
        """Whether some jobs are urgent, longer, or made again: without, older seeds are what they were."""
        self.draw = random.Random(seed)
        self.root = root
        (root / "share").mkdir(parents=True)
        (root / "elsewhere").mkdir()
        self.workers = Workers(root / "share")
        self.names = ("w1", "w2", "w3")[: self.draw.choice((1, 2, 2, 3))]
        self.is_one_machine = self.draw.random() < 0.4
        self.alive: dict[str, Process] = {}
        self.planted: list[Planted] = []
        self.is_full = False
        self.dropped: list[Dropped] = []
        self.told: list[str] = []
        self.met: Counter[tuple[str, str]] = Counter()
        self.lines: Counter[tuple[str, int]] = Counter()
        self.log: list[str] = []
        self.pictures: dict[str, str] = {}
        """Verified ones that were seen, by hash: where each was first."""
        self.deleted: set[str] = set()
        """Hashes of pictures that a person has deleted."""
        self.thinned: set[bytes] = set()
        """Manifests of folders from which a person has deleted some."""
        self.again: Counter[bytes] = Counter()
        """How often a job may appear once more, by its text."""
        self.cancels: set[str] = set()
        """Names of all cancel files that people have put down."""
        self.keeping: dict[str, Process] = {}
        """Who lets old folders go, by worker."""
        self.events: Counter[str] = Counter()
        """How often workers logged some of what happens."""
        self.operations = 0
        self.found: list[str] = []
        """Violations that were seen when they happened."""

    def tell(self, text: str) -> None:
        self.told.append(f"{self.workers.now_s():8.1f} {text}")

    @property
    def share(self) -> Path:
        """Wherever it is just now."""
        here = self.root / "share"
        return here if here.exists() else self.root / "away"

    def is_here(self) -> bool:
        return (self.root / "share").exists()

    def note_moved(self, finished: Path) -> None:
        """Between the last rename and the end of its claim: if its worker dies, nothing says that the job has ended."""
        job = finished / "job.yaml"
        claimed = (self.share / "inbox/.zimage-worker/claims").rglob("*.yaml")
        if job.is_file() and any(path.read_bytes() == job.read_bytes() for path in claimed):
            self.again[job.read_bytes()] += 1

    # workers

    def wake(self, name: str) -> None:
        if name in self.alive and not self.alive[name].is_over:
            return
        seconds = self.draw.choice((0.0, 1.0, 5.0, 20.0))
        hours = self.draw.choice((None, None, HOURS)) if self.has_urgent else None
        renderer = PaintingRenderer(after=lambda _: self._paints(seconds, has_hours=hours is not None))
        state = self.root / ("state" if self.is_one_machine else f"state-{name}")
        most = self.draw.choice((1000, 1000, 2))  # an honest job has no more: what somebody else begun may be refused
        quota = self.draw.choice((None, None, 3)) if self.has_urgent else None
        pace = {"quota": quota, "scan_s": 20.0, "away_s": 20.0, "grace_s": 40.0, "attempts": 50, "hours": hours}
        self.alive[name] = self.workers.start(name, renderer, state_dir=state, max_shots=most, **pace)
        self.tell(f"{name} starts, for {most} pictures a job{', with hours' if hours else ''}")

    def _paints(self, seconds: float, *, has_hours: bool) -> None:
        acting, minute = self.workers.acting, self.workers.wall_s() % CYCLE_S / 60.0
        was_frozen = acting is not None and acting.frozen_until_s > self.workers.now_s() - CYCLE_S
        if has_hours and not was_frozen and minute > WITHIN_MIN + 1.0:
            self.found.append(f"a picture was begun outside the hours at {self.workers.now_s():.1f}")
        self.workers.spend(seconds)

    # calls

    def fails(self, call: str, path: str) -> int | None:
        now_s = self.workers.now_s()
        if self.is_full and call in ("fsync", "write") and "/share/" in path and _size(path) > 3000:
            self.met[call, "ENOSPC"] += 1
            return errno.ENOSPC
        for one in self.planted:
            if one.call == call and now_s < one.until_s and one.left > 0 and one.place.search(path):
                one.left -= 1
                self.met[call, errno.errorcode[one.error]] += 1
                return -one.error if one.is_late else one.error
        return None

    def statvfs(self, real: Callable[..., object]) -> Callable[..., object]:
        def told(path: object) -> object:
            if self.is_full and self.workers.acting is not None:
                return SimpleNamespace(f_frsize=4096, f_blocks=10**6, f_bavail=1, f_bsize=4096)
            return real(path)

        return told

    @contextmanager
    def happening(self) -> Iterator[None]:
        """While it lasts the acting worker's calls cost time and fail, chance is seeded, and logs are counted."""
        costs = {"sync_s": (0.0, 0.02, 0.1), "read_s": (0.0, 0.0, 0.05), "rename_s": (0.0, 0.02, 0.1)}
        drawn = {name: self.draw.choice(some) for name, some in costs.items()}
        chance = random.Random(self.seed)
        with ExitStack() as held:
            held.enter_context(self.workers.charging(**drawn))
            held.enter_context(Calls(self).installed())
            patch = held.enter_context(pytest.MonkeyPatch.context())
            patch.setattr(os, "statvfs", self.statvfs(os.statvfs))
            patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=chance.getrandbits(128), version=4))
            patch.setattr(secrets, "token_hex", lambda size=8: f"{chance.getrandbits(8 * size):0{2 * size}x}")
            held.enter_context(self._logged())
            yield

    @contextmanager
    def _logged(self) -> Iterator[None]:
        processors = structlog.get_config()["processors"]
        former = [*processors]
        processors[:] = [self._count]
        try:
            yield
        finally:
            processors[:] = former

    def _count(self, _: object, level: str, event: dict[str, object]) -> dict[str, object]:
        acting, now_s = self.workers.acting, self.workers.now_s()
        name = acting.name if acting else "-"
        self.lines[name, int(now_s // 60)] += event["event"] not in OF_WORK
        self.events[str(event["event"])] += event["event"] in COUNTED
        self.log.append(f"{now_s:8.1f} {name} {level} {event}")
        raise structlog.DropEvent


def plant(history: History, *, call: str, error: int, seconds: float, most: int) -> None:
    """From now on, for so long and so many calls at most."""
    place = history.draw.choice([*PLACES, *[next(iter(PLACES))] * 6])
    is_late = call in CHANGING and history.draw.random() < 0.3
    history.planted.append(
        Planted(call=call, error=error, place=re.compile(PLACES[place]), until_s=history.workers.now_s() + seconds,
                left=most, is_late=is_late)
    )  # fmt: skip
    late = " although it is done" if is_late else ""
    history.tell(f"{errno.errorcode[error]} at {call} in {place} for {seconds:g} s, {most} times at most{late}")


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
