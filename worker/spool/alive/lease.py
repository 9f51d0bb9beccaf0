"""Who is alive: pure decisions over heartbeats, by the observer's own clock.

Knows counters and one monotonic clock: the wall clocks of two hosts may differ by days. A heartbeat is a counter that
its owner raises while it works. Whoever waits for a claim watches the counter; unchanged for the whole lease, the owner
is dead. The owner, which knows when it last raised it, stops trusting its own claims after half of that. Source: restic
#4374 (stop when the own lease lapsed); clock-free removal as in nixpkgs #267690.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LATE_S = 45.0
"""A worker that beats every ten seconds and is not heard for so long is silent: a share may show for half a minute
what was there before (measured on NFS)."""

LifeState = Literal["alive", "silent", "hung", "dead", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One run of a worker, whose claims are told from others'."""

    worker_id: str
    host: str
    run: str
    """Random id of this process run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """One heartbeat, as it lies on the share."""

    run: str
    """Random id of the owner's process run."""
    count: int
    """Raised with every beat."""
    host: str
    locks: str
    """Id of the owner's lock folder."""
    boot: str = ""
    """Id of the owner's machine since its last start; empty where there is none."""
    process: str = ""
    """The owner's process, as `processes` marks it; empty where its machine does not tell."""
    is_stopped: bool = False
    """The owner ended in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What an observer knows of one worker."""

    beat: Heartbeat | None
    """As last read; None when there was none to read."""
    since_s: float
    """Seconds, by the observer's clock, when it was first seen like this."""


def watched(former: Watched | None, beat: Heartbeat | None, *, now_s: float) -> Watched:
    """The knowledge after one more look; the clock starts anew when anything changed.

    Args:
        former: what was known; None at the first look.
        beat: as read now; None when there is none to read.
        now_s: seconds, by the observer's clock.
    """
    if former is None or former.beat != beat:
        return Watched(beat=beat, since_s=now_s)
    return former


def is_dead(seen: Watched, *, now_s: float, lease_s: float) -> bool:
    """Whether this worker's claims may be taken over.

    Args:
        seen: by this observer.
        now_s: of the same clock.
        lease_s: how long a live worker may be silent at most.
    """
    if seen.beat is not None and seen.beat.is_stopped:
        return True
    return now_s - seen.since_s >= lease_s


def must_prove(last_beat_s: float, *, now_s: float, lease_s: float) -> bool:
    """Whether an owner that last raised its counter then must look before it trusts its claims.

    Args:
        last_beat_s: when the last beat was durably written, by a clock that counts suspended time too.
        now_s: of the same clock.
        lease_s: as observers have it.
    """
    return now_s - last_beat_s >= lease_s / 2


def life_of(beat: Heartbeat | None, *, runs: bool | None, silent_s: float | None, lease_s: float) -> LifeState:
    """What somebody who only looks can say of a worker.

    Args:
        beat: as read now; None when there is none to read.
        runs: True where its lock is held, False where it is free or its process is gone; None where neither can be
            seen: on another machine.
        silent_s: how long it has not been heard, by one clock; None when it never was.
        lease_s: how long a live worker may be silent at most.

    Returns:
        `silent` where it is late, its lease is not over, and nobody can know more; `hung` where it is over, and its
        lock is held all the same.
    """
    if runs:  # a stop is told of the run before
        return "hung" if silent_s is not None and silent_s >= lease_s and beat and not beat.is_stopped else "alive"
    if beat is not None and beat.is_stopped:
        return "stopped"
    if runs is False or silent_s is None or silent_s >= lease_s:
        return "dead"
    return "silent" if silent_s >= min(LATE_S, lease_s / 2) else "alive"
