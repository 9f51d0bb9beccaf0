"""Lessons of a run: which rungs the next pictures of a kind begin with.

A size that ran out of memory begins, for the rest of the run, with the rungs that brought its last picture home. A
fault of the picture is taken for the machine's, not the picture's, when the same rung cured two in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.records import Request, Try
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import MEMORY_LADDER, PICTURE_LADDER, RUNGS, Rung

IN_A_ROW = 2
MEMORY_RUNGS = {rung.name for rung in MEMORY_LADDER if rung.lasts}
PICTURE_RUNGS = {rung.name for rung in PICTURE_LADDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Immutable; `after` gives the next one."""

    memory: Mapping[bool, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """By whether guided: the smallest size in pixels that ran out, and the rungs that answered."""
    cure: tuple[str, int] = ("", 0)
    """The picture rung that cured the last picture, and how many in a row it cured."""
    held: tuple[str, ...] = ()
    """Picture rungs that hold for the run."""

    def rungs_for(self, request: Request) -> tuple[Rung, ...]:
        """What this picture begins with, lowest first; empty for an undisturbed try."""
        pixels, names = self.memory.get(request.guidance > 0, (0, ()))
        wanted = {*self.held, *(names if names and request.width_px * request.height_px >= pixels else ())}
        return tuple(rung for name, rung in RUNGS.items() if name in wanted)

    def after(self, request: Request, tries: Sequence[Try]) -> Lessons:
        """What is known after one more picture.

        Args:
            request: what was made.
            tries: all of them; the last one brought the picture home, or nothing did.
        """
        if not tries or tries[-1].outcome != "ok":
            return self
        taken = [one_try.rung for one_try in tries[1:]]
        return self._with_memory(request, tries, taken)._with_cure(taken)

    def _with_memory(self, request: Request, tries: Sequence[Try], taken: Sequence[str]) -> Lessons:
        names = tuple(name for name in taken if name in MEMORY_RUNGS)
        # where only a new process helped, the rungs before it did not
        if not names or NEW_PROCESS in taken or all(one_try.outcome != "oom" for one_try in tries):
            return self
        is_guided, pixels = request.guidance > 0, request.width_px * request.height_px
        smallest, known = self.memory.get(is_guided, (pixels, ()))
        lesson = (min(smallest, pixels), (*known, *(name for name in names if name not in known)))
        return replace(self, memory={**self.memory, is_guided: lesson})

    def _with_cure(self, taken: Sequence[str]) -> Lessons:
        last = next((name for name in reversed(taken) if name in PICTURE_RUNGS), "")
        if not last or not RUNGS[last].lasts:
            return replace(self, cure=("", 0))
        times = self.cure[1] + 1 if self.cure[0] == last else 1
        held = (*self.held, last) if times >= IN_A_ROW and last not in self.held else self.held
        return replace(self, cure=(last, times), held=held)
