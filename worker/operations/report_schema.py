"""JSON Schema (2020-12) of `outbox/_reports/DATE.json`: what a night came to, as `report_records` names it.

`report_json` writes the file.
"""

from __future__ import annotations

from typing import Any, get_args

from worker.clocks import UTC_PATTERN
from worker.overview_records import EndedState

SCHEMA = 1
MOST_JOBS = 200
"""Complete jobs that are named; all are counted."""

Schema = dict[str, Any]

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}
_MAYBE = {"type": ["number", "null"], "minimum": 0}
_MOMENT = {"type": ["string", "null"], "format": "date-time", "pattern": UTC_PATTERN}
_SIZE: dict[str, tuple[dict[str, Any], str]] = {
    "width": (_COUNT, "Pixels."),
    "height": (_COUNT, "Pixels."),
    "steps": (_COUNT, "Inference steps."),
    "guided": ({"type": "boolean"}, "Whether the guidance scale was above 0."),
}


def report_schema() -> Schema:
    """Of the whole file."""
    top: dict[str, tuple[Schema, str]] = {
        "schema": ({"const": SCHEMA}, "Version of this form."),
        "night": (
            {"type": ["string", "null"], "format": "date"},
            "Day on which the night began, at noon; null for another span of time.",
        ),
        "begins": ({**_MOMENT, "type": "string"}, "Begin of the time that is reported. ISO 8601, UTC."),
        "ends": ({**_MOMENT, "type": "string"}, "Its end. ISO 8601, UTC."),
        "is_over": ({"type": "boolean"}, "Whether nothing can be added any more."),
        "as_of": (_MOMENT, "When it was made; null once the night is over. ISO 8601, UTC."),
        "total": (_COUNT, "Jobs that ended; a proof is none."),
        "jobs": (
            _object({state: (_COUNT, f"Jobs that ended so: {state}.") for state in get_args(EndedState)}),
            "Jobs by how they ended; a proof is none of them, its pictures are counted with its job.",
        ),
        "pictures": (_COUNT, "Pictures that were made; those of a proof are counted with its job."),
        "failed": (_COUNT, "Pictures that could not be made."),
        "cancelled": (_COUNT, "Pictures that a person cancelled."),
        "retried": (_COUNT, "Pictures that were made, but not by their first try."),
        "lost": (
            {"type": "object", "additionalProperties": _COUNT},
            "Pictures that could not be made, by what their last try came to (`outcome` in manifest.json).",
        ),
        **_parts(),
        "peak_mib": (_MAYBE, "Peak of the card's memory, MiB; null where no job says."),
        "max_temperature_c": (_MAYBE, "Highest temperature of the card, degrees Celsius; null where no job says."),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zimage-worker report (outbox/_reports/DATE.json)",
        "description": "What a night came to.",
        **_object(top),
    }


def _parts() -> dict[str, tuple[Schema, str]]:
    return {
        "mended": (
            _list({
                "outcome": (_TEXT, "What a try before came to."),
                "rung": (_TEXT, "The rung that made them."),
                "pictures": (_COUNT, "How many."),
            }),
            "Pictures that failed at first and were made all the same.",
        ),
        "troubles": (_list(_trouble()), "Jobs that are not complete, the worst first, the first 60."),
        "more_troubles": (_COUNT, "That are not among them."),
        "complete": (_list(_job()), f"The other jobs, newest first, the first {MOST_JOBS}."),
        "warnings": (
            _list({
                "rule": (_TEXT, "Name of the rule."),
                "jobs": (_COUNT, "That have it."),
                "places": (_COUNT, "In them that have it."),
                "example": (_TEXT, "As one job was told, for a person."),
                "job": (_TEXT, "Which."),
            }),
            "Warnings by rule, those of most jobs first.",
        ),
        "speeds": (_list(_speed()), "Seconds of a picture by kind, the most frequent first."),
        "stages": (
            {"type": "object", "additionalProperties": _SECONDS},
            "Seconds a picture by stage; empty where no manifest tells them.",
        ),
        "workers": (_list(_worker()), "Who worked."),
        "left": (
            {"anyOf": [{"type": "null"}, _object(_left())]},
            "What was not done yet; null where the night is over.",
        ),
    }  # fmt: skip


