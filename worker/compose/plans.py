"""What jobs would cost, for `plan`: their time, their room, and when they would be done, from what workers wrote down.

Reads the folders alone; what nobody knows is said to be unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from worker.clocks import utc_now
from worker.compose.from_settings import folders_of, life_signs, model
from worker.disk.looks import paths_in
from worker.errors import FoldersUnusable, ModelInvalid
from worker.moments import later, near_hour
from worker.operations.queue_forecast import forecast
from worker.operations.queue_record import MOST_WORKERS, living_records, queue_ahead
from worker.operations.recorded_figures import learned_in, read_worker_file
from worker.operations.speed_rows import between_in, sizes_in
from worker.operations.speeds import Speeds, seconds_of, total
from worker.progress_words import rough_duration
from worker.queued_job import QueuedJob
from worker.records import Job, PictureKind
from worker.settings import Settings
from worker.spool import Folders
from worker.spool.space import FolderSpace
from worker.translation import gettext, ngettext

MIB, GIB = 1024**2, 1024**3
SPEED = ".speed.json"


class Plans:
    """The cost of some jobs, one after the other, and then of all of them."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; the folders are read once something is asked.

        Args:
            settings: of the worker that asks; its folders and model are meant.
        """
        self._settings = settings
        self._works: list[Mapping[PictureKind, int]] = []
        self._size_bytes = 0.0

    def times_of(self, job: Job) -> Iterator[str]:
        """The time a job would take, of one with a proof both parts too; it is counted among all of them.

        Args:
            job: all of its pictures are still to be made.
        """
        work = Counter(request.kind for request in job.requests)
        self._works.append(work)
        self._size_bytes += self._space.expected_bytes(job.requests)
        yield self._time(work, jobs=1)
        first = Counter(request.kind for request in job.requests if request.file in job.proof)
        seconds, rest = (seconds_of(self._speeds[1], part) for part in (first, work - first))
        if job.proof and seconds is not None:
            yield gettext(
                "  the proof about {duration}, the rest about {rest}, once it is approved",
                duration=rough_duration(seconds), rest=rough_duration(rest or 0.0),
            )  # fmt: skip

    def all_of_them(self, *, left_out: int = 0) -> Iterator[str]:
        """The lines at the end: of several jobs their sum; of any the room that they need, and when they are done.

        Args:
            left_out: jobs that cannot be rendered as they are, and count in nothing.
        """
        count, pictures = len(self._works), sum(sum(work.values()) for work in self._works)
        if left_out and count:
            yield ngettext(
                "{count} job cannot be rendered as it is; not counted below",
                "{count} jobs cannot be rendered as they are; not counted below",
                left_out,
            )
        if count > 1:
            told = ngettext("{count} picture", "{count} pictures", pictures)
            yield gettext("all {jobs} jobs: {pictures}", jobs=count, pictures=told)
            yield self._time(total(self._works), jobs=count)
        if count:
            yield self._room()
            yield from self._done()

    def _time(self, work: Mapping[PictureKind, int], *, jobs: int) -> str:
        worker, speeds = self._speeds
        seconds = seconds_of(speeds, work)
        if seconds is None:
            return gettext("time: unknown, since no worker has recorded a speed for this model here yet")
        duration = rough_duration(seconds + (jobs - 1) * self._between_s)
        if worker == self._settings.worker_id:
            return gettext("time: about {duration}, at the speed of this worker's last pictures", duration=duration)
        return gettext(
            "time: about {duration}, at the speed of {worker}'s last pictures", duration=duration, worker=worker
        )

    def _room(self) -> str:
        needed, free_bytes = _rough_size(self._size_bytes), self._space.free_bytes()
        if free_bytes == float("inf"):
            return gettext("room: about {needed}", needed=needed)
        free = _rough_size(free_bytes)
        if self._size_bytes <= free_bytes:
            return gettext("room: about {needed}; {free} are free in the outbox", needed=needed, free=free)
        return gettext(
            "room: about {needed}, but only {free} are free in the outbox: make room there", needed=needed, free=free
        )

    def _done(self) -> Iterator[str]:
        """When all would be done, if they were dropped now; nothing where there is no spool or no speed."""
        if self._folders is None or not self._speeds[1]:
            return
        signs = life_signs(self._settings, self._folders)
        ahead = queue_ahead(living_records(self._folders.workers, lives=signs.working), now=utc_now())
        if not ahead.free_in_s:
            yield gettext("done: unknown, since no worker takes jobs from {inbox} now", inbox=self._settings.inbox)
            return
        jobs = [QueuedJob(name=str(number), work=work) for number, work in enumerate(self._works)]
        ends_in_s = forecast(
            jobs, self._speeds[1], free_in_s=ahead.free_in_s, between_s=self._between_s, calendars=ahead.calendars
        ).ends_in_s
        if ends_in_s is None:
            yield gettext("done: unknown, since it is not known when what waits before is done")
            return
        now = datetime.now().astimezone()
        then = later(now, ends_in_s)
        hour = near_hour(then, now=now) if then else "?"
        if not ahead.jobs:
            yield gettext("done: about {hour}, if dropped now", hour=hour)
            return
        yield ngettext(
            "done: about {hour}, if dropped now, after the {count} job ({pictures} pictures) that waits",
            "done: about {hour}, if dropped now, after the {count} jobs ({pictures} pictures) that wait",
            ahead.jobs,
            hour=hour,
            pictures=ahead.pictures,
        )

    @cached_property
    def _folders(self) -> Folders | None:
        try:
            return folders_of(self._settings)
        except FoldersUnusable:
            return None

    @cached_property
    def _records(self) -> dict[str, Mapping[str, object]]:
        """What workers wrote down of their speed, by id: this worker's first, then the newest."""
        paths = () if self._folders is None else _speed_files(self._folders.workers)
        found = {path.name.removesuffix(SPEED): read_worker_file(path) for path in paths}
        own = self._settings.worker_id
        by_age = sorted(found, key=lambda one: (one == own, str(found[one].get("written_at"))), reverse=True)
        return {worker: found[worker] for worker in by_age}

    @cached_property
    def _speeds(self) -> tuple[str, Speeds]:
        """Whose speed counts, and that: of this model, else of the one in use; no rows where nobody knows."""
        wanted = _model_id(self._settings)
        for worker, record in self._records.items():
            speeds = learned_in(record)
            name = wanted or record.get("model")
            if isinstance(name, str) and speeds.get(name):
                return worker, speeds[name]
        return "", ()

    @property
    def _between_s(self) -> float:
        return between_in(self._records.get(self._speeds[0], {}))

    @cached_property
    def _space(self) -> FolderSpace:
        known = next(
            (sizes for record in self._records.values() if (sizes := sizes_in(record.get("bytes_per_pixel")))), {}
        )
        return FolderSpace(self._settings.outbox, reserve_mib=self._settings.reserve_mib, known=known)


def _model_id(settings: Settings) -> str | None:
    """Of the model that is set, where it is there."""
    try:
        return model(settings).id if settings.model is not None else None
    except ModelInvalid:
        return None


def _speed_files(folder: Path) -> Sequence[Path]:
    try:
        return paths_in(folder, ending=SPEED)[:MOST_WORKERS]
    except OSError:
        return ()


def _rough_size(size_bytes: float) -> str:
    """`1.4 GiB`; less than a tenth in MiB."""
    is_small = size_bytes < GIB / 10
    return f"{max(size_bytes / MIB, 1):.0f} MiB" if is_small else f"{size_bytes / GIB:.1f} GiB"
