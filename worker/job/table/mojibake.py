"""Mojibake: cells that were saved in one encoding and opened in another before they came here."""

from __future__ import annotations

from worker.lazy_patterns import LazyPattern
from worker.text_encodings.likelihood import KNOWN, japanese, simplified
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

_KNOWN_NOISE = LazyPattern("锟斤拷|锟斤|烫烫烫|屯屯屯|\ufffd")
"""What Chinese programs make of bytes that are no text, twice."""
_TRAIL = "[\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_MARKS_OF_UTF8 = LazyPattern(f"[\u00c2-\u00f4]{_TRAIL}|[РС][\u00a0-\u00bb\u0401-\u040f\u0451-\u0491\u2010-\u2122]")
"""Two characters that begin UTF-8 read as Windows-1252 or 1251: `Ã¼`, `é™`, `СЃ`."""
_CHARACTERS_OF_UTF8 = LazyPattern(f"[\u00e0-\u00ef]{_TRAIL}{_TRAIL}")
"""Three that are a Chinese character so read: `é™¶`."""
_MARKS_OF_OLD = LazyPattern("[├┬╨╤][^\\s]|√[^\\s\\d(]|‚Ä")
"""Two that begin UTF-8 read as DOS (`├╝`) or Mac (`√º`) showed their bytes."""
_PRIVATE = LazyPattern("[\ue000-\uf8fe]")
"""Characters of nobody, which GB18030 and Big5 give for bytes of one another."""


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
    if len(_CHARACTERS_OF_UTF8.findall(cell)) > 1 or _PRIVATE.search(cell):
        return gettext("`{cell}` holds characters that a program could not read.", cell=clipped(cell))
    return None


def _meant(cell: str) -> str:
    """The text that was misread, or nothing: UTF-8 taken for an alphabet's encoding, or for an East Asian one."""
    encodings = ("cp1252", "cp1251") if _MARKS_OF_UTF8.search(cell) else ()
    for encoding in (*encodings, *(("cp437", "cp850", "mac_roman") if _MARKS_OF_OLD.search(cell) else ())):
        if meant := _utf8(_bytes(cell, encoding)):
            return clipped(meant)
    is_odd = any(simplified(character) > KNOWN for character in cell if character > "\u4dff")
    for encoding, suits in (("gb18030", simplified), ("cp932", japanese)) if is_odd else ():
        meant = _utf8(cell.encode(encoding, errors="replace"))
        foreign = [character for character in meant if not character.isascii()]
        if len(foreign) > 1 and all(suits(character) <= KNOWN for character in foreign):
            return clipped(meant)
    return ""


def _bytes(cell: str, encoding: str) -> bytes:
    """The bytes that a Windows encoding shows so; none where it never shows such a text."""
    try:
        parts = (c.encode("latin-1") if "\x80" <= c <= "\x9f" else c.encode(encoding) for c in cell)
        return b"".join(parts)
    except UnicodeEncodeError:
        return b""


def _utf8(data: bytes) -> str:
    try:
        meant = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if meant.isascii() else meant
