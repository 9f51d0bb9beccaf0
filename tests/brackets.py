"""A language in which every word of the catalogue stands in brackets: what stands outside was never translated."""

from __future__ import annotations

import gettext
import re
from string import Formatter

BRACKETED = re.compile("⟦[^⟧]*⟧")
CODE = re.compile(r"U\+[0-9A-F]{4,6}|0x[0-9A-F]{2}")
"""Code points and bytes have the same names in every language."""
WORD = re.compile(r"[^\W\d_]{2,}")
ENGLISH = {
    "a", "an", "and", "are", "as", "at", "be", "before", "but", "by", "for", "has", "have", "in", "is", "it", "its",
    "more", "none", "not", "of", "on", "once", "one", "only", "or", "such", "than", "that", "the", "there", "this",
    "to", "was", "which", "with", "write", "you", "your",
}  # fmt: skip
"""Words that no key, column or file name is put together of."""


class Brackets(gettext.NullTranslations):
    """The catalogue of that language."""

    def gettext(self, message: str) -> str:
        return _bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _bracketed(msgid1 if n == 1 else msgid2)


def _bracketed(template: str) -> str:
    """The template with its literal parts in brackets, a line of them at a time."""
    made = ""
    for literal, name, _, _ in Formatter().parse(template):
        escaped = literal.replace("{", "{{").replace("}", "}}")
        made += "\n".join(f"⟦{line}⟧" if line else "" for line in escaped.split("\n"))
        made += "" if name is None else f"{{{name}}}"
    return made


def untranslated(said: str, *, authors: str, words: frozenset[str] = frozenset()) -> list[str]:
    """Parts of a text that no catalogue knows and no author wrote.

    Args:
        said: in the language of brackets.
        authors: all that the author wrote, names of files included.
        words: of the job language; they are the same in every language.
    """
    written = _plain(authors)
    own = {word.casefold() for text in (written, *words) for word in WORD.findall(text)} - ENGLISH
    left = []
    for part in BRACKETED.sub("\n", said).split("\n"):
        text = _plain(CODE.sub("", part)).strip("`'\"…,;:() ")
        if text not in written and not {word.casefold() for word in WORD.findall(text)} <= own:
            left.append(text)
    return left


def _plain(text: str) -> str:
    return " ".join(text.split())
