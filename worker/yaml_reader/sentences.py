"""Sentences that stand around a job which was copied out of a chat, and which no key is."""

from __future__ import annotations

import re

_BEGINS = re.compile(
    r"(?:sure|certainly|of course|absolutely|great|okay|ok|here(?:'s| is| are|\u2019s)|below is|this is|i(?:'ve| have)"
    r"|please|let me|you can|feel free|note|the following|以下|下面|好的|当然|當然|没问题|沒問題|这是|這是|请|請"
    r"|您好|你好|希望|如需|如果|根据|根據|已为|已為|可以)(?![\w-]*\s*[:：]\s*\S)",
    re.IGNORECASE,
)
_ENDS = re.compile("[。！？!?…~～]$|[^.]\\.$")
_WORDS = re.compile("[^\\W_]+")


def is_beside_the_job(line: str) -> bool:
    """Whether a line before the first key is a sentence rather than a key, its value or a bare prompt.

    Args:
        line: without blanks around it; no key of the language begins it.
    """
    if line[0] in "{[\"'#%-&!|>*":
        return False
    key, colon, value = re.sub("：", ":", line).partition(":")
    if not colon:
        return bool(_BEGINS.match(line))
    is_sentence = len(_WORDS.findall(key)) > 2 or any(mark in key for mark in "!！,，。.?？")
    return not value.strip() and (is_sentence or bool(_BEGINS.match(line)))
