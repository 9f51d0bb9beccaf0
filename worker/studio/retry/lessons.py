"""Lessons of a run: which rungs the next pictures of a kind begin with, and until when.

A rung that ended a shortage of memory is what pictures of that size and larger ones begin with. A fault of the picture
is taken for the machine's, not the picture's, when the same rung cured two in a row. A lesson holds only for pictures
whose job permits its rung, and it ends: a shortage passes, and nobody tells us when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import get_args

from worker.records import Permission, Request, Try
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import MEMORY_LADDER, PICTURE_LADDER, RUNGS, Rung

IN_A_ROW = 2
MEMORY_RUNGS = {rung.name for rung in MEMORY_LADDER if rung.lasts}
PICTURE_RUNGS = {rung.name for rung in PICTURE_LADDER}
PERMISSIONS = frozenset(get_args(Permission))

LASTS_PICTURES = 30
"""A lesson is forgotten after so many more pictures. A shortage that lasts costs one climb in so many pictures, and one
that passed slows no more than these."""
LASTS_S = 1800.0
"""Or after so long, if pictures are slow or none came."""
MORE_ROOM_MIB = 1024
"""Or as soon as this process may use so much more of the card than when the memory ran out: another program has left
it. As much as the plan leaves free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A rung that pictures of a kind begin with."""

    rung: str
    guided: bool | None = None
    """Of which pictures; None for all."""
    pixels: int = 0
    """The smallest size that ran out of memory."""
    learnt_s: float = 0.0
    """By a clock that only goes forward."""
    room_mib: float | None = None
    """What this process might use of the card when it ran out; None where it is not known."""
    pictures: int = 0
    """That came to their end since."""

    def is_for(self, request: Request) -> bool:
        """Whether this picture begins with it: never without its job's permission."""
        is_permitted = RUNGS[self.rung].needs & PERMISSIONS <= request.allow
        is_its_kind = self.guided in (None, request.guidance > 0) and _pixels(request) >= self.pixels
        return is_permitted and is_its_kind

    def why_over(self, *, now_s: float, room_mib: float | None) -> str:
        """Why it is to be forgotten, for the log; empty while it is not.

        Args:
            now_s: by the clock of `learnt_s`.
            room_mib: what this process may use of the card now; None on the CPU.
        """
        if self.room_mib is not None and room_mib is not None and room_mib >= self.room_mib + MORE_ROOM_MIB:
            return f"the card has {room_mib - self.room_mib:.0f} MiB more room than when it was learnt"
        if self.pictures >= LASTS_PICTURES:
            return f"{self.pictures} pictures were made since"
        return f"{now_s - self.learnt_s:.0f} s have gone by" if now_s - self.learnt_s >= LASTS_S else ""

    def facts(self) -> dict[str, object]:
        """For the log, flat."""
        return {"rung": self.rung, "guided": self.guided, "from_pixels": self.pixels, "room_mib": self.room_mib}

    def is_about(self, other: Lesson) -> bool:
        """Whether it is of the same rung for the same pictures, from whatever size on."""
        return (self.rung, self.guided) == (other.rung, other.guided)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Immutable; `after` and `without` give the next one."""

    kept: tuple[Lesson, ...] = ()
    cure: tuple[str, int] = ("", 0)
    """The picture rung that cured the last picture, and how many in a row it cured."""

    def rungs_for(self, request: Request) -> tuple[Rung, ...]:
        """What this picture begins with, lowest first; empty for an undisturbed try."""
        wanted = {lesson.rung for lesson in self.kept if lesson.is_for(request)}
        return tuple(rung for name, rung in RUNGS.items() if name in wanted)

    def knows(self, lesson: Lesson) -> bool:
        """Whether there is one like it."""
        return any(lesson.is_about(other) for other in self.kept)

    def without(self, lesson: Lesson) -> Lessons:
        """All but this one, as at the start."""
        return replace(self, kept=tuple(other for other in self.kept if not lesson.is_about(other)))

    def after(
        self, request: Request, tries: Sequence[Try], *, now_s: float = 0.0, room_mib: float | None = None
    ) -> Lessons:
        """What is known after one more picture.

        Args:
            request: what was made.
            tries: all of them; the last one brought the picture home, or nothing did.
            now_s: by a clock that only goes forward.
            room_mib: what this process might use of the card when this picture ran out of memory.
        """
        known = replace(self, kept=tuple(replace(lesson, pictures=lesson.pictures + 1) for lesson in self.kept))
        if not tries or tries[-1].outcome != "ok":
            return known
        learnt = Lesson(rung=_what_sufficed(tries), learnt_s=now_s, room_mib=room_mib)
        if learnt.rung:
            known = known._with(replace(learnt, guided=request.guidance > 0, pixels=_pixels(request)))
        return known._with_cure(_last_cure(tries, learnt.rung), learnt)

    def _with(self, lesson: Lesson) -> Lessons:
        smallest = min((other.pixels for other in self.kept if lesson.is_about(other)), default=lesson.pixels)
        lesson = replace(lesson, pixels=min(smallest, lesson.pixels))
        return replace(self, kept=(*self.without(lesson).kept, lesson))

    def _with_cure(self, rung: str, learnt: Lesson) -> Lessons:
        if not rung or not RUNGS[rung].lasts:
            return replace(self, cure=("", 0))
        times = self.cure[1] + 1 if self.cure[0] == rung else 1
        known = replace(self, cure=(rung, times))
        # a card that is empty again says nothing of a bad picture
        return known._with(replace(learnt, rung=rung, room_mib=None)) if times >= IN_A_ROW else known


def _what_sufficed(tries: Sequence[Try]) -> str:
    """The rung on which the memory sufficed; those before it did not help. Empty where no such rung lasts."""
    if any(one_try.rung == NEW_PROCESS for one_try in tries):
        return ""  # it was the new process that helped
    # of undisturbed tries: what a rung against a bad picture needs besides is no matter of the size
    ran_out = list(takewhile(lambda one_try: one_try.outcome == "oom", tries))
    rung = tries[len(ran_out)].rung
    return rung if ran_out and rung in MEMORY_RUNGS else ""


def _last_cure(tries: Sequence[Try], sufficed: str) -> str:
    cures = (one_try.rung for one_try in reversed(tries[1:]) if one_try.rung in PICTURE_RUNGS - {sufficed})
    return next(cures, "")


def _pixels(request: Request) -> int:
    return request.width_px * request.height_px
