"""How wide a text is on a terminal, and how it is broken into lines: a Chinese character is as wide as two letters.

Knows no language and no terminal.
"""

from __future__ import annotations

import unicodedata

from worker.lazy_patterns import LazyPattern

_PIECES = LazyPattern(
    r"[^\S\n]+|[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f]|[^\s\u2e80-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f]+"
)
"""Blanks, one wide character, or a word of narrow ones: between any two of them a line may end."""
_NEVER_FIRST = "，。、；：！？）】》」』”’…"
_NEVER_LAST = "（【《「『“‘"
"""Never at the beginning, or the end, of a line (source: JIS X 4051 and GB/T 15834, the common part)."""


def columns(text: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    """The text with blanks behind it.

    Args:
        text: of one line.
        width: columns that it takes then, at least.
    """
    return text + " " * (width - columns(text))


def most_columns(text: str) -> int:
    """How many it takes at most: some terminals show characters of ambiguous width as wide (Unicode's UAX #11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def cut(text: str, width: int) -> str:
    """The text, or as much of its beginning as fits with three dots behind it.

    Args:
        text: of one line.
        width: in columns, counted as `most_columns` does.
    """
    if most_columns(text) <= width:
        return text
    dots = "..."[: max(width, 0)]
    while text and most_columns(text) + len(dots) > width:
        text = text[:-1]
    return text + dots


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns; a word that is longer stays whole.

    Args:
        text: its blanks and ends of lines are as one blank each.
        width: in columns.
    """
    lines: list[str] = [""]
    for piece in _PIECES.findall(" ".join(text.split())):
        is_full = columns(lines[-1] + piece.rstrip()) > width and lines[-1].strip() and piece not in _NEVER_FIRST
        if is_full:
            kept = lines[-1].rstrip(_NEVER_LAST)
            lines[-1:] = [kept, lines[-1][len(kept) :]] if kept.strip() else [lines[-1], ""]
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines if line.strip()]
