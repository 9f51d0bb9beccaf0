"""The kinds of values in JSON Schemas of delivered files: texts, moments, hashes, seeds, mappings.

`schemas` says which key of which file has which kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, get_args

from worker.clocks import UTC_PATTERN

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_SEED = 2**32 - 1


def head(title: str) -> Schema:
    """How a whole schema begins."""
    return {"$schema": DIALECT, "title": f"zimage-worker {title}"}


def mapping(description: str, properties: Mapping[str, Schema], seldom: Collection[str] = ()) -> Schema:
    """A mapping with these keys and no others.

    Args:
        description: of the mapping.
        properties: by key, in the order of the file.
        seldom: keys that may be missing.
    """
    return {
        "type": "object",
        "description": description,
        "properties": dict(properties),
        "required": [key for key in properties if key not in seldom],
        "additionalProperties": False,
    }


def text(description: str, *, also_null: bool = False, **rules: object) -> Schema:
    """Any text; `rules` are JSON Schema's own.

    Args:
        description: of the value.
        also_null: whether null may stand there too.
        rules: JSON Schema's own, such as `minLength`.
    """
    return {"type": ["string", "null"] if also_null else "string", "description": description, **rules}


def texts(description: str) -> Schema:
    """Texts by name; at least one."""
    return {
        "type": "object",
        "description": description,
        "additionalProperties": {"type": "string"},
        "minProperties": 1,
    }


def moment(description: str) -> Schema:
    """A point in time."""
    return text(f"{description} ISO 8601, UTC.", format="date-time", pattern=UTC_PATTERN)


def sha256(description: str, *, also_null: bool = False) -> Schema:
    """A hash.

    Args:
        description: of what was hashed.
        also_null: whether null may stand there too.
    """
    return text(f"SHA-256, hexadecimal. {description}", also_null=also_null, pattern="^[0-9a-f]{64}$")


def whole(description: str, minimum: int) -> Schema:
    """A whole number of at least `minimum`.

    Args:
        description: of the value, with its unit.
        minimum: the least value allowed.
    """
    return {"type": "integer", "minimum": minimum, "description": description}


def number(description: str, *, also_null: bool = False) -> Schema:
    """A number of at least 0.

    Args:
        description: of the value, with its unit.
        also_null: whether null may stand there too.
    """
    return {"type": ["number", "null"] if also_null else "number", "minimum": 0, "description": description}


def seed(description: str) -> Schema:
    """A seed of 32 bits."""
    return {"type": "integer", "minimum": 0, "maximum": MAX_SEED, "description": description}


def one_of(words: object, description: str) -> Schema:
    """One word of a Literal type.

    Args:
        words: a Literal type.
        description: of each word.
    """
    return {"enum": list(get_args(words)), "description": description}


def version(number: int) -> Schema:
    """Which form of a file this is."""
    return {"const": number, "description": "Version of this file's form."}
