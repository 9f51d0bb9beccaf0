"""Characters in prompts that nobody sees and the model reads as tokens of their own.

Knows which of them a script or an emoji needs; knows no job.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.translation import gettext

_NEVER = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb"
)
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"
_ANY = re.compile(f"[{_NEVER}{_DIRECTION}{_JOINERS}{_SELECTORS}{_TAGS}]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A black flag and tags are the flag of a region."""
_JOINED_SCRIPTS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff\ufb50-\ufdff]")
"""Arabic, Persian, the scripts of India, Tibetan, Burmese, Khmer, Mongolian: their writing needs the joiners."""
_SOME = 4
"""Code points that a warning names."""


def invisible_findings(text: str) -> Iterator[Finding]:
    """One finding that names the invisible characters which belong to no script and no emoji, by code point."""
    if text.isascii():
        return
    kept = _FLAG.sub(lambda found: " " * len(found[0]), text[:LOOKED_AT])
    found = [match[0] for match in _ANY.finditer(kept) if not _is_needed(kept, match.start())]
    if found:
        named = [f"U+{ord(one):04X}" for one in dict.fromkeys(found)]
        yield Finding(
            rule="prompt.invisible",
            cause="invisible",
            message=gettext(
                "The text holds characters that nobody sees and the model reads: {named}.",
                named=", ".join(named[:_SOME]),
            ),
            remedy=gettext("Delete them, best by typing the words around them anew."),
        )


def _is_needed(text: str, at: int) -> bool:
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if character in "\u200c\u200d":
        is_emoji = character == "\u200d" and _is_pictorial(before) and _is_pictorial(after)
        return is_emoji or bool(_JOINED_SCRIPTS.match(before))
    if re.match(f"[{_DIRECTION}]", character):
        return _RIGHT_TO_LEFT.search(text) is not None
    if re.match(f"[{_SELECTORS}]", character):
        is_keycap = before in tuple("0123456789#*") and after == "\u20e3"
        return is_keycap or _is_pictorial(before) or unicodedata.category(before or " ") in ("Lo", "Sm", "So", "Po")
    return False


def _is_pictorial(character: str) -> bool:
    """Whether it is an emoji, a symbol, or a mark that follows one."""
    return bool(character) and (unicodedata.category(character) in ("So", "Sk", "Sm") or character in "\ufe0f\u20e3")
