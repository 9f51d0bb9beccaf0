"""The breaker: what the renderer does about failures that more than one picture meets.

Pure: knows what failed since the last good picture, and from it whether the run goes on as it is, in a more careful
way, or not at all. Failures are alike when they have the same stage and the same kind, whichever picture met them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from worker.records import Outcome
from worker.studio.retry.ladders import Stage
from worker.studio.retry.run_mode import CAREFUL, SMALL, USUAL, RunMode

CHANGES_AT = 2
"""Failures alike without a good picture between them: from here on the run is careful."""
ENDS_AT = 3
"""Failures alike likewise, of at least two pictures: the run ends."""
ENDS_AT_ANY = 6
"""Failures of whatever kind likewise: what fails in ever new ways is broken too."""
TRIES_ALONE = 3
"""Of a picture beside which there is no other to tell whose fault it is: one of them careful. Then it fails alone."""
OWN_FAULTS = 2
"""Pictures of which another process made no more than the first: the next one that fails so gets none."""
LASTS_PICTURES = 64
"""Good pictures in a row after which a careful run is as usual again; four times as many after each relapse."""
RESTARTS_AGAIN = 50
"""Where new processes have not helped, every so many pictures one is tried all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failure of the process that renders."""

    stage: Stage
    kind: str
    """Its exception's class, the signal that ended the process, or how its end reads."""
    files: tuple[str, ...]
    """Of the pictures in work."""
    call: int = 0
    """Which call of `render`: other jobs may have pictures of the same names."""
    why: str
    """For a person."""
    is_host_shortage: bool = False

    @property
    def likeness(self) -> tuple[str, str]:
        """Equal for failures that are alike."""
        return self.stage, self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Immutable; `after_...` gives the next one."""

    series: tuple[Failure, ...] = ()
    """Since the last good picture, without those that were shown to be a picture's own."""
    mode: RunMode = USUAL
    has_made: bool = False
    """The run has made pictures."""
    follows_broken: bool = False
    """The run before broke: as long as this one makes nothing, no picture is blamed."""
    careful_left: int = LASTS_PICTURES
    """Good pictures until the run is as usual again."""
    lasts: int = LASTS_PICTURES
    """As many when it is careful the next time."""
    is_cure: bool = False
    """A picture that had failed was made in the careful mode: a picture's own fault does not end it."""
    own_faults: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By likeness: pictures that failed again where others were made."""
    vain: Mapping[Outcome, int] = field(default_factory=dict)
    """By outcome: pictures in a row that came to the end of their ladder and were not made."""

    def after_failure(self, failure: Failure) -> Breaker:
        """What holds after one more failure."""
        series = (*self.series, failure)
        if _alike(series) < CHANGES_AT or self.mode.is_careful:
            return replace(self, series=series)
        careful = SMALL if failure.is_host_shortage else CAREFUL
        return replace(
            self,
            series=series,
            mode=replace(careful, vain_restarts=self.mode.vain_restarts),
            careful_left=self.lasts,
            lasts=4 * self.lasts,
        )

    def after_good(self, *, is_suspect: bool) -> Breaker:
        """What holds after a good picture.

        Args:
            is_suspect: it was in work at a failure before.
        """
        if not self.mode.is_careful:
            return replace(self, series=(), has_made=True)
        left = self.careful_left - 1
        mode = self.mode if left else replace(USUAL, vain_restarts=self.mode.vain_restarts)
        is_cure = bool(left) and (self.is_cure or is_suspect)
        return replace(self, series=(), has_made=True, mode=mode, careful_left=left, is_cure=is_cure)

    def after_own_fault(self, failure: Failure) -> Breaker:
        """What holds once a picture has failed where others are made: being careful was no cure for that."""
        times = self.own_faults.get(failure.likeness, 0) + 1
        mode = self.mode if self.is_cure else replace(USUAL, vain_restarts=self.mode.vain_restarts)
        return replace(self, mode=mode, own_faults={**self.own_faults, failure.likeness: times})

    def after_ladder(self, outcome: Outcome, *, is_made: bool) -> Breaker:
        """What holds once a picture has come to the end of its ladder, with or without a new process.

        Args:
            outcome: of the try before the new process.
            is_made: the new process made it.
        """
        vain = {**self.vain, outcome: 0 if is_made else self.vain.get(outcome, 0) + 1}
        stopped = {one for one, times in vain.items() if times >= OWN_FAULTS and times % RESTARTS_AGAIN}
        return replace(self, mode=replace(self.mode, vain_restarts=frozenset(stopped)), vain=vain)

    def is_known_own_fault(self, failure: Failure) -> bool:
        """Whether enough pictures have failed so by themselves that another process is not worth its loading."""
        return self.own_faults.get(failure.likeness, 0) >= OWN_FAULTS

    @property
    def is_over(self) -> bool:
        """Whether the run ends: it is not one picture, and nothing that can be changed helps."""
        pictures = {(failure.call, failure.files) for failure in self.series}
        if len(pictures) < 2 and self.series[-1:] and self.series[-1].files and not self._is_suspicious:
            return False  # it may be that picture's own fault
        return _alike(self.series) >= ENDS_AT or len(self.series) >= ENDS_AT_ANY

    @property
    def _is_suspicious(self) -> bool:
        return self.follows_broken and not self.has_made


Others = Literal["made since", "waiting", "none"]
"""Of the pictures beside a suspect: one was made since its failure; one waits to be made; there is none."""
Decision = Literal["another first", "again", "give up"]


def decide(breaker: Breaker, failure: Failure, *, tries: int, has_had_process: bool, others: Others) -> Decision:
    """What becomes of a picture that was in work at a failure.

    Args:
        breaker: after it.
        failure: the last one of this picture.
        tries: of this picture that ended in a failure.
        has_had_process: it was tried again in another process.
        others: what is known of pictures that were in work at no failure.

    Returns:
        `another first`: one that is not suspected is made first, to see whether it is this one's fault. `again`: it is
        made once more, alone. `give up`: it fails by itself.
    """
    is_known = breaker.is_known_own_fault(failure) and len(failure.files) == 1
    match others:
        case "made since":
            return "give up" if has_had_process or is_known else "again"
        case "waiting":
            return "another first"
        case "none":
            # where the run has made pictures, two tries are enough to suspect this one
            is_enough = is_known or tries >= TRIES_ALONE or (breaker.has_made and has_had_process)
            return "give up" if is_enough else "again"


def _alike(series: tuple[Failure, ...]) -> int:
    """How many of them are like the last one."""
    return sum(failure.likeness == series[-1].likeness for failure in series) if series else 0
