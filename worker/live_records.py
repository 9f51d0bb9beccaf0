"""How a job in work is doing, as values: what its live page shows, and by which record the page goes on.

Knows only shapes and units. The daemon fills them in, delivery says them, the spool puts them where people look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LIVE = "_overview/live"
"""Folder of the records in the outbox, one a job, by its id: a page that is open finds it wherever its own has gone."""

LiveState = Literal["rendering", "paused", "waiting", "interrupted"]
"""`waiting`: for room on the share; `interrupted`: the job was given back or laid aside, and is gone on with later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One look at a job in work."""

    at: str
    """ISO 8601, UTC, as all moments here: when it was so."""
    state: LiveState
    reason: str = ""
    """Why it is not being rendered, for a person."""
    since: str | None = None
    """Since when it is in this state; None while it is rendered."""
    folder: str
    """Of its pictures so far, relative to the outbox, such as `mugs.w1-3-ab12cd34.partial`."""
    picture_s: float | None = None
    """Seconds a picture, of this run; None before its first one."""
    ends_at: str | None = None
    """When it would be done at that speed; None where that is not known, and while it is not rendered."""
    left_s: float | None = None
    """Seconds until then."""
    file: str = ""
    """Of the picture in work."""
    step: int = 0
    steps: int = 0
    """Of that picture: how many are done, of how many."""
    next_word_s: float = 120.0
    """Seconds within which a worker that lives writes anew; without a word for longer, what stands here may be old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What people see of a job in work, as bytes."""

    record: bytes
    """By which a page that is open goes on: small, written often."""
    page: bytes | None = None
    """The page itself, for whoever opens it next; None where the one that is there still does."""


def record_name(job_id: str) -> str:
    """Name of a job's record in that folder.

    Args:
        job_id: of the job.
    """
    return f"{job_id}.js"


def live_script(told: Mapping[str, object]) -> bytes:
    """What a page that is open is told: a script, as a page opened from a share may read nothing else.

    Args:
        told: what `json` can say; see `live_page.js` for its keys.
    """
    return f"zimageLive({json.dumps(told)});\n".encode()
