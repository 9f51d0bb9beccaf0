"""Refused pictures: never under a final name, but kept for who wants to see why.

Knows their names. Must not know how a picture is judged.
"""

from __future__ import annotations

from collections.abc import Callable

from worker.delivery.card import Evidence, told
from worker.delivery.thumbnail import thumbnail
from worker.records import Entry

EDGE_PX = 224
"""Of evidence on the contact sheet: shown 112 CSS pixels wide."""


def evidence_name(file: str, *, rung: str) -> str:
    """Where the picture lies that this rung made for `file`, relative to the job's folder; always a PNG."""
    return f"rejected/{file.rpartition('.')[0]}.{rung}.png"


def evidence_of(entry: Entry, *, read: Callable[[str], bytes]) -> tuple[Evidence, ...]:
    """What there is to show of a failed picture; a try that ended without a picture left nothing.

    Args:
        entry: with status `failed`.
        read: gives the bytes of a staged file, or raises FileNotFoundError.
    """
    shown = []
    for attempt in entry.attempts:
        file = evidence_name(entry.request.file, rung=attempt.rung)
        try:
            data = read(file)
        except FileNotFoundError:
            continue
        shown.append(Evidence(label=told(attempt), file=file, source=thumbnail(data, longest_px=EDGE_PX)))
    return tuple(shown)
