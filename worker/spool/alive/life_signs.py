"""Signs of life: what somebody who only looks can say of the workers, from one look or from several.

On their own machine the lock tells at once, or the process. Elsewhere the heartbeat's file tells by the share's own
clock; once it was seen to change, or not to, by ours. Nothing is written but, where that clock is wanted, a file of a
moment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.disk.folder_probe import probe
from worker.spool.alive.heartbeats import SUFFIX, boot_id, read_beat
from worker.spool.alive.lease import Heartbeat, LifeState, Watched, life_of, watched
from worker.spool.alive.locks import WorkerLocks
from worker.spool.alive.processes import is_running

RECORD = ".json"
"""Ends the name of what a worker says of itself."""
CLOCK_AGAIN_S = 600.0
"""Between two looks at the share's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Of one worker."""

    life: LifeState
    heard_s: float | None
    """When it was last heard of, by our wall clock; None when it never was."""
    run: str = ""
    """Random id of its process run."""
    host: str = ""

    @property
    def may_work(self) -> bool:
        """Whether it lives, or is late and may live."""
        return self.life in ("alive", "silent")


class LifeSigns:
    """What one onlooker knows of the workers of a spool; one that is kept knows more with every look."""

    def __init__(
        self,
        workers: Path,
        *,
        locks: WorkerLocks,
        host: str,
        lease_s: float,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            workers: folder of their records.
            locks: of this machine.
            host: name of this machine.
            lease_s: a worker that is silent for so long is dead.
            clock: seconds that no one sets; counts suspended time.
            wall: seconds since 1970.
        """
        self._workers = workers
        self._locks = locks
        self._host = host
        self._lease_s = lease_s
        self._clock = clock
        self._wall = wall
        self._seen: dict[str, Watched] = {}
        self._changed: set[str] = set()
        """Of whom a heartbeat was seen to change: from then on our own clock tells."""
        self._ahead_s = 0.0
        self._probed_s: float | None = None

    def of(self, worker_id: str) -> Signs:
        """Look once.

        Args:
            worker_id: of the worker.

        Raises:
            OSError: the share failed.
        """
        path, now_s = self._workers / f"{worker_id}{SUFFIX}", self._clock()
        beat, former = read_beat(path), self._seen.get(worker_id)
        seen = self._seen[worker_id] = watched(former, beat, now_s=now_s)
        if former is not None and former.beat != seen.beat:
            self._changed.add(worker_id)
        runs = self._runs(worker_id, beat)
        heard_s = self._heard_s(worker_id, is_clock_wanted=runs is None and not (beat and beat.is_stopped))
        silent_s = None if heard_s is None else now_s - seen.since_s
        if heard_s is not None and worker_id not in self._changed:
            silent_s = max(now_s - seen.since_s, self._wall() - heard_s)
        life = life_of(beat, runs=runs, silent_s=silent_s, lease_s=self._lease_s)
        return Signs(life=life, heard_s=heard_s, run=beat.run if beat else "", host=beat.host if beat else "")

    def working(self, worker_ids: Iterable[str]) -> tuple[str, ...]:
        """Which of these workers live or may live, in their order; one whose files cannot be read is none of them.

        Args:
            worker_ids: of any workers.
        """
        return tuple(one for one in worker_ids if self._may_work(one))

    def _may_work(self, worker_id: str) -> bool:
        try:
            return self.of(worker_id).may_work
        except OSError:
            return False

    def _heard_s(self, worker_id: str, *, is_clock_wanted: bool) -> float | None:
        """When its heartbeat was written, also one that this user may not read; where there is none, its record."""
        written_s = None
        for ending in (RECORD, SUFFIX):
            with suppress(FileNotFoundError):
                written_s = os.lstat(self._workers / f"{worker_id}{ending}").st_mtime
        if written_s is None:
            return None
        ahead_s = self._share_ahead_s() if is_clock_wanted else self._ahead_s
        return min(written_s - ahead_s, self._wall())

    def _runs(self, worker_id: str, beat: Heartbeat | None) -> bool | None:
        """Whether its lock is held; False also where its process is gone, and None where neither can be seen.

        A process that is there need not work: of one whose lock is out of reach the heartbeat tells.
        """
        is_held = self._locks.is_held(worker_id)
        if is_held or beat is None or beat.is_stopped:
            return is_held or None
        place = self._locks.known_place()
        if place and (beat.host, beat.locks) == (self._host, place):
            return is_held
        is_here = bool(beat.boot) and beat.boot == boot_id()
        return False if is_here and is_running(beat.process) is False else None

    def _share_ahead_s(self) -> float:
        """Seconds by which the share's clock is ahead of ours; 0 where it cannot be asked."""
        now_s = self._clock()
        if self._probed_s is None or now_s - self._probed_s >= CLOCK_AGAIN_S:
            self._probed_s = now_s
            with suppress(OSError):
                self._ahead_s = probe(self._workers, wall=self._wall)
        return self._ahead_s
