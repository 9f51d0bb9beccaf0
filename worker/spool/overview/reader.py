"""One look at everything; whoever looks again and again keeps the reader, which opens nothing twice."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

from worker.clocks import boottime, utc_text
from worker.disk.mount_tables import MountTables
from worker.disk.owners import Owners
from worker.overview_records import Overview
from worker.spool.alive.life_signs import LifeSigns
from worker.spool.alive.locks import WorkerLocks
from worker.spool.layout import Folders
from worker.spool.listing import found_in
from worker.spool.overview.ended import EndedCache
from worker.spool.overview.receipt_cache import ReceiptCache
from worker.spool.overview.running import claims_in, running_and_resting
from worker.spool.overview.waiting import control_files, held_jobs, queue_forecast, waiting_jobs, whole_time_s
from worker.spool.overview.workers import without_former, workers_in
from worker.spool.steering import pauses_in
from worker.translation import Language


class OverviewReader:
    """Reads the folders of one spool."""

    def __init__(
        self,
        folders: Folders,
        *,
        state_dir: Path,
        host: str,
        lease_s: float,
        needs_ready: bool = False,
        clock: Callable[[], float] = boottime,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool, known to be usable.
            state_dir: of this machine's workers: their locks tell at once who is dead.
            host: name of this machine.
            lease_s: a worker of another machine that is silent for so long is dead.
            needs_ready: a job is one only once `NAME.ready` lies beside it.
            clock: seconds that no one sets; counts suspended time.
            wall: seconds since 1970.
        """
        self._folders = folders
        self._needs_ready = needs_ready
        self._wall = wall
        self._ended = EndedCache()
        self._told = ReceiptCache(folders)
        self._owners = Owners(folders.inbox, MountTables())
        locks = WorkerLocks(folders.spool_file, state_dir=state_dir)
        self._signs = LifeSigns(folders.workers, locks=locks, host=host, lease_s=lease_s, clock=clock, wall=wall)

    def look(
        self, *, most_ended: int | None = None, ended_since_s: float = math.inf, language: Language = "en"
    ) -> Overview:
        """Everything, as one look finds it; from one thread at a time.

        Args:
            most_ended: jobs that have ended of which anything is told, the newest; None for all.
            ended_since_s: and all whose folder was changed since; seconds since 1970.
            language: of what workers wrote down for people.

        Raises:
            OSError: the share failed.
        """
        wall_s = self._wall()
        claims = claims_in(self._folders)
        claimants = {*claims.workers, *claims.hidden}
        workers = workers_in(self._folders, self._signs, claimants, language=language)
        ended, more, partials = self._ended.look(self._folders, most=most_ended, since_s=ended_since_s, wall_s=wall_s)
        names = _names_in(self._folders.inbox)
        found = found_in(self._folders.inbox, names, needs_ready=self._needs_ready)
        told, paused_by = self._told.look(), next(iter(sorted(pauses_in(names))), None)
        running, resting = running_and_resting(claims, workers, partials, told)
        queue = queue_forecast(workers, is_paused=paused_by is not None)
        meant = [one for one in found if one.remedy is None]
        waiting = [*waiting_jobs(meant, resting, told, queue, owners=self._owners), *held_jobs(self._folders, told)]
        steering = names.keys() - {one.name for one in found}
        return Overview(
            as_of=utc_text(wall_s),
            workers=[one.line for one in without_former(workers, claims.workers, wall_s=wall_s)],
            running=running,
            waiting=waiting,
            queue_ends_in_s=whole_time_s(queue, waiting),
            ignored=[(one.name, one.remedy) for one in found if one.remedy is not None],
            control_files=[*control_files(steering, told)],
            ended=ended,
            ended_more=more,
            paused_by=paused_by,
            paused_since=_changed_at(self._folders.inbox / paused_by) if paused_by is not None else None,
        )


def _names_in(inbox: Path) -> dict[str, bool | None]:
    with os.scandir(inbox) as entries:
        return {entry.name: _is_folder(entry) for entry in entries}


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return None


def _changed_at(path: Path) -> str | None:
    try:
        return utc_text(os.lstat(path).st_mtime)
    except OSError:
        return None
