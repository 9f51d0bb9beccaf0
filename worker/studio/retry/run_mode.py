"""The mode of a run: how all its pictures are begun, as usual or more carefully.

Knows what avoids a failure that every picture meets, and keeps the pictures: slower ways, at most another rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.records import Outcome
from worker.studio.plan.memory import MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMode:
    """How the pictures of a run are begun."""

    is_eager: bool = False
    """Without compiled code."""
    is_alone: bool = False
    """One prompt and one picture at a time."""
    is_streamed: bool = False
    """No block of transformer or text encoder stays on the card."""
    has_other_attention: bool = False
    """By another kernel than usual, on a card."""
    vain_restarts: frozenset[Outcome] = frozenset()
    """Outcomes whose ladder ends without a new process: it has not helped."""

    @property
    def is_careful(self) -> bool:
        """Whether it differs from the usual."""
        return self.is_eager


USUAL = RunMode()
CAREFUL = RunMode(is_eager=True, is_alone=True, is_streamed=True, has_other_attention=True)
"""Everything at once that may avoid what fails and keeps the picture: a third failure ends the run."""
SMALL = RunMode(is_eager=True, is_alone=True)
"""Where the host's memory is what seems to run out: streamed blocks would want more of it."""


def in_mode(plan: MemoryPlan, mode: RunMode, *, on_card: bool) -> MemoryPlan:
    """The plan as it is carried out in this mode.

    Args:
        plan: of the work.
        mode: of the run.
        on_card: a card computes, not the CPU.
    """
    if mode.is_eager:
        plan = replace(plan, compiled=False)
    if mode.is_alone:
        plan = replace(plan, batch=1, encode_batch=1)
    if mode.is_streamed:
        plan = replace(plan, encoder="streamed", resident_blocks=0)
    if mode.has_other_attention and on_card:
        plan = replace(plan, attention="_native_efficient")
    return plan
