"""UTF-16 and UTF-32: with a mark, without one, and in pieces that another program's text stands beside."""

from __future__ import annotations

import codecs
import re

from worker.text_encodings.judged import NAMES, Judged, Unfit, unfit
from worker.translation import gettext

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks of encodings with two or four bytes a character."""

_PLAIN_LETTERS = re.compile(rb"[\x20-\x7e]{6}")
_PIECES = ("utf-16-le", "utf-16-be")


def marked(data: bytes) -> Judged | Unfit | None:
    """A file that begins with such a mark; None for any other."""
    found = next(((mark, encoding) for mark, encoding in MARKS if data.startswith(mark)), None)
    if not found:
        return None
    mark, encoding = found
    if encoding == "utf-32-le" and _decoded(data[len(mark) :], encoding) is None:
        mark, encoding = codecs.BOM_UTF16_LE, "utf-16-le"  # whose text begins with a zero character
    data = data[len(mark) :]
    if at := _plain_piece(data, encoding):
        message = gettext(
            "The file is {name} text up to here, and other text from here on: it was written by two programs.",
            name=NAMES[encoding],
        )
        return unfit("pieces", message, before=data[:at].decode(encoding, "ignore"), encoding=encoding)
    try:
        return Judged(text=data.decode(encoding), encoding=encoding, is_certain=True)
    except UnicodeDecodeError as error:
        message = gettext("The file is {name} text, which is broken here.", name=NAMES[encoding])
        return unfit("byte", message, before=data[: error.start].decode(encoding, "ignore"), encoding=encoding)


def with_zeros(data: bytes) -> Judged | Unfit:
    """A file with zero bytes among others: UTF-16 or UTF-32 without a mark, wholly or from some line on."""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        read = None if _plain_piece(data, encoding) is not None else _decoded(data, encoding)
        if read is not None and _is_plain(read):
            return Judged(text=read.removeprefix("\ufeff"), encoding=encoding, is_certain=False)
    first = data.index(0)
    starts = (data.rfind(b"\n", 0, first) + 1, max(first - 1, 0), first) if data.count(0) > 1 else ()
    for start in starts:
        before, piece = _decoded(data[:start], "utf-8"), data[start : start + 12]
        if before is None or _PLAIN_LETTERS.match(piece):
            continue
        if any(_is_plain(piece.decode(way, "replace")) for way in _PIECES):
            message = gettext(
                "From here on the file is UTF-16 text, and before it is not: something was added with `>>` in"
                " PowerShell."
            )
            return unfit("pieces", message, before=before)
    message = gettext("A zero byte stands here, as in a file whose copy was never finished.")
    return unfit("zeros", message, before=data[:first].decode("utf-8", "replace"))


def _plain_piece(data: bytes, encoding: str) -> int | None:
    """Where a line of plain letters begins within UTF-16; two such letters pass for one Chinese character."""
    if not encoding.startswith("utf-16"):
        return None
    found = re.search(rb"(?:(?<=[\r\n\0])|^)[A-Za-z_-][\x20-\x7e]{2,}: ?[\x20-\x7e]+[\r\n]*", data)
    return found.start() if found else None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_plain(text: str) -> bool:
    """Whether it has letters, and no character that a wrong reading brings: controls, private use, odd scripts."""
    sample = text[:4096].removeprefix("\ufeff")
    return any(c.isalnum() for c in sample) and all(c in "\t\r\n" or _is_usual(c) for c in sample)


def _is_usual(character: str) -> bool:
    code = ord(character)
    return (
        0x20 <= code < 0x7F
        or 0xA0 <= code < 0x530
        or 0x1E00 <= code < 0xA000
        or 0xAC00 <= code < 0xD7B0
        or (0xF900 <= code < 0xFB00 or 0xFE10 <= code < 0xFFEF or 0x1F000 <= code < 0x32000)
    )
