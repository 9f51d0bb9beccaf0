"""Heartbeats on the share: writing this worker's, watching the others'.

Knows `workers/ID.beat`.
"""

from __future__ import annotations

import errno
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.disk.looks import paths_in
from worker.disk.temporaries import remove_temporaries_of
from worker.errors import FoldersUnusable, WorkerIdTaken
from worker.spool.alive.lease import Heartbeat, Owner, Watched, is_dead, must_prove, watched
from worker.spool.alive.processes import process_mark
from worker.translation import gettext

BEAT_S = 10.0
"""Time between two beats; a lease is many of them, since a worker may be blind for half a minute (measured on NFS)."""
ALIVE = 2
"""So many changes of a heartbeat show that its owner lives. One may be old: a share shows for half a minute what was
there before (measured on NFS), a synchroniser brings what a machine wrote before it died."""
WATCHED_LOOKS = 12 * ALIVE
"""Looks at another's heartbeat, four to a beat, after which one that beats would have been seen to."""
SUFFIX = ".beat"
BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")


class Heartbeats:
    """This worker's heart, and its view of the others'."""

    def __init__(
        self,
        folder: Path,
        owner: Owner,
        *,
        locks: str,
        lease_s: float,
        clock: Callable[[], float],
    ) -> None:
        """Keep the places; nothing is written.

        Args:
            folder: of all workers' records.
            owner: this worker.
            locks: id of this machine's lock folder.
            lease_s: a worker that is silent for so long is dead.
            clock: seconds; counts suspended time.
        """
        self._folder = folder
        self._worker_id = owner.worker_id
        self._mine = Heartbeat(run=owner.run, count=0, host=owner.host, locks=locks, boot=boot_id(),
                               process=process_mark())  # fmt: skip
        self._lease_s = lease_s
        self._clock = clock
        self._last_s = float("-inf")
        self._was_silent = False
        self._beating = threading.Lock()
        self._seen: dict[str, Watched] = {}

    def beat(self, *, now: bool = False, is_stopped: bool = False) -> None:
        """Raise the counter, if it is time.

        Args:
            now: whether or not it is time.
            is_stopped: the last beat of a worker that ends in good order.

        Raises:
            OSError: the share failed; the former beat stands.
        """
        if not self._beating.acquire(timeout=BEAT_S if now else 0):
            if now:
                raise TimeoutError(errno.ETIMEDOUT, "a heartbeat hangs", str(self._path(self._worker_id)))
            return  # the other thread is about it
        try:
            if now or self._clock() - self._last_s >= BEAT_S:
                self._write(is_stopped=is_stopped)
        finally:
            self._beating.release()

    def _write(self, *, is_stopped: bool) -> None:
        former_s, begun_s = self._last_s, self._clock()
        mine = self._mine = replace(self._mine, count=self._mine.count + 1, is_stopped=is_stopped)
        record = {"run": mine.run, "count": mine.count, "host": mine.host, "locks": mine.locks, "boot": mine.boot,
                  "process": mine.process, "stopped": is_stopped}  # fmt: skip
        inbox, path = self._folder.parents[1], self._path(self._worker_id)
        make_folder(self._folder, below=self._folder.parent)  # never anew where a share went away
        if former_s == float("-inf"):
            remove_temporaries_of(path)
        replace_file(path, json.dumps(record), below=inbox)
        self._was_silent |= former_s > float("-inf") and self._is_silent(former_s)
        self._last_s = begun_s

    def must_prove(self) -> bool:
        """Whether others may have taken this worker for dead: it was silent for long, and has proved nothing since."""
        return self._was_silent or self._is_silent(self._last_s)

    def proved(self) -> None:
        """A claim was looked at after the last beat, and stands."""
        self._was_silent = False

    def _is_silent(self, since_s: float) -> bool:
        return must_prove(since_s, now_s=self._clock(), lease_s=self._lease_s)

    def is_dead(self, worker_id: str) -> bool:
        """Whether another worker has been silent for a whole lease while this one watched; looks once."""
        now_s = self._clock()
        seen = self._seen[worker_id] = watched(self._seen.get(worker_id), self.read(worker_id), now_s=now_s)
        return is_dead(seen, now_s=now_s, lease_s=self._lease_s)

    def require_own_id(self, wait: Callable[[float], None]) -> None:
        """Make sure that no worker of another machine has this id; may watch for a whole lease.

        A machine that has started anew since may be a copy of the other's disk, host name and all: then the id is
        watched for some beats.

        Args:
            wait: for so many seconds.

        Raises:
            WorkerIdTaken: one has.
        """
        mine, first = self._mine, self.read(self._worker_id)
        if first is None or first.is_stopped:
            return
        looks_like_mine = (first.host, first.locks) == (mine.host, mine.locks)
        if looks_like_mine and first.boot in (mine.boot, ""):
            return
        last, changes, looks = first, 0, 0
        while not self.is_dead(self._worker_id) and not (looks_like_mine and looks >= WATCHED_LOOKS):
            seen = self.read(self._worker_id)
            if seen not in (last, None):
                last, changes = seen, changes + 1
            if changes >= ALIVE:
                raise WorkerIdTaken(
                    gettext(
                        "A live worker on {host} already has the id `{id}` on this inbox: "
                        "give this one another `worker_id`.",
                        host=first.host,
                        id=self._worker_id,
                    )
                )
            wait(BEAT_S / 4)
            looks += 1

    def require_alone(self, tool: str, wait: Callable[[float], None]) -> None:
        """Where a synchroniser keeps copies, only one worker may serve an inbox: two could both win a job.

        Args:
            tool: that keeps the folder.
            wait: for so many seconds.

        Raises:
            FoldersUnusable: another worker is alive there.
        """
        others = {path.name.removesuffix(SUFFIX) for path in paths_in(self._folder, ending=SUFFIX)} - {self._worker_id}
        first = {name: beat for name in others if (beat := self.read(name)) is not None and not beat.is_stopped}
        last, changes = dict(first), Counter[str]()
        for _ in range(WATCHED_LOOKS if first else 0):
            wait(BEAT_S / 4)
            for name, beat in first.items():
                seen = self.read(name)
                if seen is not None and seen != last[name]:
                    last[name] = seen
                    changes[name] += 1
                if changes[name] >= ALIVE:
                    raise FoldersUnusable(
                        gettext(
                            "inbox: {tool} keeps this folder, and worker `{name}` on {host} serves it already. "
                            "Each machine has a copy of its own there, so two workers could both take one job: "
                            "use one worker, or a network drive.",
                            tool=tool,
                            name=name,
                            host=beat.host,
                        )
                    )

    def _path(self, worker_id: str) -> Path:
        return self._folder / f"{worker_id}{SUFFIX}"

    def read(self, worker_id: str) -> Heartbeat | None:
        """A worker's heartbeat as it lies on the share; None when there is none to read."""
        return read_beat(self._path(worker_id))


def read_beat(path: Path) -> Heartbeat | None:
    """A heartbeat; None when there is none to read.

    Args:
        path: of its file.

    Raises:
        OSError: the share failed.
    """
    record = read_record(path)
    run, count = record.get("run"), record.get("count")
    if not isinstance(run, str) or not isinstance(count, int):
        return None
    return Heartbeat(
        run=run,
        count=count,
        host=str(record.get("host")),
        locks=str(record.get("locks")),
        boot=str(record.get("boot", "")),
        process=str(record.get("process", "")),
        is_stopped=record.get("stopped") is True,
    )


def boot_id() -> str:
    """Id that the kernel gives a machine at each start; empty where it gives none."""
    try:
        return BOOT_FILE.read_text("ascii").strip()
    except (OSError, UnicodeError):
        return ""
