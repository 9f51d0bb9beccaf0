"""Prompts that were saved in one encoding and opened in another before they came here: `grÃ¼n`, 锟斤拷.

Knows texts, no job.
"""

from __future__ import annotations

from collections.abc import Iterator

from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.job.table.mojibake import what_is_lost
from worker.lazy_patterns import LazyPattern
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

_REPLACED = LazyPattern(r"(?<!\S)\?{2,}(?=\w)\S*|\ufffd")
"""Question marks where a program could not save letters."""


def misread_findings(text: str) -> Iterator[Finding]:
    """One finding for a text, or the first word of it, whose characters an encoding spoilt.

    Args:
        text: of a prompt, a field of it, or a value that fills one.
    """
    text = text[:LOOKED_AT]
    message = _replaced(text)
    if not text.isascii():
        lost = (what_is_lost(word) for word in (text, *text.split()) if not word.isascii())
        message = next((one for one in lost if one is not None), message)
    if message is not None:
        yield Finding(
            rule="prompt.mojibake",
            cause="mojibake",
            message=message,
            remedy=gettext("Type the text anew, and save as UTF-8."),
        )


def _replaced(text: str) -> Text | None:
    found = _REPLACED.search(text)
    if found is None:
        return None
    return gettext("`{cell}` holds characters that a program could not read.", cell=clipped(found[0]))
