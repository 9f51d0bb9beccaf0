"""Masking: what of a value may leave this machine. A text keeps the program's own words, and its numbers.

Nothing is looked for and crossed out: what is not known to be harmless is left out. Numbers stand for it, so that the
same name is the same number everywhere; a hash could be tried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from worker.translation import Text

_PLACES = """
    / home root mnt media srv var lib opt usr local share data tmp run volumes users state cache .local .cache
    inbox outbox failed models worker.yaml zimage-worker z-image-turbo z-image tongyi-mai transformer vae text_encoder
    tokenizer scheduler
"""
PLACES = frozenset(_PLACES.split())
"""Parts of paths that thousands of machines have."""
_FIGURES = """
    all free seconds size most memory hours minutes moment width height steps guidance pictures fitting needed torch
    diffusers transformers cuda driver need total available
"""
FIGURES = frozenset(_FIGURES.split())
"""Placeholders that this program fills with figures of its own, as texts."""
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,:x×%]*(?: ?(?:s|min|h|MB|MiB|GB|GiB|MP|px))?")
_VERSION = re.compile(
    r"[0-9]{1,5}(?:\.[0-9]{1,5}){1,3}(?:(?:a|b|rc|\.dev|\.post)[0-9]{1,4})?(?:\+(?:cpu|cu[0-9]{2,3}))?"
)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-]00:00)?")


class Masks:
    """The numbers of one bundle."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        """Begin with none.

        Args:
            known: words that may stand as they are, such as the names of settings.
        """
        self._known = frozenset(known)
        self._numbers: dict[str, int] = {}

    def name(self, word: object) -> str:
        """A number for a name of anything: the same for the same name."""
        return f"<{self._numbers.setdefault(str(word), len(self._numbers) + 1)}>"

    def path(self, path: PurePath) -> str:
        """A path of which only the parts stand that many machines have."""
        return "/".join(part if part.lower() in PLACES else self.name(part) for part in path.parts).replace("//", "/")

    def value(self, value: object, *, is_figure: bool = False) -> object:
        """Any value: numbers and known words as they are, a path in parts, the rest as a number.

        Args:
            value: of a setting, or what fills a placeholder.
            is_figure: a text of digits is a figure of ours, and not somebody's `4711`.
        """
        match value:
            case None | bool() | int() | float():
                return value
            case PurePath():
                return self.path(value)
            case Text():
                return self.said(value)
            case list() | tuple() | set() | frozenset():
                return [self.value(one) for one in value]
        word = str(value)
        is_plain = is_figure and any(form.fullmatch(word) for form in (_NUMBER, _VERSION, _MOMENT))
        if not word or word in self._known or is_plain:
            return word
        return self.path(PurePath(word)) if word.startswith("/") else self.name(word)

    def said(self, text: str) -> str:
        """A text of the catalogue in English, with each of its values masked; any other text as a number."""
        if not isinstance(text, Text):
            return str(self.value(str(text)))
        values = {name: self.value(value, is_figure=name in FIGURES) for name, value in text.values.items()}
        form = text.template if text.plural is None or text.values["count"] == 1 else text.plural
        return form.format(**values)


def plain_version(word: object) -> str | None:
    """A version, where it is nothing else."""
    return word if isinstance(word, str) and _VERSION.fullmatch(word) else None


def plain_moment(word: object) -> str | None:
    """A moment as records have it, where it is nothing else."""
    return word if isinstance(word, str) and _MOMENT.fullmatch(word) else None
