"""What is foreseen of a job that waits or is in work, in the words of its receipt and in a line for other workers.

Knows when a forecast has moved so far that it is worth writing anew. A pure function of values, but for the zone of
this machine, in whose time the moments are said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.moments import with_zone
from worker.overview_records import RunningJob, WaitingJob
from worker.translation import Text, gettext, ngettext

LEAST_MOVE_S = 300.0
MOVE_PART = 0.1
"""A forecast is written anew once it has moved by five minutes and by a tenth of the time until then."""
STAMP = re.compile(
    r"\(zimage-worker progress 1 (?P<position>\d{1,9}|-) (?P<pictures>\d{1,9}|-) (?P<made>\d{1,9}) (?P<at_s>\d{1,12})"
    r" (?P<starts_s>\d{1,12}|-) (?P<ends_s>\d{1,12}|-) (?P<rest>[0-9a-f]{8})\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Of one job; all moments are seconds since 1970."""

    at_s: float
    """When that was foreseen."""
    position: int | None = None
    """From 1; None for a job in work."""
    pictures: int | None = None
    made: int = 0
    starts_s: float | None = None
    ends_s: float | None = None
    worker: str = ""
    """Of a job in work: who works on it, and the folder of its pictures in the outbox."""
    folder: str = ""
    paused_by: str = ""
    """Name of the file in the inbox by which all workers wait."""

    def lines(self) -> Iterator[Text]:
        """Sentences for a person."""
        if self.worker:
            yield gettext(
                "{worker} works on it: {made} of {pictures} pictures, as of {time}.",
                worker=self.worker, made=self.made, pictures=self.pictures, time=with_zone(self.at_s),
            )  # fmt: skip
        else:
            yield gettext(
                "It waits for its turn: it is number {position} in line, as of {time}.",
                position=self.position, time=with_zone(self.at_s),
            )  # fmt: skip
            if self.pictures is not None:
                yield ngettext("It asks for {count} picture.", "It asks for {count} pictures.", self.pictures)
        yield from self._when()
        if self.folder:
            yield gettext("What is finished so far: {page} in the outbox.", page=f"{self.folder}/index.html")
        yield gettext("All jobs: {page} in the outbox.", page="index.html")

    def _when(self) -> Iterator[Text]:
        if self.paused_by:
            yield gettext("Every worker waits while {file} lies in the inbox: remove it to go on.", file=self.paused_by)
            return
        if self.starts_s is not None:
            yield gettext("It begins at about {time}.", time=with_zone(self.starts_s))
        if self.ends_s is not None:
            yield gettext("It is done at about {time}.", time=with_zone(self.ends_s))
        else:
            yield gettext("When it is done is not known yet.")

    def stamp(self, rest: str) -> str:
        """A line by which every worker knows what was foreseen.

        Args:
            rest: eight hex digits, of all that must stay the same.
        """
        times = (_number(one) for one in (self.at_s, self.starts_s, self.ends_s))
        at, starts, ends = times
        counts = f"{_number(self.position)} {_number(self.pictures)} {self.made}"
        return f"(zimage-worker progress 1 {counts} {at} {starts} {ends} {rest})"


def waiting_prospect(job: WaitingJob, *, at_s: float) -> Prospect:
    """Of a job that waits for its turn.

    Args:
        job: as a worker foresees it.
        at_s: now, seconds since 1970.
    """
    starts_s = None if job.starts_in_s is None else at_s + job.starts_in_s
    ends_s = None if job.ends_in_s is None else at_s + job.ends_in_s
    return Prospect(
        at_s=at_s, position=job.position, pictures=job.pictures, starts_s=starts_s, ends_s=ends_s
    )  # fmt: skip


def running_prospect(job: RunningJob, *, at_s: float) -> Prospect:
    """Of a job in work.

    Args:
        job: how it goes.
        at_s: now, seconds since 1970.
    """
    return Prospect(
        at_s=at_s, pictures=job.pictures, made=job.made, ends_s=None if job.left_s is None else at_s + job.left_s,
        worker=job.worker, folder=job.folder,
    )  # fmt: skip


def stamped(line: str) -> tuple[Prospect, str] | None:
    """What such a line says, and its rest; None for any other line.

    Args:
        line: of a receipt; anybody may have written it.
    """
    found = STAMP.fullmatch(line)
    if found is None:
        return None
    position, pictures, starts_s, ends_s = (
        None if found[name] == "-" else int(found[name]) for name in ("position", "pictures", "starts_s", "ends_s")
    )
    return (
        Prospect(
            at_s=int(found["at_s"]), position=position, pictures=pictures, made=int(found["made"]), starts_s=starts_s,
            ends_s=ends_s,
        ),
        found["rest"],
    )  # fmt: skip


def has_moved(former: Prospect, now: Prospect) -> bool:
    """Whether a forecast differs so much that people should be told.

    Args:
        former: as it was told.
        now: as it is.
    """
    if (former.position is None) != (now.position is None) or former.pictures != now.pictures:
        return True
    if abs((former.position or 0) - (now.position or 0)) > MOVE_PART * (former.position or 0):
        return True
    if abs(former.made - now.made) > MOVE_PART * (now.pictures or 0):
        return True
    moments = ((former.starts_s, now.starts_s), (former.ends_s, now.ends_s))
    return any(_is_elsewhere(then_s, now_s, at_s=now.at_s) for then_s, now_s in moments)


def _is_elsewhere(former_s: float | None, now_s: float | None, *, at_s: float) -> bool:
    if former_s is None or now_s is None:
        return former_s is not now_s
    return abs(now_s - former_s) > max(LEAST_MOVE_S, MOVE_PART * (now_s - at_s))


def _number(value: float | None) -> str:
    return "-" if value is None else str(max(0, round(value)))