def _job() -> dict[str, tuple[Schema, str]]:
    return {
        "name": (_TEXT, "Of its folder."),
        "is_in_outbox": ({"type": "boolean"}, "Whether the folder lies in outbox, else in failed."),
        "state": ({"enum": list(get_args(EndedState))}, "How it ended."),
        "ended_at": (_MOMENT, "When. ISO 8601, UTC."),
        "pictures": (_COUNT, "Asked for."),
        "made": (_COUNT, "Pictures that are there."),
    }


def _trouble() -> dict[str, tuple[Schema, str]]:
    return {
        **_job(),
        "reason": (_TEXT, "Why, for a person."),
        "command": (_TEXT, "That puts it right; empty where a person must change something first."),
        "file": (_TEXT, "Name of a file that does the same in the inbox; empty likewise."),
        "mend": (_TEXT, "What to do in words, where no command does it."),
        "failures": (
            _list({
                "file": (_TEXT, "Of the picture."),
                "error": (_TEXT, "Why there is none, for a person."),
                "outcomes": ({"type": "array", "items": _TEXT}, "What its tries came to, oldest first."),
                "evidence": ({"type": "array", "items": _TEXT}, "Refused pictures, relative to the job's folder."),
            }),
            "The first pictures that could not be made.",
        ),
    }  # fmt: skip


def _speed() -> dict[str, tuple[Schema, str]]:
    return {
        **_SIZE,
        "pictures": (_COUNT, "That were made."),
        "median_s": (_SECONDS, "Median of their seconds, all tries of a picture together."),
        "before_s": (_MAYBE, "The same of the four weeks before; null where there was none."),
        "former": (
            _list({
                "night": ({**_TEXT, "format": "date"}, "Day on which it began."),
                "pictures": (_COUNT, "Of this kind."),
                "median_s": (_SECONDS, "Median of their seconds."),
            }),
            "The nights of these weeks, oldest first.",
        ),
    }  # fmt: skip


def _worker() -> dict[str, tuple[Schema, str]]:
    return {
        "id": (_TEXT, "Setting worker_id."),
        "began_at": (_MOMENT, "When it first rendered. ISO 8601, UTC."),
        "ended_at": (_MOMENT, "When it last did. ISO 8601, UTC."),
        "worked_s": (_SECONDS, "Seconds in which it rendered."),
        "waits": (
            _list({
                "reason": (_TEXT, "Why, for a person."),
                "seconds": (_SECONDS, "In all."),
                "times": (_COUNT, "How often."),
                "since": (_MOMENT, "When first. ISO 8601, UTC."),
            }),
            "Why it waited, the longest first.",
        ),
        "unclean_stops": (
            {"type": "array", "items": {**_MOMENT, "type": "string"}},
            "When it was last heard of before each stop that nobody had asked for. ISO 8601, UTC.",
        ),
        "jobs": (_COUNT, "That it ended."),
        "pictures": (_COUNT, "That are in them."),
    }  # fmt: skip


def _left() -> dict[str, tuple[Schema, str]]:
    return {
        "jobs": (_COUNT, "That wait for their turn."),
        "pictures": (_COUNT, "Of those jobs of which that is known."),
        "ends_in_s": (_MAYBE, "Seconds until the last picture of all; null where nobody knows."),
        "running": (
            _list({
                "name": (_TEXT, "Of the job."),
                "done": (_COUNT, "Pictures."),
                "pictures": (_COUNT, "Asked for."),
            }),
            "Jobs in work.",
        ),
        "persons": (
            _list({"name": (_TEXT, "In the inbox."), "reason": (_TEXT, "Why, for a person.")}),
            "What else waits for a person.",
        ),
        "proofs": (
            _list({"name": (_TEXT, "In the inbox."), "folder": (_TEXT, "Of its proof, in the outbox.")}),
            "Jobs that wait for approval.",
        ),
    }  # fmt: skip


def _object(keys: dict[str, tuple[Schema, str]]) -> Schema:
    return {
        "type": "object",
        "properties": {key: {**kind, "description": meaning} for key, (kind, meaning) in keys.items()},
        "required": list(keys),
        "additionalProperties": False,
    }


def _list(keys: dict[str, tuple[Schema, str]]) -> Schema:
    return {"type": "array", "items": _object(keys)}
