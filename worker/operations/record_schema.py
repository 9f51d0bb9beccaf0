"""JSON Schema (2020-12) of what a worker writes down about itself: `inbox/.zimage-worker/workers/ID.json`.

`record` writes the file, with what the daemon says.
"""

from __future__ import annotations

from typing import Any

from worker.clocks import UTC_PATTERN

STATES = {
    "starting": "the model is being checked and loaded",
    "idle": "waiting for a job",
    "rendering": "a picture is being made",
    "paused": "PAUSE lies in the inbox, a share is away or full, other programs use the card, it is too hot, or the"
    " worker may not render at this hour",
    "stopped": "the worker ended in good order",
}
"""Each state with what it means."""

_MOMENT = {"type": "string", "format": "date-time", "pattern": UTC_PATTERN}

_ALWAYS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "description": "Setting worker_id."},
    "host": {"type": "string", "description": "Name of the machine."},
    "version": {"type": "string", "description": "Of zimage-worker."},
    "state": {
        "enum": list(STATES),
        "description": "; ".join(f"{state}: {meaning}" for state, meaning in STATES.items()) + ".",
    },
    "job": {"type": ["string", "null"], "description": "Name of the job in work; null where there is none."},
}

_RENDERING: dict[str, dict[str, Any]] = {
    "file": {
        "type": "string",
        "minLength": 1,
        "description": "The picture in work, or the first of those made together.",
    },
    "step": {
        "type": "integer",
        "minimum": 0,
        "description": "Inference step just done; 0 while the prompt is encoded.",
    },
    "steps": {"type": "integer", "minimum": 1, "description": "Inference steps of that picture."},
    "done": {"type": "integer", "minimum": 0, "description": "Pictures of the job that are settled, failed ones too."},
    "total": {"type": "integer", "minimum": 1, "description": "Pictures that the job asks for."},
    "left_pixel_steps": {
        "type": "integer",
        "minimum": 0,
        "description": "Work left in the job: pixels times forwards of the transformer, the picture in work included.",
    },
    "claim": {"type": "string", "minLength": 1, "description": "Id of the claim, as in the name of its folder."},
    "failed": {"type": "integer", "minimum": 0, "description": "Of the settled pictures, those that failed."},
    "started_at": {**_MOMENT, "description": "When this run began work on the job. ISO 8601, UTC."},
    "left_s": {
        "type": ["number", "null"],
        "minimum": 0,
        "description": "Seconds until the job's last picture, by what pictures took; null where that is not known.",
    },
}

INTERRUPTED = ("claim", "done", "failed", "total", "started_at")
"""What is still told of a job in work that its worker has broken off to wait."""

_PAUSED: dict[str, dict[str, Any]] = {
    "reason": {"type": "string", "minLength": 1, "description": "Why the worker waits, or why it ended, for a person."},
    "reasons": {
        "type": "object",
        "properties": {"zh": {"type": "string", "minLength": 1, "description": "In Chinese."}},
        "additionalProperties": False,
        "description": "The reason in other languages than English.",
    },
}

_NOTED: dict[str, dict[str, Any]] = {
    "notes": {
        "type": "object",
        "properties": {
            "en": {"type": "string", "minLength": 1, "description": "In English."},
            "zh": {"type": "string", "minLength": 1, "description": "In Chinese."},
        },
        "additionalProperties": False,
        "description": "What a person should know of it in whatever state, by language: new settings are not valid.",
    },
}

_BROKEN_OFF: dict[str, dict[str, Any]] = {
    "interrupted": {
        "type": "object",
        "properties": {"job": {"type": "string", "description": "Its name."}}
        | {key: _RENDERING[key] for key in INTERRUPTED},
        "required": ["job", *INTERRUPTED],
        "additionalProperties": False,
        "description": "The job that it had in work when it began to wait, and goes on with if its claim still stands.",
    },
}

_SECONDS = {"type": ["number", "null"], "minimum": 0}

_QUEUED: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "description": "As it lies in the inbox."},
    "position": {"type": "integer", "minimum": 1, "description": "In the order in which jobs are taken."},
    "state": {"enum": ["waiting", "held"], "description": "held: by the setting quota."},
    "starts_in_s": {**_SECONDS, "description": "Until its first picture; null where not known, or nobody works."},
    "takes_s": {**_SECONDS, "description": "All its pictures together; null where that is not known."},
    "ends_in_s": {**_SECONDS, "description": "Until its last picture, the hours in which workers rest included."},
    "pictures": {"type": "integer", "minimum": 0, "description": "Asked for; 0 for a job that will be refused."},
    "dropped_by": {"type": ["string", "null"], "description": "Who dropped it, where the file system tells."},
}

