"""Values that a text lists although another mark than YAML's comma stands between them.

Knows which marks separate, and that a sentence with commas is no list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.lazy_patterns import LazyPattern

SEPARATORS = ("；", ";", "、", "，", "|", "｜", "､", "﹐", "،", "؛")
SINGLE = (",",)
"""Separate the only value of a list; among several they belong to the values."""
_WIDE = LazyPattern("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f]")
_TOGETHER = LazyPattern(
    r"(?:拼接|拼色|[双雙两兩三]色|相间|相間|撞色|搭配|组合|組合|渐变|漸變|混色|条纹|條紋|格纹|各一)$"
)
"""Ends a value of several parts: `红、蓝双色`."""
_MOST_WIDE = 7
"""Characters of a Chinese, Japanese or Korean word that is a value, not a part of a sentence."""
_SHOWN = 12
"""Values of a list that are shown."""
_MOST_WORDS, _MOST_CHARACTERS = 3, 26


def split_list(text: str) -> list[str]:
    """The values that a text was meant to list; the text alone where it is none."""
    for separator in (*SEPARATORS, *SINGLE):
        pieces = pieces_of(text, separator)
        if len(pieces) > 1 and are_values(pieces):
            return pieces
    return [text]


def shown_list(values: Sequence[str]) -> str:
    """The values as a list in YAML; of many the first."""
    quoted = [f'"{value}"' if re.search(r"[\[\]{},:#&*!|>'%@`]", value) else value for value in values[:_SHOWN]]
    quoted += ["..."] if len(values) > _SHOWN else []
    return f"[{', '.join(quoted)}]"


def pieces_of(text: str, separator: str) -> list[str]:
    """What stands between the separators, without blanks.

    Args:
        text: that may be a list.
        separator: between its values.
    """
    return [piece.strip() for piece in text.split(separator) if piece.strip()]


def are_values(pieces: Sequence[str]) -> bool:
    """Whether the pieces are short, and all about as short."""
    return all(map(_is_short, pieces)) and _spread(pieces) <= 4 * min(map(len, pieces)) + 4


def _spread(pieces: Sequence[str]) -> int:
    return max(map(len, pieces)) - min(map(len, pieces))


def _is_short(piece: str) -> bool:
    if re.search(r"[{}\[\]()<>“”\"]", piece):
        return False
    if _TOGETHER.search(piece):
        return False
    if _WIDE.search(piece):
        return len(piece) <= _MOST_WIDE
    return len(piece) <= _MOST_CHARACTERS and len(piece.split()) <= _MOST_WORDS and not piece.endswith(".")
