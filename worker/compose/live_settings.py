"""The settings of a worker while it runs: which of them it takes over without a restart, and how its parts hear of it.

A part that asks each time reads `LiveSettings.now`; one that keeps a value is told, by `LiveSettings.follow`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from worker.compose.from_settings import reader_for
from worker.daemon.queue import JobQueue
from worker.daemon.share_retry import ShareRetry
from worker.daemon.waiting import Waiting
from worker.job.reader import JobFiles
from worker.records import Job
from worker.settings import Settings
from worker.spool import FolderSpool, SpoolOptions
from worker.studio.model_files.inspect import InspectedModel

log = structlog.get_logger()

LIVE = frozenset(
    {
        # of jobs that are read from then on
        "size", "steps", "guidance", "allow", "strict",
        "max_job_bytes", "max_csv_bytes", "max_shots", "max_pixels", "max_steps",
        # of the inbox and the queue
        "scan_s", "settle_s", "grace_s", "away_s", "quota", "reserve_mib",
        # of the night and the card
        "hours", "nice", "max_temperature_c",
        # of what people read, and of what runs beside the jobs
        "language", "notify", "hook", "metrics_file", "retention",
    }
)  # fmt: skip
"""What is taken over; all else needs a restart. Whatever stands here is read from `now`, or followed."""
MOST_CLAIMS = 1_000
"""Of which it is remembered by what they were read first: those of some nights."""


class LiveSettings:
    """Of one worker; changed by its own thread, between two pictures."""

    def __init__(self, settings: Settings) -> None:
        """Begin with these.

        Args:
            settings: as they were at the start.
        """
        self.now = settings
        self._offered: Settings | None = None
        self._followers: list[Callable[[Settings], object]] = []

    def follow(self, hear: Callable[[Settings], object]) -> None:
        """Let this hear the settings after each change, in the worker's own thread.

        Args:
            hear: neither raises nor waits.
        """
        self._followers.append(hear)

    def offer(self, settings: Settings) -> list[str]:
        """Between two pictures these come into force, as far as they are `LIVE`; any thread may call this.

        Returns:
            Which of the changed ones need a restart.
        """
        self._offered = settings
        return sorted(self.changed(settings) - LIVE)

    def changed(self, settings: Settings) -> set[str]:
        """Which settings these have otherwise than those in force.

        Args:
            settings: to be compared.
        """
        return {key for key in Settings.model_fields if getattr(settings, key) != getattr(self.now, key)}

    def adopt(self) -> None:
        """Take over what was offered, and say so; to be called between two pictures, and while the worker waits."""
        offered, self._offered = self._offered, None
        if offered is None:
            return
        changed = self.changed(offered)
        taken = {key: getattr(offered, key) for key in changed & LIVE}
        if taken:
            self.now = self.now.model_copy(update=taken)
            for hear in self._followers:
                hear(self.now)
        log.info("settings.reloaded", keys=", ".join(sorted(taken)) or "-")
        if kept := sorted(changed - LIVE):
            log.warning("settings.kept", keys=", ".join(kept))


class LiveReader:
    """Satisfies `ports.JobReader`, for jobs that wait: by the settings as they are now."""

    def __init__(self, settings: Settings, found: InspectedModel | None) -> None:
        """Read by these.

        Args:
            settings: which may change.
            found: the model in use; None where none is set.
        """
        self._found = found
        self.newest = reader_for(settings, found)

    def take(self, settings: Settings) -> None:
        """From now on read by these."""
        self.newest = reader_for(settings, self._found)

    def read(self, path: Path, *, stem: str) -> Job:
        """Read, check and expand."""
        return self.newest.read(path, stem=stem)


class ClaimReader:
    """Satisfies `ports.JobReader`, for claimed jobs: as each was read first, so that no change disturbs one in work."""

    def __init__(self, live: LiveReader) -> None:
        """Read claims anew as this one does then.

        Args:
            live: of jobs that wait.
        """
        self._live = live
        self._first: dict[Path, JobFiles] = {}
        """What has read each claim first, by its path."""

    def read(self, path: Path, *, stem: str) -> Job:
        """Read, check and expand."""
        if len(self._first) >= MOST_CLAIMS:
            del self._first[next(iter(self._first))]
        return self._first.setdefault(path, self._live.newest).read(path, stem=stem)


def take_into(
    live: LiveSettings,
    *,
    spool: FolderSpool,
    reader: LiveReader,
    queue: JobQueue,
    waiting: Waiting,
    share: ShareRetry,
) -> None:
    """Let a daemon's parts follow the settings.

    Args:
        live: the settings.
        spool: of the daemon.
        reader: of its jobs.
        queue: of what waits.
        waiting: waits for the next look; between two pictures it has what was offered adopted.
        share: waits for the share.
    """

    def take(new: Settings) -> None:
        spool.take(options_of(new))
        reader.take(new)
        queue.take(grace_s=new.grace_s, quota=new.quota)
        waiting.scan_s = new.scan_s
        share.away_s = new.away_s

    waiting.adopt = live.adopt
    live.follow(take)


def options_of(settings: Settings) -> SpoolOptions:
    """What the spool is told of the settings."""
    return SpoolOptions(
        settle_s=settings.settle_s,
        lease_s=settings.lease_s,
        ready_files=settings.ready_files,
        reserve_mib=settings.reserve_mib,
        language=settings.language,
    )
