"""Facts of an event in the log, as they are told to people: whatever is missing or odd never ends the telling."""

from __future__ import annotations

from collections.abc import Mapping

Facts = Mapping[str, object]
"""Of one event, by key."""
FACT = ""
"""Stands for a fact that is known when a sentence is said: the placeholder has the fact's name."""


def word(facts: Facts, name: str) -> object:
    """A fact as it stands in a sentence: `2.0` is `2`, and what is missing `?`.

    Args:
        facts: of the event.
        name: of the fact.
    """
    match facts.get(name):
        case None | "":
            return "?"
        case float(value):
            return f"{value:g}"
        case str(value):  # a text of the catalogue stays one
            return value
        case other:
            return str(other)


def number(facts: Facts, name: str) -> int:
    """A count; 0 for anything else.

    Args:
        facts: of the event.
        name: of the fact.
    """
    value = facts.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def seconds_of(facts: Facts, name: str = "seconds") -> float:
    """A duration in seconds; 0 for anything else.

    Args:
        facts: of the event.
        name: of the fact.
    """
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) and 0 < value < float("inf") else 0.0
