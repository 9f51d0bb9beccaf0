"""The rungs that a lone picture takes on a machine without a card, as the ladders have them."""

from __future__ import annotations

from worker.records import Outcome, Permission
from worker.studio.retry.ladders import Stage, next_rung


def lone_ladder(outcome: Outcome, stage: Stage, *allow: Permission) -> list[str]:
    """Names from the first try on; a new process, which comes last, is left out."""
    names = ["first"]
    while rung := next_rung(outcome, stage, tried=names, given=allow):
        names.append(rung.name)
    return names
