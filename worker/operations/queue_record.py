"""The queue in a worker's record: who comes when, of the first ones, and when all is done.

Knows the records of the other workers, who divide the work with it. Who of them lives, it is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.disk.json_records import read_record
from worker.disk.looks import paths_in
from worker.disk.record_fields import count_in, inner, moment_in, seconds_in, text_in
from worker.hours import Calendar
from worker.operations.hours_record import HoursRecord, calendar_in, rests
from worker.operations.queue_forecast import Forecast, InWork, forecast, made_by
from worker.operations.speeds import Speeds
from worker.overview_records import WaitingJob
from worker.queued_job import QueuedJob

MOST_TOLD = 200
"""Jobs of which it is said when they begin: the record is written every few seconds, on a share."""
MOST_WORKERS = 64
"""Records of others that are read."""
AT_WORK = ("starting", "idle", "rendering")
"""States of a worker that takes jobs, or will once the one in work has ended."""
KEYS = ("name", "position", "state", "starts_in_s", "takes_s", "ends_in_s", "pictures", "dropped_by")
"""Of each job in the record."""
AGAIN_S = 60.0
"""Between two forecasts of a worker that has hours, while its queue stays the same: speeds change."""
SHARE = 0.02
"""Of the time goes into foreseeing at most: a queue of 10,000 jobs is not foreseen anew at each."""
LivesOf = Callable[[Iterable[str]], Collection[str]]
"""Which workers of these ids live, or may live."""


class QueueRecord:
    """One worker's view of its queue."""

    def __init__(
        self,
        record: Path,
        *,
        lives: LivesOf,
        now: Callable[[], str],
        monotonic: Callable[[], float],
        hours: HoursRecord | None = None,
    ) -> None:
        """Keep the places; nothing is read.

        Args:
            record: of this worker; those of the others lie beside it.
            lives: tells which of the others live.
            now: ISO 8601, UTC.
            monotonic: seconds.
            hours: of this worker.
        """
        self._hours = hours or HoursRecord(None, now=now)
        self._speeds: Speeds = ()
        self._record = record
        self._lives = lives
        self._now = now
        self._monotonic = monotonic
        self._jobs: Sequence[QueuedJob] = ()
        self._is_due = True
        self._foreseen = Forecast()
        self._foreseen_s = -math.inf
        self._took_s = 0.0

    def queue(self, jobs: Sequence[QueuedJob]) -> None:
        """In this order jobs would be taken now.

        Args:
            jobs: that wait.
        """
        self._is_due = self._is_due or [*jobs] != [*self._jobs]
        self._jobs = [*jobs]

    def foresee(
        self, speeds: Speeds, *, in_work: InWork | None, between_s: float, is_new: bool, is_at_work: bool
    ) -> None:
        """Foresee all anew, if there is reason to.

        Args:
            speeds: of the model in use.
            in_work: what this worker has in work.
            between_s: from a job's last picture to the next one's first.
            is_new: another state or job has begun: all is foreseen anew, as it is where the queue has changed.
            is_at_work: it takes jobs, or will once the one in work has ended; else nobody knows when.
        """
        now_s = self._monotonic()
        is_old = self._hours.is_kept and now_s - self._foreseen_s >= AGAIN_S
        if (self._is_due or is_new or is_old) and now_s - self._foreseen_s >= self._took_s / SHARE:
            records = self._of_others() if self._jobs else ()
            others = free_workers(records, now=self._now())
            free = [(0.0, self._hours.calendar()), *others] if is_at_work else []
            self._foreseen = forecast(
                self._jobs, speeds, free_in_s=[seconds for seconds, _ in free], in_work=in_work, between_s=between_s,
                calendars=[calendar for _, calendar in free],
            )  # fmt: skip
            self._speeds = speeds
            self._foreseen_s, self._is_due = now_s, False
            self._took_s = self._monotonic() - now_s

    def _of_others(self) -> list[Mapping[str, object]]:
        return living_records(self._record.parent, lives=self._lives, but=self._record.name)

    @property
    def pictures(self) -> int:
        """Of all that wait."""
        return sum(job.pictures for job in self._jobs)

    def made_by(self, until_s: float) -> int | None:
        """How many of these are made by then; None where that is not known.

        Args:
            until_s: seconds from now.
        """
        passed_s = self._monotonic() - self._foreseen_s
        return made_by(self._foreseen.turns, self._speeds, until_s + passed_s) if self._jobs else 0

    def waiting(self) -> list[WaitingJob]:
        """The first jobs, with when they begin as of now."""
        passed_s = self._monotonic() - self._foreseen_s
        turns = self._foreseen.turns[:MOST_TOLD]
        return [
            WaitingJob(
                name=turn.job.name,
                state="held" if turn.job.is_held else "waiting",
                position=number,
                starts_in_s=_less(turn.starts_in_s, passed_s),
                takes_s=None if turn.takes_s is None else round(turn.takes_s, 1),
                ends_in_s=_less(turn.ends_in_s, passed_s),
                pictures=turn.job.pictures,
                dropped_by=turn.job.dropped_by,
            )
            for number, turn in enumerate(turns, 1)
        ]

    def told(self) -> dict[str, object]:
        """The keys of the record."""
        ends_in_s = _less(self._foreseen.ends_in_s, self._monotonic() - self._foreseen_s)
        return {
            "queue": [{key: getattr(one, key) for key in KEYS} for one in self.waiting()],
            "queue_all": {
                "jobs": len(self._foreseen.turns), "pictures": self._foreseen.pictures, "ends_in_s": ends_in_s,
            },
        }  # fmt: skip


