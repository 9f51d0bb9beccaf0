"""When a dropped file is whole: pure decisions over what two looks saw.

Knows stamps, fingerprints and one monotonic clock; never the wall clock, since copiers set old times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LOOK_AGAIN_S = 15.0
"""A waiting job that was mended in place is noticed within this; 10,000 waiting ones cost a stat each in that time."""
LARGE_BYTES = 1024 * 1024
"""More than that is not read while it changes at every look: a folder of gigabytes is copied for minutes."""
MOST_DOUBLINGS = 6
"""Of the wait for the next reading of a large job: two minutes, with the usual settle_s."""
UNREAD = ""
"""In place of the fingerprint of a large job that has not been quiet yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is known of one name in the inbox."""

    stamp: str
    """Sizes, times and inodes."""
    fingerprint: str
    """Of the contents, as last read; `UNREAD` before that."""
    since_s: float
    """Monotonic seconds when it was first seen like this."""
    changed_ns: int = 0
    """When the file was changed, by the share's clock: for the order of jobs only."""
    changes: int = 0
    """How often the contents were found changed although the stamp was the same."""
    is_confirmed: bool = False
    """The contents were read again after `settle_s` and were the same."""


def looked_again(former: Sighting | None, *, now: Sighting) -> Sighting:
    """The sighting after a look that read the contents; the clock starts anew when anything differs.

    Args:
        former: what was known.
        now: as if seen for the first time.
    """
    if former is None or former.stamp != now.stamp:
        return now
    if former.fingerprint == now.fingerprint:
        return replace(former, is_confirmed=True)
    return replace(now, changes=former.changes + (former.fingerprint != UNREAD))


def fresh_until(known: Sighting | None, *, looked_s: float) -> float:
    """Until when a settled job need not even be looked at: its contents are compared once more when it is claimed.

    Args:
        known: what is known; nothing, and what is not settled, is looked at every time.
        looked_s: of the last look, monotonic seconds.
    """
    return looked_s + LOOK_AGAIN_S if known is not None and known.is_confirmed else 0.0


def must_read(former: Sighting | None, *, stamp: str, size_bytes: int, now_s: float, settle_s: float) -> bool:
    """Whether this look has to read the contents: at first, after a change, and once to confirm.

    What is large is read only once it has been quiet for `settle_s`, and then once to confirm: it settles in twice the
    time, and while it is being copied not a byte of it is read. Where its stamp does not show the copying (a file that
    has its size from the start), each reading that finds it changed doubles the wait for the next.

    Args:
        former: what was known; None at first.
        stamp: sizes, times and inodes as they are now.
        size_bytes: of all its files.
        now_s: monotonic seconds.
        settle_s: seconds a job must stay unchanged.
    """
    if former is None or former.stamp != stamp:
        return size_bytes <= LARGE_BYTES
    doublings = min(former.changes, MOST_DOUBLINGS) if size_bytes > LARGE_BYTES else 0
    return not former.is_confirmed and now_s - former.since_s >= settle_s * 2**doublings


def is_settled(sighting: Sighting, *, now_s: float, settle_s: float) -> bool:
    """Unchanged for long enough, by two readings at least `settle_s` apart.

    Args:
        sighting: the last one.
        now_s: monotonic seconds.
        settle_s: seconds a job must stay unchanged.
    """
    return sighting.is_confirmed and now_s - sighting.since_s >= settle_s
