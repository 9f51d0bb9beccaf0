"""How a failed batch is split for the next try: into which batches, each on which rung.

Knows that running out of memory concerns a whole batch, and a bad picture itself alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.records import Outcome
from worker.studio.retry.fallback import Fallback, fall_back
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import Need, Rung, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTry:
    """A try of a batch that left one of its pictures unmade."""

    item: int
    """The picture's place in the batch."""
    outcome: Outcome
    stage: Stage
    """Where it failed."""
    tried: frozenset[str]
    """Names of the rungs taken for this picture so far."""
    given: frozenset[Need]
    """What there is of what rungs need, the picture's permissions included."""
    fault: Outcome | None = None
    """Of the last picture that was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What is done next with some pictures of the batch: a try, an end, or a new process."""

    items: tuple[int, ...]
    """Their places in the batch; several take a rung together."""
    fallback: Fallback

    @property
    def is_restart(self) -> bool:
        """Another process must take the picture up."""
        return self.fallback.rung is not None and self.fallback.rung.name == NEW_PROCESS


def next_steps(failed: Sequence[FailedTry], *, batch_size: int) -> Iterator[NextStep]:
    """What is to be made next, together with what, on which rung.

    Args:
        failed: the tries without a picture, in the batch's order.
        batch_size: pictures of the batch, those that were made included.

    Yields:
        A step for each picture that failed, or for several; one that asks for a new process is the last.
    """
    if not failed:
        return
    first = failed[0]
    if first.outcome == "oom" and first.stage != "decode" and batch_size > 1:
        fallback = _fallback(first)
        if fallback.rung is not None and fallback.rung.name != NEW_PROCESS:
            yield from _divided(batch_size, fallback, fallback.rung)
            return
    for one in failed:
        step = NextStep(items=(one.item,), fallback=_fallback(one))
        yield step
        if step.is_restart:
            return


def _fallback(one: FailedTry) -> Fallback:
    return fall_back(one.outcome, one.stage, tried=one.tried, given=one.given, fault=one.fault)


def _divided(batch_size: int, fallback: Fallback, rung: Rung) -> Iterator[NextStep]:
    size = rung.batch_size(batch_size)
    for begin in range(0, batch_size, size):
        yield NextStep(items=tuple(range(begin, min(begin + size, batch_size))), fallback=fallback)
