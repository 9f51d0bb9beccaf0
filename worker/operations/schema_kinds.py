"""Kinds of values in this room's JSON Schemas, and how an object or a list of them is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.clocks import UTC_PATTERN

Schema = dict[str, Any]
Keys = Mapping[str, tuple[Schema, str]]
"""Kind and meaning by key."""

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SECONDS: Schema = {"type": "number", "minimum": 0}
MEASURED: Schema = {"type": ["number", "null"], "minimum": 0}
"""A figure that may not be known."""
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time", "pattern": UTC_PATTERN}


def whole_object(keys: Keys) -> Schema:
    """An object that has these keys, all of them and no other."""
    return {
        "type": "object",
        "properties": {key: {**kind, "description": meaning} for key, (kind, meaning) in keys.items()},
        "required": list(keys),
        "additionalProperties": False,
    }


def list_of(keys: Keys) -> Schema:
    """A list of such objects."""
    return {"type": "array", "items": whole_object(keys)}
