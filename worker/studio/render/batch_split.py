"""How a failed batch is split for the next try: into which batches, each on which rung.

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
    """Requests that take a rung together."""

    states: list[RequestState]
    rung: Rung


def next_batches(
    batch: TryBatch, failed: Sequence[tuple[RequestState, TryOutcome]], given: set[Need]
) -> Iterator[TryBatch | RequestState | RestartRequest]:
    """What is to be made next, together with what, on which rung.

    Args:
        batch: that took a rung.
        failed: those of it without a picture, and why.
        given: what there is of what rungs need, permissions aside.

    Yields:
        A TryBatch to make next; a RequestState that has no rung left; or, last of all, a RestartRequest.
    """
    if not failed:
        return
    state, tried = failed[0]
    if tried.outcome == "oom" and tried.stage != "decode" and len(batch.states) > 1:
        rung = state.next_rung(tried, given)
        if rung is not None and rung.name != NEW_PROCESS:
            yield from _divided(batch.states, rung)
            return
    for state, tried in failed:
        rung = state.next_rung(tried, given)
        if rung is None:
            yield state
        elif rung.name == NEW_PROCESS:
            yield RestartRequest(history=state.history(), why=f"{tried.outcome.replace('_', ' ')}: {tried.note}")
            return
        else:
            yield TryBatch(states=[state], rung=rung)


def _divided(states: list[RequestState], rung: Rung) -> Iterator[TryBatch]:
    size = rung.batch_size(len(states))
    for begin in range(0, len(states), size):
        yield TryBatch(states=states[begin : begin + size], rung=rung)
