"""What a worker's record says of the queue: who comes when, of the first ones, and when all is done.

Knows the records of the other workers beside its own, who divide the work with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.disk.json_records import read_record
from worker.disk.looks import paths_in
from worker.operations.queue_forecast import Forecast, InWork, forecast
from worker.operations.speeds import Speeds
from worker.overview_records import WaitingJob
from worker.queued_job import QueuedJob

MOST_TOLD = 200
"""Jobs of which it is said when they begin: the record is written every few seconds, on a share."""
MOST_WORKERS = 64
"""Records of others that are read."""
AT_WORK = ("starting", "idle", "rendering")
"""States of a worker that takes jobs, or will once the one in work has ended."""
LIVES_S = 120.0
"""A worker writes every few seconds, whatever it does: one whose record is older does not count."""
KEYS = ("name", "position", "state", "starts_in_s", "takes_s", "pictures", "dropped_by")
"""Of each job in the record."""
SHARE = 0.02
"""Of the time goes into foreseeing at most: a queue of 10,000 jobs is not foreseen anew at each."""
LONGEST_S = 1e9
"""Above every time that is foreseen."""


class QueueTold:
    """One worker's view of its queue."""

    def __init__(self, record: Path, *, now: Callable[[], str], monotonic: Callable[[], float]) -> None:
        """Keep the places; nothing is read.

        Args:
            record: of this worker; those of the others lie beside it.
            now: ISO 8601, UTC.
            monotonic: seconds.
        """
        self._record = record
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
        if (self._is_due or is_new) and now_s - self._foreseen_s >= self._took_s / SHARE:
            records = records_in(self._record.parent, but=self._record.name) if self._jobs else ()
            free = [0.0, *free_in_s(records, now=self._now())] if is_at_work else []
            self._foreseen = forecast(self._jobs, speeds, free_in_s=free, in_work=in_work, between_s=between_s)
            self._foreseen_s, self._is_due = now_s, False
            self._took_s = self._monotonic() - now_s

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


def queue_ahead(records: Iterable[Mapping[str, object]], *, now: str) -> Ahead:
    """What the records say of the queue.

    Args:
        records: of all workers.
        now: ISO 8601, UTC.
    """
    at_work = [record for record in records if _takes_jobs(record, now)]
    newest = max(at_work, key=lambda record: str(record.get("written_at")), default={})
    said = newest.get("queue_all")
    told = said if isinstance(said, dict) else {}
    jobs, pictures = (_count_in(told.get(key)) for key in ("jobs", "pictures"))
    if not jobs:
        return Ahead(jobs=0, pictures=0, free_in_s=free_in_s(at_work, now=now))
    ends_in_s = seconds_in(told.get("ends_in_s"))
    return Ahead(jobs=jobs, pictures=pictures, free_in_s=[ends_in_s] * len(at_work))


def records_in(workers: Path, *, but: str = "") -> Iterator[Mapping[str, object]]:
    """What workers wrote down, as far as it can be read; anything else is left out.

    Args:
        workers: folder of their records.
        but: name of one that is left out.
    """
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


def free_in_s(records: Iterable[Mapping[str, object]], *, now: str) -> list[float]:
    """When those of the workers that live and take jobs have done what they have in work, as far as they say so.

    Args:
        records: of workers.
        now: ISO 8601, UTC.
    """
    free = []
    for record in records:
        left_s = seconds_in(record.get("left_s"))
        if not _takes_jobs(record, now):
            continue
        if record.get("state") != "rendering":
            free.append(0.0)
        elif left_s is not None:
            free.append(max(0.0, left_s - (_age_s(record.get("written_at"), now) or 0.0)))
    return free


def _takes_jobs(record: Mapping[str, object], now: str) -> bool:
    age_s = _age_s(record.get("written_at"), now)
    return age_s is not None and age_s <= LIVES_S and record.get("state") in AT_WORK


def _count_in(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST_S else 0


def seconds_in(value: object) -> float | None:
    """A time from a record; None for anything else: whoever may write on the share may write anything there."""
    is_time = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_S
    return float(value) if is_time and isinstance(value, int | float) else None


def _age_s(written_at: object, now: str) -> float | None:
    """How old a record is, by the two machines' clocks; None where it does not say."""
    try:
        written = datetime.fromisoformat(written_at) if isinstance(written_at, str) else None
        age_s = None if written is None else (datetime.fromisoformat(now) - written).total_seconds()
    except (ValueError, TypeError):  # a moment without its zone among them
        return None
    return age_s if age_s is None else max(0.0, age_s)
