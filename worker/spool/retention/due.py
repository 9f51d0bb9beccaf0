"""Which finished folders are old enough, and whether the clock that says so can be trusted.

Knows moments and what was seen before; no folder is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from worker.disk.record_fields import count_in, seconds_in
from worker.translation import Text, gettext

DAY_S = 86_400.0
JUMP_S = 7 * DAY_S
"""A clock that is so much further than when it was last seen may have been set wrong; or the machine was off."""
BACK_S = 3_600.0
"""One that has gone back so far was wrong before, or is now."""
SETTLES_S = 20 * 3_600.0
"""So long it must go on from there, before anything goes by it: a nightly start later it is believed."""
APART_S = DAY_S
"""Between this machine's clock and the share's."""
MOST_A_DAY = 500
"""Folders that go: whatever is wrong, somebody can see it before all are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered from run to run."""

    seen_s: float = 0.0
    """The clock when it was last looked at, in seconds since 1970; 0 for never."""
    since_s: float = 0.0
    """Since when it has gone on without a jump."""
    day: int = 0
    """Days since 1970."""
    gone: int = 0
    """Folders that went on that day."""


def memory_in(record: Mapping[str, object]) -> Memory:
    """What was written down; nothing where it is damaged.

    Args:
        record: as it was read.
    """
    return Memory(
        seen_s=seconds_in(record, "seen_s") or 0.0,
        since_s=seconds_in(record, "since_s") or 0.0,
        day=count_in(record, "day"),
        gone=count_in(record, "gone"),
    )


def looked(memory: Memory, *, now_s: float) -> Memory:
    """What is remembered once the clock was looked at.

    Args:
        memory: so far.
        now_s: seconds since 1970.
    """
    is_one_clock = -BACK_S <= now_s - memory.seen_s <= JUMP_S and memory.since_s <= now_s
    day = int(now_s // DAY_S)
    return replace(
        memory, seen_s=now_s, since_s=memory.since_s if is_one_clock else now_s, day=day,
        gone=memory.gone if day == memory.day else 0,
    )  # fmt: skip


def why_not_now(memory: Memory, *, share_s: float | None) -> Text | None:
    """Why nothing goes by this clock yet; None where it can be trusted.

    Args:
        memory: just looked.
        share_s: what the share's own clock said when something was last written there; None where nobody knows.
    """
    if share_s is not None and abs(share_s - memory.seen_s) > APART_S:
        return gettext("this machine's clock and the share's are more than a day apart: set them right")
    if memory.seen_s - memory.since_s < SETTLES_S:
        return gettext("it was switched on, or this machine's clock has jumped, less than 20 hours ago")
    if memory.gone >= MOST_A_DAY:
        return gettext("{most} folders went today; the others go tomorrow", most=MOST_A_DAY)
    return None


def is_due(finished_s: float | None, *, after_days: int, now_s: float) -> bool:
    """Whether a job ended so many days ago; one whose end nobody knows never did.

    Args:
        finished_s: seconds since 1970.
        after_days: by the settings.
        now_s: seconds since 1970.
    """
    return finished_s is not None and now_s - finished_s >= after_days * DAY_S
