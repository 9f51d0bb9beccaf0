"""Mojibake: cells that were saved in one encoding and opened in another before they came here."""

from __future__ import annotations

import re

from worker.job.table.likelihood import KNOWN, simplified
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

_KNOWN_NOISE = re.compile("锟斤拷|锟斤|烫烫烫|屯屯屯|\ufffd")
"""What Chinese programs make of bytes that are no text, twice."""
_TRAIL = "[\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_MARKS_OF_UTF8 = re.compile(f"[\u00c2-\u00f4]{_TRAIL}")
"""Two characters that begin UTF-8 read as Windows-1252: `Ã¼`, `é™`."""
_CHARACTERS_OF_UTF8 = re.compile(f"[\u00e0-\u00ef]{_TRAIL}{_TRAIL}")
"""Three that are a Chinese character so read: `é™¶`."""


def what_is_lost(cell: str) -> Text | None:
    """What to say of a cell whose characters were spoilt by an encoding; None for a sound one.

    Args:
        cell: as it was read.
    """
    if cell.isascii():
        marks = cell.count("?")
        if marks > 1 and not any(character.isalnum() for character in cell):
            return gettext("`{cell}` stands where characters were that a program could not save.", cell=clipped(cell))
        return None
    if _KNOWN_NOISE.search(cell):
        return gettext("`{cell}` holds characters that a program could not read.", cell=clipped(cell))
    if meant := _meant(cell):
        return gettext("`{cell}` was probably `{meant}` before a program misread it.", cell=clipped(cell), meant=meant)
    if len(_CHARACTERS_OF_UTF8.findall(cell)) > 1:
        return gettext("`{cell}` holds characters that a program could not read.", cell=clipped(cell))
    return None


def _meant(cell: str) -> str:
    """The text that was misread, or nothing."""
    if _MARKS_OF_UTF8.search(cell):
        data = b"".join(_byte(character) for character in cell)
        if data and (meant := _utf8(data)):
            return clipped(meant)
    if any(simplified(character) > KNOWN for character in cell if character > "\u4dff"):
        try:
            meant = _utf8(cell.encode("gb18030"))
        except UnicodeEncodeError:
            return ""
        if meant and all(simplified(character) <= KNOWN or character.isascii() for character in meant):
            return clipped(meant)
    return ""


def _byte(character: str) -> bytes:
    """The byte that Windows-1252 shows so; `?` for what it never shows."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return bytes([ord(character)]) if "\x80" <= character <= "\x9f" else b"?"


def _utf8(data: bytes) -> str:
    try:
        meant = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if meant.isascii() else meant
