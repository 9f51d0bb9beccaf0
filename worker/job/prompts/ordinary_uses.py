"""Ordinary uses of what other programs take for their marks: a scale is no weight, and a sign may be in capitals.

Knows matches of patterns, no text around it; for `syntaxes`.
"""

from __future__ import annotations

import re

from worker.lazy_patterns import LazyPattern

_NOT_WEIGHED = LazyPattern(
    r"(?:\b(?:f|iso|aperture|scale|ratio|lens|zoom|ev|gamma|version|v|no|mm|exposure|aspect|at|size|step|page|fig|figure|"
    r"qty|count|level|player|chapter|room|row|column|part|day|week|number|height|width|length|depth|price|weight|rate|"
    r"score|rating|value|utc|gmt|diopt\w*|temperature|temp|floor|diameter|distance|speed|age|sugar|fat|calories|alcohol|stock)|"
    r"[高宽长深价重率倍值分度比距放圈焦级号量数页图步糖脂存]|第\S{0,3})\s*$",
    re.IGNORECASE,
)
"""Words before a colon and a number that say something else than a weight: `(aperture: 1.8)`."""
_LETTERED = LazyPattern(
    r"\b(?:words?|text|letters|lettering|reads?|reading|says?|saying|label\w*|titled?|marked|printed|key|button)\b|[写寫印刻][着著有]|字样",
    re.IGNORECASE,
)
"""Words before what stands in the picture as lettering."""


def is_weight(found: re.Match[str]) -> bool:
    """Whether a number behind a colon weighs the words before it."""
    words = found["words"].strip()
    counts = re.search(r"[^\W\d]\s*:\s*\d+\s*[,;]", words)  # (red: 3, blue: 2)
    return bool(re.search(r"[^\W\d]\W*$|\)$|\bf/[\d.]+$", words)) and not counts and not _NOT_WEIGHED.search(words)


def is_shouted_alone(found: re.Match[str]) -> bool:
    """Whether a word in capitals stands in a text that is not: not on a sign such as COFFEE BREAK."""
    before, after = found.string[: found.start()].split(), found.string[found.end() :].split()
    is_loud = any(map(_is_shouted, before[-1:])) or any(len(word) > 1 and _is_shouted(word) for word in after[:1])
    return (
        not is_loud
        and not _LETTERED.search(" ".join(before[-4:]))
        and any(c.islower() or "\u3400" <= c <= "\u9fff" for c in found.string)
    )


def _is_shouted(word: str) -> bool:
    """Whether a word is in capitals, and not Chinese with a letter in it, such as `红色M码`."""
    return word.isupper() and not re.search("[\u3040-\u30ff\u3400-\u9fff]", word)


def is_bare_word(found: re.Match[str]) -> bool:
    """Whether a bracketed word stands inside a sentence: not `[front] a mug`, which is a heading."""
    before, after = found.string[: found.start()].rstrip(" "), found.string[found.end() :]
    return bool(before) and before[-1] not in "\n.。:]" and not after.lstrip().startswith((":", "("))
