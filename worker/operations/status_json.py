"""`outbox/status.json`: the overview for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from itertools import islice
from typing import get_args

from worker.operations.overview_schema import MOST_ENDED, MOST_WAITING, SCHEMA
from worker.overview_records import EndedState, Overview, WaitingState
from worker.translation import Language, translated_within


def status_json(overview: Overview, *, language: Language = "en") -> bytes:
    """The bytes of the file, as `overview_schema` has it.

    Args:
        overview: of the spool.
        language: of the texts for people in it.
    """
    document = {
        "schema": SCHEMA,
        "as_of": overview.as_of,
        "nobody_works": overview.nobody_works,
        "paused_by": overview.paused_by,
        "paused_since": overview.paused_since,
        "queue_ends_in_s": overview.queue_ends_in_s,
        "counts": counts(overview),
        "workers": [asdict(one) for one in overview.workers],
        "running": [asdict(one) for one in overview.running],
        "waiting": [asdict(one) for one in islice(overview.waiting, MOST_WAITING)],
        "ignored": [{"name": name, "remedy": remedy} for name, remedy in islice(overview.ignored, MOST_WAITING)],
        "control_files": [{"name": name, "said": said} for name, said in islice(overview.control_files, MOST_WAITING)],
        "ended": [asdict(one) for one in islice(overview.ended, MOST_ENDED)],
    }
    text = json.dumps(translated_within(document, language), ensure_ascii=False, indent=1)
    return text.encode(errors="backslashreplace") + b"\n"  # half a character: as JSON spells it


def counts(overview: Overview) -> dict[str, int]:
    """All jobs by state.

    Args:
        overview: of the spool.
    """
    waiting, ended = (Counter(one.state for one in jobs) for jobs in (overview.waiting, overview.ended))
    return {
        "running": len(overview.running),
        **{state: waiting[state] for state in get_args(WaitingState)},
        "ignored": len(overview.ignored),
        **{state: ended[state] for state in get_args(EndedState)},
        "ended_earlier": overview.ended_more,
    }
