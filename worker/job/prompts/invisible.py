"""Characters in prompts that nobody sees and the model reads as tokens of their own; knows no job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.invisible_characters import needless
from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.translation import gettext

_LINE_ENDS = re.compile("[\u2028\u2029]")
"""Which no editor shows as such, and which come with texts from word processors."""
_SOME = 4
"""Code points that a warning names."""


def invisible_findings(text: str) -> Iterator[Finding]:
    """One finding that names the invisible characters which belong to no script and no emoji, by code point."""
    if text.isascii():
        return
    text = text[:LOOKED_AT]
    found = sorted([*needless(text), *((end.start(), end[0]) for end in _LINE_ENDS.finditer(text))])
    if found:
        named = [f"U+{ord(one):04X}" for one in dict.fromkeys(character for _, character in found)]
        yield Finding(
            rule="prompt.invisible",
            cause="invisible",
            message=gettext(
                "The text holds characters that nobody sees and the model reads: {named}.",
                named=", ".join(named[:_SOME]),
            ),
            remedy=gettext("Delete them, best by typing the words around them anew."),
        )
