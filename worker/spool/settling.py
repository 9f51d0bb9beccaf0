"""When a dropped file is whole: pure decisions over what two looks saw.

Knows stamps, fingerprints and one monotonic clock; never the wall clock, since copiers set old times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LOOK_AGAIN_S = 15.0
"""A waiting job that was mended in place is noticed within this; 10,000 waiting ones cost a stat each in that time."""
LOOK_SHARE = 0.05
"""At most this part of the time goes into looking at one folder, and as much into all that is known: what is large or
lies beside thousands on a slow share is looked at rarely."""
NEWEST_WEIGHT = 0.05
"""Of the newest look in the running mean of what one takes."""
FOLDER_SETTLES = 5
"""A folder must stay unchanged so many times longer than a file: people and copiers pause between its files."""
LARGE_BYTES = 1024 * 1024
"""More than that is not read while it changes at every look: a folder of gigabytes is copied for minutes."""
MOST_DOUBLINGS = 6
"""Of the wait for the next reading of a large job: two minutes, with the usual settle_s."""
UNREAD = ""
"""In place of a fingerprint: the contents were not read yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is known of one name in the inbox."""

    stamp: str
    """Sizes, times and inodes."""
    fingerprint: str
    """Of the contents; of much it is `UNREAD` until the stamp has stood still."""
    since_s: float
    """Monotonic seconds when it was first seen like this."""
    read_s: float | None = None
    """When the contents were first read, where that was later."""
    first_s: float | None = None
    """Since when it changes and does not settle, where that was earlier."""
    changed_ns: int = 0
    """When the file was changed, by the share's clock: for the order of jobs only."""
    dropped_by: str | None = None
    """Who owns it, where the file system tells."""
    kept: int = 0
    """How many of its pictures are there already."""
    is_approved: bool = False
    """Nobody waits for its proof: it is a retry of a job whose proof was approved."""
    changes: int = 0
    """How often the contents were found changed although the stamp was the same."""
    is_confirmed: bool = False
    """The contents were read again after `settle_s` and were the same."""
    is_submitted: bool = False
    """The contents are those that `submit` wrote, whole: there is nothing to wait for."""

    @property
    def unsettled_since_s(self) -> float:
        """Since when it changes and does not settle."""
        return self.since_s if self.first_s is None else self.first_s


def looked_again(former: Sighting | None, *, now: Sighting) -> Sighting:
    """The sighting after a look that read the contents; the clock starts anew when anything differs.

    Args:
        former: what was known.
        now: as if seen for the first time.
    """
    if former is None:
        return now
    if former.stamp == now.stamp and former.fingerprint == UNREAD:
        return replace(former, fingerprint=now.fingerprint, read_s=now.since_s)
    if (former.stamp, former.fingerprint) != (now.stamp, now.fingerprint):
        changes = former.changes + 1 if former.stamp == now.stamp else 0
        return replace(now, changes=changes, first_s=None if former.is_confirmed else former.unsettled_since_s)
    return replace(former, is_confirmed=True)


def fresh_until(known: Sighting | None, *, looked_s: float, took_s: float = 0.0, all_take_s: float = 0.0) -> float:
    """Until when a job need not even be looked at: a settled one's contents are compared once more when it is claimed.

    Args:
        known: what is known; nothing, and what is not settled, is looked at every time.
        looked_s: of the last look, monotonic seconds.
        took_s: how long that look took.
        all_take_s: how long a look at each that waits takes.
    """
    is_known = known is not None and known.is_confirmed
    rest_s = max(max(LOOK_AGAIN_S, all_take_s / LOOK_SHARE) if is_known else 0.0, took_s / LOOK_SHARE)
    return looked_s + rest_s if rest_s else 0.0


def must_read(former: Sighting | None, *, stamp: str, now_s: float, settle_s: float, is_much: bool = False) -> bool:
    """Whether this look has to read the contents: at first, after a change, and once to confirm.

    What is large is read only once it has been quiet for `settle_s`, and then once to confirm: it settles in twice the
    time, and while it is being copied not a byte of it is read. Where its stamp does not show the copying (a file that
    has its size from the start), each reading that finds it changed doubles the wait for the next.

    Args:
        former: what was known; None at first.
        stamp: sizes, times and inodes as they are now.
        now_s: monotonic seconds.
        settle_s: seconds a job must stay unchanged.
        is_much: it holds more than LARGE_BYTES.
    """
    if former is None or former.stamp != stamp:
        return not is_much
    if former.is_confirmed:
        return False
    factor: int = 2 ** min(former.changes, MOST_DOUBLINGS) if is_much else 1
    return now_s - (former.since_s if former.read_s is None else former.read_s) >= settle_s * factor


def is_settled(sighting: Sighting, *, now_s: float, settle_s: float) -> bool:
    """Unchanged for long enough, by two readings at least `settle_s` apart.

    Args:
        sighting: the last one.
        now_s: monotonic seconds.
        settle_s: seconds a job must stay unchanged.
    """
    return sighting.is_submitted or (sighting.is_confirmed and now_s - sighting.since_s >= settle_s)