def _less(seconds: float | None, passed_s: float) -> float | None:
    return None if seconds is None else round(max(0.0, seconds - passed_s), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What comes before a job that is dropped now."""

    jobs: int
    pictures: int
    free_in_s: Sequence[float | None]
    """When each worker that takes jobs is free for it; None where that is not known."""
    calendars: Sequence[Calendar] = ()
    """When each of them may work."""


def queue_ahead(records: Collection[Mapping[str, object]], *, now: str) -> Ahead:
    """What the records say of the queue.

    Args:
        records: of the workers that live and take jobs.
        now: ISO 8601, UTC.
    """
    newest = max(records, key=lambda record: text_in(record, "written_at"), default={})
    queue = inner(newest, "queue_all")
    if not (jobs := count_in(queue, "jobs")):
        free = free_workers(records, now=now)
        return Ahead(jobs=0, pictures=0, free_in_s=[one for one, _ in free], calendars=[one for _, one in free])
    ends_in_s = seconds_in(queue, "ends_in_s")
    return Ahead(
        jobs=jobs, pictures=count_in(queue, "pictures"), free_in_s=[ends_in_s] * len(records),
        calendars=[calendar_in(record, now=now) for record in records],
    )  # fmt: skip


def living_records(workers: Path, *, lives: LivesOf, but: str = "") -> list[Mapping[str, object]]:
    """What the workers wrote down that live and take jobs, as far as it can be read.

    Args:
        workers: folder of their records.
        lives: tells who lives.
        but: name of a record that is left out.
    """
    written = _records_in(workers, but=but)
    taking = {str(record["id"]): record for record in written if record.get("state") in AT_WORK or rests(record)}
    return [taking[worker_id] for worker_id in lives(taking)]


def _records_in(workers: Path, *, but: str) -> Iterator[Mapping[str, object]]:
    try:
        files = [path for path in paths_in(workers, ending=".json") if path.name != but]
    except OSError:
        return
    for path in [path for path in files if not path.name.endswith(".speed.json")][:MOST_WORKERS]:
        try:
            written = read_record(path)
        except OSError:
            continue
        if written.get("id") == path.name.removesuffix(".json"):
            yield written


def free_workers(records: Iterable[Mapping[str, object]], *, now: str) -> list[tuple[float, Calendar]]:
    """When workers have done what they have in work, as far as they say so, each with its hours.

    Args:
        records: of those that live and take jobs.
        now: ISO 8601, UTC.
    """
    free = []
    for record in records:
        left_s, calendar = seconds_in(record, "left_s"), calendar_in(record, now=now)
        if record.get("state") != "rendering":
            free.append((0.0, calendar))
        elif left_s is not None:
            free.append((max(0.0, left_s - _age_s(record, now)), calendar))
    return free


def _age_s(record: Mapping[str, object], now: str) -> float:
    """How old a record is, by the two machines' clocks; 0 where it does not say."""
    written_at = moment_in(record, "written_at")
    if written_at is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(written_at)).total_seconds())
