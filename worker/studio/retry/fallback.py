"""The fallback of one picture: which rung it takes after a failed try, and what it lets go of on the way.

Knows what to do where a rung that mends a picture wants more memory than there is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from worker.records import Outcome
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import PICTURE_LADDER, Need, Rung, Stage, next_rung

PICTURE_RUNGS = frozenset(rung.name for rung in PICTURE_LADDER) - {NEW_PROCESS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Where a picture goes after a failed try."""

    rung: Rung | None
    """None when nothing is left to try."""
    dropped: frozenset[str] = frozenset()
    """Names of rungs that it took and that hold no longer."""
    keeps_latents: bool = True
    """Its latents may be used again, as far as the rung itself wants them."""


def fall_back(
    outcome: Outcome, stage: Stage, *, tried: Collection[str], given: Collection[Need], fault: Outcome | None
) -> Fallback:
    """What a picture does after a failed try.

    Args:
        outcome: of the try that just failed.
        stage: where it failed.
        tried: names of the rungs taken for this picture so far.
        given: what there is of what rungs need, permissions included.
        fault: of the last picture that was refused; None when none was.
    """
    if fault is None or outcome != "oom":
        return Fallback(rung=next_rung(outcome, stage, tried=tried, given=given))
    # a rung of the picture's ladder wants more memory than there is: first as usual, then on to the next of those
    rung = next_rung("oom", stage, tried=tried, given={*given} - {"process"})
    if rung is not None:
        return Fallback(rung=rung)
    return Fallback(
        rung=next_rung(fault, "denoise", tried=tried, given=given),
        dropped=PICTURE_RUNGS.intersection(tried),
        keeps_latents=False,
    )
