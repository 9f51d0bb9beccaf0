"""Fields of a record that was read from a share: whoever may write there may write anything there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from worker.moments import FIRST_YEAR, LAST_YEAR

LONGEST = 500
"""Characters that are kept of a word, a name or a reason."""
MOST = 10**12
"""Above every count and every second that a program of ours writes."""


def text_in(record: Mapping[str, object], key: str) -> str:
    """A text, cut to `LONGEST` characters; empty for anything else.

    Args:
        record: as it was read.
        key: of the value.
    """
    value = record.get(key)
    return value[:LONGEST] if isinstance(value, str) else ""


def count_in(record: Mapping[str, object], key: str) -> int:
    """A whole number from 0 to below `MOST`; 0 for anything else.

    Args:
        record: as it was read.
        key: of the value.
    """
    value = record.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST else 0


def seconds_in(record: Mapping[str, object], key: str) -> float | None:
    """Seconds from 0 to below `MOST`; None for anything else.

    Args:
        record: as it was read.
        key: of the value.
    """
    value = record.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < MOST else None  # type: ignore[arg-type, operator]


def moment_in(record: Mapping[str, object], key: str) -> str | None:
    """A moment with its zone as ISO 8601, UTC; None for anything else, and for years without nights.

    Args:
        record: as it was read.
        key: of the value.
    """
    value = record.get(key)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC)
        return moment.isoformat() if FIRST_YEAR <= moment.year <= LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def inner(record: Mapping[str, object], key: str) -> Mapping[str, object]:
    """A mapping; empty for anything else.

    Args:
        record: as it was read.
        key: of the value.
    """
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def objects_in(record: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """The objects in a list; what else stands in it is left out, and anything else is no list.

    Args:
        record: as it was read.
        key: of the list.
    """
    value = record.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
