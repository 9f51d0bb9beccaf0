"""JSON Schema (2020-12) of `outbox/_reports/DATE.json`: what a night came to, as `report_records` names it.

`report_json` writes the file.
"""

from __future__ import annotations

from typing import Any, get_args

from worker.operations.schema_kinds import COUNT, MEASURED, MOMENT, SECONDS, TEXT, Schema, list_of, whole_object
from worker.overview_records import EndedState

SCHEMA = 1
MOST_JOBS = 200
"""Complete jobs that are named; all are counted."""

_SIZE: dict[str, tuple[dict[str, Any], str]] = {
    "width": (COUNT, "Pixels."),
    "height": (COUNT, "Pixels."),
    "steps": (COUNT, "Inference steps."),
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
        "begins": ({**MOMENT, "type": "string"}, "Begin of the time that is reported. ISO 8601, UTC."),
        "ends": ({**MOMENT, "type": "string"}, "Its end. ISO 8601, UTC."),
        "is_over": ({"type": "boolean"}, "Whether nothing can be added any more."),
        "as_of": (MOMENT, "When it was made; null once the night is over. ISO 8601, UTC."),
        "total": (COUNT, "Jobs that ended; a proof is none."),
        "jobs": (
            whole_object({state: (COUNT, f"Jobs that ended so: {state}.") for state in get_args(EndedState)}),
            "Jobs by how they ended; a proof is none of them, its pictures are counted with its job.",
        ),
        "pictures": (COUNT, "Pictures that were made; those of a proof are counted with its job."),
        "failed": (COUNT, "Pictures that could not be made."),
        "cancelled": (COUNT, "Pictures that a person cancelled."),
        "retried": (COUNT, "Pictures that were made, but not by their first try."),
        "lost": (
            {"type": "object", "additionalProperties": COUNT},
            "Pictures that could not be made, by what their last try came to (`outcome` in manifest.json).",
        ),
        **_parts(),
        "peak_mib": (MEASURED, "Peak of the card's memory, MiB; null where no job says."),
        "max_temperature_c": (
            MEASURED,
            "Highest temperature of the card, degrees Celsius; null where no job says.",
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zimage-worker report (outbox/_reports/DATE.json)",
        "description": "What a night came to.",
        **whole_object(top),
    }


def _parts() -> dict[str, tuple[Schema, str]]:
    return {
        "mended": (
            list_of({
                "outcome": (TEXT, "What a try before came to."),
                "rung": (TEXT, "The rung that made them."),
                "pictures": (COUNT, "How many."),
            }),
            "Pictures that failed at first and were made all the same.",
        ),
        "troubles": (list_of(_trouble()), "Jobs that are not complete, the worst first, the first 60."),
        "more_troubles": (COUNT, "That are not among them."),
        "complete": (list_of(_job()), f"The other jobs, newest first, the first {MOST_JOBS}."),
        "warnings": (
            list_of({
                "rule": (TEXT, "Name of the rule."),
                "jobs": (COUNT, "That have it."),
                "places": (COUNT, "In them that have it."),
                "example": (TEXT, "As one job was told, for a person."),
                "job": (TEXT, "Which."),
            }),
            "Warnings by rule, those of most jobs first.",
        ),
        "speeds": (list_of(_speed()), "Seconds of a picture by kind, the most frequent first."),
        "stages": (
            {"type": "object", "additionalProperties": SECONDS},
            "Seconds a picture by stage; empty where no manifest tells them.",
        ),
        "workers": (list_of(_worker()), "Who worked."),
        "left": (
            {"anyOf": [{"type": "null"}, whole_object(_left())]},
            "What was not done yet; null where the night is over.",
        ),
    }  # fmt: skip


def _job() -> dict[str, tuple[Schema, str]]:
    return {
        "name": (TEXT, "Of its folder."),
        "is_in_outbox": ({"type": "boolean"}, "Whether the folder lies in outbox, else in failed."),
        "state": ({"enum": list(get_args(EndedState))}, "How it ended."),
        "ended_at": (MOMENT, "When. ISO 8601, UTC."),
        "pictures": (COUNT, "Asked for."),
        "made": (COUNT, "Pictures that are there."),
    }


def _trouble() -> dict[str, tuple[Schema, str]]:
    return {
        **_job(),
        "reason": (TEXT, "Why, for a person."),
        "command": (TEXT, "That puts it right; empty where a person must change something first."),
        "file": (TEXT, "Name of a file that does the same in the inbox; empty likewise."),
        "mend": (TEXT, "What to do in words, where no command does it."),
        "failures": (
            list_of({
                "file": (TEXT, "Of the picture."),
                "error": (TEXT, "Why there is none, for a person."),
                "outcomes": ({"type": "array", "items": TEXT}, "What its tries came to, oldest first."),
                "evidence": ({"type": "array", "items": TEXT}, "Refused pictures, relative to the job's folder."),
            }),
            "The first pictures that could not be made.",
        ),
    }  # fmt: skip


def _speed() -> dict[str, tuple[Schema, str]]:
    return {
        **_SIZE,
        "pictures": (COUNT, "That were made."),
        "median_s": (SECONDS, "Median of their seconds, all tries of a picture together."),
        "before_s": (MEASURED, "The same of the four weeks before; null where there was none."),
        "former": (
            list_of({
                "night": ({**TEXT, "format": "date"}, "Day on which it began."),
                "pictures": (COUNT, "Of this kind."),
                "median_s": (SECONDS, "Median of their seconds."),
            }),
            "The nights of these weeks, oldest first.",
        ),
    }  # fmt: skip


def _worker() -> dict[str, tuple[Schema, str]]:
    return {
        "id": (TEXT, "Setting worker_id."),
        "began_at": (MOMENT, "When it first rendered. ISO 8601, UTC."),
        "ended_at": (MOMENT, "When it last did. ISO 8601, UTC."),
        "worked_s": (SECONDS, "Seconds in which it rendered."),
        "waits": (
            list_of({
                "reason": (TEXT, "Why, for a person."),
                "seconds": (SECONDS, "In all."),
                "times": (COUNT, "How often."),
                "since": (MOMENT, "When first. ISO 8601, UTC."),
            }),
            "Why it waited, the longest first.",
        ),
        "unclean_stops": (
            {"type": "array", "items": {**MOMENT, "type": "string"}},
            "When it was last heard of before each stop that nobody had asked for. ISO 8601, UTC.",
        ),
        "jobs": (COUNT, "That it ended."),
        "pictures": (COUNT, "That are in them."),
    }  # fmt: skip


def _left() -> dict[str, tuple[Schema, str]]:
    return {
        "jobs": (COUNT, "That wait for their turn."),
        "pictures": (COUNT, "Of those jobs of which that is known."),
        "ends_in_s": (MEASURED, "Seconds until the last picture of all; null where nobody knows."),
        "running": (
            list_of({
                "name": (TEXT, "Of the job."),
                "done": (COUNT, "Pictures."),
                "pictures": (COUNT, "Asked for."),
            }),
            "Jobs in work.",
        ),
        "persons": (
            list_of({"name": (TEXT, "In the inbox."), "reason": (TEXT, "Why, for a person.")}),
            "What else waits for a person.",
        ),
        "proofs": (
            list_of({"name": (TEXT, "In the inbox."), "folder": (TEXT, "Of its proof, in the outbox.")}),
            "Jobs that wait for approval.",
        ),
    }  # fmt: skip
