"""Characters that nobody sees: what each is called, and which of them writing, emoji and flags need.

Source of the needs: the Unicode standard, chapter 23 (layout controls, variation selectors, tags). Ends of lines and
blanks are not among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from worker.translation import Text, gettext

INVISIBLE: Mapping[str, Text] = {
    "\u00ad": gettext("soft hyphen"),
    "\u034f": gettext("combining grapheme joiner"),
    "\u061c": gettext("mark of direction"),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", gettext("filler")),
    "\u180e": gettext("vowel separator"),
    "\u200b": gettext("zero-width space"),
    "\u200c": gettext("zero-width non-joiner"),
    "\u200d": gettext("zero-width joiner"),
    **dict.fromkeys("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", gettext("mark of direction")),
    "\u2060": gettext("word joiner"),
    **dict.fromkeys("\u2061\u2062\u2063\u2064", gettext("invisible operator")),
    **dict.fromkeys("\u206a\u206b\u206c\u206d\u206e\u206f", gettext("outdated control")),
    "\u2800": gettext("empty braille cell"),
    **dict.fromkeys(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))), gettext("variation selector")),
    **dict.fromkeys("\u180b\u180c\u180d\u180f", gettext("variation selector")),
    **dict.fromkeys("\ufff9\ufffa\ufffb", gettext("mark of annotation")),
    **dict.fromkeys("\u17b4\u17b5", gettext("inherent vowel")),
    **dict.fromkeys(map(chr, range(0xE0000, 0xE0080)), gettext("tag")),
    "\ufeff": gettext("byte-order mark"),
}
"""What each is called."""

_TAGS = "\U000e0000-\U000e007f\U000e0100-\U000e01ef"
_ANY = re.compile(f"[{''.join(one for one in INVISIBLE if ord(one) < 0x10000)}{_TAGS}]")
"""Beyond the first 65,536, Python tries the characters of a set one by one: they stand as ranges."""
_JOINERS = frozenset("\u200c\u200d")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A black flag and tags are the flag of a region."""
_JOINED_SCRIPTS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff\ufb50-\ufdff]")
"""Arabic, Persian, the scripts of India, Tibetan, Burmese, Khmer, Mongolian: their writing needs the joiners."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Burmese, Khmer: a zero-width space parts their words."""
_SELECTED = frozenset(["Lo", "Sm", "So", "Po"])
"""Categories of what a variation selector follows, if it is not ASCII: Chinese characters, symbols, \u203c."""


def needless(text: str) -> list[tuple[int, str]]:
    """Where each invisible character stands that neither its script nor an emoji needs, and the character."""
    if text.isascii() or not _ANY.search(text):
        return []
    is_right_to_left = _RIGHT_TO_LEFT.search(text) is not None
    text = _FLAG.sub(lambda flag: " " * len(flag[0]), text)
    return [
        (found.start(), found[0])
        for found in _ANY.finditer(text)
        if not (is_right_to_left if found[0] in _DIRECTION else _is_needed(text, found.start()))
    ]


def without_needless(text: str) -> str:
    """The text without them."""
    if gone := {at for at, _ in needless(text)}:
        return "".join(character for at, character in enumerate(text) if at not in gone)
    return text


def _is_needed(text: str, at: int) -> bool:
    character, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in _JOINERS:
        joined = text[max(at - 2, 0) : at - 1] if before == "\ufe0f" else before  # a selector may stand between
        is_emoji = character == "\u200d" and _is_pictorial(joined) and _is_pictorial(after)
        return is_emoji or _is_of(_JOINED_SCRIPTS, before)
    if character == "\u200b":
        return _is_of(_UNSPACED, before) and _is_of(_UNSPACED, after)
    if _SELECTORS.match(character):
        is_keycap = before in tuple("0123456789#*") and after == "\u20e3"
        is_selected = not before.isascii() and (_category(before) in _SELECTED or before in "\u2139\u3030")
        return is_keycap or is_selected or _is_pictorial(before)
    return False


def _is_of(scripts: re.Pattern[str], character: str) -> bool:
    return scripts.match(character) is not None and character not in INVISIBLE


def _is_pictorial(character: str) -> bool:
    """Whether it is an emoji, a symbol, or the frame of a key."""
    return _category(character) in ("So", "Sk", "Sm") or character == "\u20e3"


def _category(character: str) -> str:
    """Of what can be seen; empty for all else."""
    return unicodedata.category(character) if character and character not in INVISIBLE else ""
