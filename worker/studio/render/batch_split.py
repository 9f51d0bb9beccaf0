"""Who goes on with whom after a try.

Knows that running out of memory concerns a whole batch, and a bad picture itself alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.studio.render.request_state import RequestState, TryOutcome
from worker.studio.retry.history import NEW_PROCESS, RestartRequest
from worker.studio.retry.ladders import Need, Rung


@dataclass(slots=True, kw_only=True)
class TryBatch:
    """Shots that take a rung together."""

    shots: list[RequestState]
    rung: Rung


def next_batches(
    party: TryBatch, failed: Sequence[tuple[RequestState, TryOutcome]], given: set[Need]
) -> Iterator[TryBatch | RequestState | RestartRequest]:
    """Who goes on, together with whom, on which rung.

    Args:
        party: that took a rung.
        failed: those of it without a picture, and why.
        given: what there is of what rungs need, permissions aside.

    Yields:
        A TryBatch to make next; a RequestState that has no rung left; or, last of all, a RestartRequest.
    """
    if not failed:
        return
    shot, tried = failed[0]
    if tried.outcome == "oom" and tried.stage != "decode" and len(party.shots) > 1:
        rung = shot.next_rung(tried, given)
        size = len(party.shots) if rung is None or rung.divides_by == 1 else _part(len(party.shots), rung.divides_by)
        if rung is not None and rung.name != NEW_PROCESS:
            yield from (
                TryBatch(shots=party.shots[begin : begin + size], rung=rung)
                for begin in range(0, len(party.shots), size)
            )
            return
    for shot, tried in failed:
        rung = shot.next_rung(tried, given)
        if rung is None:
            yield shot
        elif rung.name == NEW_PROCESS:
            yield RestartRequest(history=shot.history(), why=f"{tried.outcome.replace('_', ' ')}: {tried.note}")
            return
        else:
            yield TryBatch(shots=[shot], rung=rung)


def _part(size: int, divides_by: int) -> int:
    return 1 if divides_by == 0 else -(-size // divides_by)
