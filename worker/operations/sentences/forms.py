"""Forms of sentences about events: a text whose values are facts, a duration, a plural."""

from __future__ import annotations

from collections.abc import Callable

from worker.operations.facts import Facts, number, seconds_of, word
from worker.progress_words import exact_duration
from worker.translation import Text


def filled(text: Text, facts: Facts, **values: object) -> Text:
    """A text with the facts of an event in it.

    Args:
        text: whose values have the names of facts.
        facts: of the event.
        values: what else stands in it.
    """
    return text.filled(**{name: word(facts, name) for name in text.values} | values)


def plain(name: str) -> Callable[[Facts], str]:
    """A fact that is a sentence itself."""
    return lambda facts: str(word(facts, name))


def waited(text: Text, name: str = "seconds") -> Callable[[Facts], str]:
    """A sentence with a duration in it.

    Args:
        text: with a value `duration`.
        name: of the fact with its seconds.
    """
    return lambda facts: filled(text, facts, duration=exact_duration(seconds_of(facts, name)))


def counted(text: Text, name: str) -> Callable[[Facts], str]:
    """A sentence with a plural.

    Args:
        text: in its forms.
        name: of the fact with the number.
    """
    return lambda facts: filled(text, facts, count=number(facts, name))