_QUEUE: dict[str, dict[str, Any]] = {
    "queue": {
        "type": "array",
        "maxItems": 200,
        "items": {
            "type": "object", "properties": _QUEUED, "required": [*_QUEUED], "additionalProperties": False,
        },
        "description": "Waiting jobs in the order in which this worker would take them, several workers dividing them:"
        " the first 200.",
    },
    "queue_all": {
        "type": "object",
        "properties": {
            "jobs": {"type": "integer", "minimum": 0, "description": "All that wait to be taken."},
            "pictures": {"type": "integer", "minimum": 0, "description": "Of all of them."},
            "ends_in_s": {**_SECONDS, "description": "Until the last picture of all, those in work included."},
        },
        "required": ["jobs", "pictures", "ends_in_s"],
        "additionalProperties": False,
        "description": "The whole queue.",
    },
}  # fmt: skip

_MOMENTS = {"type": "array", "minItems": 2, "maxItems": 2, "items": _MOMENT}

_HOURS_KEYS: dict[str, dict[str, Any]] = {
    "is_on": {"type": "boolean", "description": "Whether the worker may render now."},
    "begins_at": {**_MOMENT, "description": "The window that is on, or else the next one. ISO 8601, UTC."},
    "ends_at": {**_MOMENT, "description": "Its end. ISO 8601, UTC."},
    "then_at": {**_MOMENT, "description": "When the window after it begins. ISO 8601, UTC."},
    "pictures": {"type": "integer", "minimum": 0, "description": "That wait, or are left of the job in work."},
    "fit": {
        "type": ["integer", "null"],
        "minimum": 0,
        "description": "How many of them are made by the end; null where no speed is known.",
    },
    "windows": {
        "type": "array",
        "maxItems": 50,
        "items": _MOMENTS,
        "description": "Beginning and end of each window of the week that comes. ISO 8601, UTC.",
    },
}

_HOURS: dict[str, dict[str, Any]] = {
    "hours": {
        "type": "object",
        "properties": _HOURS_KEYS,
        "required": [*_HOURS_KEYS],
        "additionalProperties": False,
        "description": "Only with the setting hours: when the worker may render, and what fits.",
    },
}

_WRITTEN: dict[str, dict[str, Any]] = {
    "since": {**_MOMENT, "description": "Since when the state and the job are these. ISO 8601, UTC."},
    "written_at": {**_MOMENT, "description": "When this was written, by the worker's clock. ISO 8601, UTC."},
    "counter": {"type": "integer", "minimum": 1, "description": "Versions of this file since the worker's start."},
}


def record_schema() -> dict[str, Any]:
    """Of the record as it lies there, a whole one at any time."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zimage-worker's record of a worker (inbox/.zimage-worker/workers/ID.json)",
        "description": "What a worker is doing now.",
        "type": "object",
        "properties": {**_ALWAYS, **_RENDERING, **_PAUSED, **_NOTED, **_BROKEN_OFF, **_QUEUE, **_HOURS, **_WRITTEN},
        "required": [*_ALWAYS, *_QUEUE, *_WRITTEN],
        "additionalProperties": False,
        "allOf": [
            _only_in("rendering", {"job": {"type": "string"}}, {"job": {"type": "null"}}, keys=list(_RENDERING)),
            {
                "if": _in_states("paused"),
                "then": {"required": list(_PAUSED)},
                "else": {"properties": dict.fromkeys(_BROKEN_OFF, False)},
            },
            {"if": _in_states("paused", "stopped"), "else": {"properties": dict.fromkeys(_PAUSED, False)}},
        ],
    }


def _only_in(state: str, then: dict[str, Any], otherwise: dict[str, Any], *, keys: list[str]) -> dict[str, Any]:
    """Facts that are told in one state alone, and always there."""
    return {
        "if": _in_states(state),
        "then": {"required": keys, "properties": then},
        "else": {"properties": {**otherwise, **dict.fromkeys(keys, False)}},
    }


def _in_states(*states: str) -> dict[str, Any]:
    return {"properties": {"state": {"enum": list(states)}}}
