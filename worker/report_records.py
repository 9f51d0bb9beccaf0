"""What a night came to, as values: its jobs, what failed and what to do about it, how fast pictures were, who worked.

Knows only shapes and units. `spool` reads facts of each job, `operations` joins them; a page, a JSON file and a text
for a terminal say them, each in its own form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from worker.overview_records import EndedJob


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedKind:
    """Pictures that take equally long, as people name them."""

    width: int
    """Pixels, as the height."""
    height: int
    steps: int
    is_guided: bool
    """Guidance above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFailure:
    """A picture that could not be made."""

    file: str
    error: str
    prompt: str
    outcomes: Sequence[str]
    """What its tries came to, by the manifest's words, oldest first."""
    evidence: Sequence[str] = ()
    """Refused pictures, relative to the job's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningFact:
    """A warning of one job."""

    rule: str
    message: str
    count: int
    """Places that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """What the files of one ended job say."""

    job: EndedJob
    seconds: Mapping[SpeedKind, Sequence[float]] = field(default_factory=dict)
    """Of each picture that was made, all its tries together."""
    mended: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Pictures that a later try made, by what an earlier one came to and the rung that made them."""
    lost: Mapping[str, int] = field(default_factory=dict)
    """Pictures that could not be made, by what their last try came to; empty for those that had none."""
    failures: Sequence[PictureFailure] = ()
    """The first of them."""
    warnings: Sequence[WarningFact] = ()
    stages: Mapping[str, float] = field(default_factory=dict)
    """Seconds of encode, denoise, decode and file, as far as the manifest tells them."""
    staged: int = 0
    """Pictures of which it does."""
    peak_mib: float | None = None
    """Of the card's memory."""
    temperature_c: float | None = None
    """The highest that was read while it was rendered."""
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a worker waited, and for how long in all."""

    reason: str
    seconds: float
    times: int
    since: str | None = None
    """When it began first. ISO 8601, UTC, as all moments here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerNight:
    """One worker in a night, as it wrote it down, and what it made."""

    id: str
    began_at: str | None = None
    """When it first rendered."""
    ended_at: str | None = None
    """When it last did."""
    worked_s: float = 0.0
    waits: Sequence[Wait] = ()
    """The longest first."""
    unclean_stops: Sequence[str] = ()
    """When it was last heard of before each stop that it had not been asked for."""
    jobs: int = 0
    """That it ended."""
    pictures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A job that is not complete, and what to do about it."""

    job: EndedJob
    failures: Sequence[PictureFailure] = ()
    command: str = ""
    """That puts it right; empty where a person must change something first."""
    file: str = ""
    """A file in the inbox that does the same."""
    mend: str = ""
    """What to do in words, where no command does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Pictures that failed at first and were made all the same."""

    outcome: str
    """What a try before came to."""
    rung: str
    """That made them."""
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningKind:
    """Warnings of one rule."""

    rule: str
    jobs: int
    places: int
    example: str
    """As one job was told."""
    job: str
    """Which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerSpeed:
    """Pictures of a kind in an earlier night."""

    night: date
    pictures: int
    median_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Seconds of a picture of one kind."""

    kind: SpeedKind
    pictures: int
    median_s: float
    before_s: float | None = None
    """Median of the four weeks before; None where there was none."""
    former: Sequence[FormerSpeed] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was not done yet when the report was made."""

    jobs: int = 0
    pictures: int = 0
    """Of those jobs of which that is known."""
    ends_in_s: float | None = None
    running: Sequence[tuple[str, int, int]] = ()
    """Jobs in work: name, pictures done, pictures asked for."""
    persons: Sequence[tuple[str, str]] = ()
    """What waits for a person: name, and why; proofs and jobs that are not right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """All of it."""

    night: date | None
    """On which it began, at noon; None for another span of time."""
    begins: str
    ends: str
    is_over: bool
    as_of: str | None
    """When it was made; None once the night is over, as then it is the same whenever it is made."""
    jobs: Mapping[str, int]
    """How many ended, by state."""
    pictures: int
    failed: int
    cancelled: int
    retried: int
    """Pictures all four; the last: made, but not by their first try."""
    complete: Sequence[EndedJob]
    """The newest."""
    troubles: Sequence[Trouble]
    """The worst first."""
    more_troubles: int
    """That are not among them."""
    lost: Mapping[str, int]
    mended: Sequence[Mended]
    warnings: Sequence[WarningKind]
    speeds: Sequence[Speed]
    """The most frequent first."""
    stages: Mapping[str, float]
    """Seconds a picture, by stage; empty where no manifest tells them."""
    staged: int
    """Pictures of which they were known."""
    peak_mib: float | None
    temperature_c: float | None
    workers: Sequence[WorkerNight]
    left: Left | None
    """None where the night is over."""

    @property
    def total(self) -> int:
        """Jobs that ended; a proof is none."""
        return sum(count for state, count in self.jobs.items() if state != "proof")
