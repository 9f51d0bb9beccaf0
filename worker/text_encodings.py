"""Encodings of text files, judged by what the text would be: UTF-8, UTF-16, UTF-32 and those of each country.

Knows bytes and letters; whoever asks decides which encodings are read, which are refused, and what the remedy is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from worker.translation import Text, gettext
from worker.usual_letters import LANGUAGES, score

NAMES: Mapping[str, Text] = {
    "utf-8": gettext("UTF-8"),
    "utf-16-le": gettext("UTF-16"),
    "utf-16-be": gettext("UTF-16"),
    "utf-32-le": gettext("UTF-32"),
    "utf-32-be": gettext("UTF-32"),
    "gb18030": gettext("GBK (GB18030)"),
    "cp950": gettext("Big5"),
    "cp932": gettext("Shift-JIS"),
    "cp949": gettext("EUC-KR"),
    "cp1252": gettext("Windows-1252"),
    "cp1251": gettext("Windows-1251"),
}
"""What people call each encoding that `judged` may give."""

LINE_END = re.compile("\r\n|\r|\n")
"""What editors take for the end of a line."""

_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLAIN_LETTERS = re.compile(rb"[\x20-\x7e]{6}")
_PIECES = ("utf-16-le", "utf-16-be")
_JUDGED_BYTES = 65_536
"""How much of a file without a mark is looked at to tell its encoding."""
_FEW = 8
"""Letters: each has one chance in seven that its GBK is UTF-8 too."""
_LEAST = 0.4
"""Below this score a text is of no language that is known here; right guesses score 0.6 to 1, wrong ones under 0.35."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A text, and how it was read."""

    text: str
    """Without a byte-order mark at its beginning."""
    encoding: str
    """A key of NAMES; also a name of Python's codecs."""
    is_certain: bool
    """Valid UTF-8, or UTF-16 or UTF-32 with a mark; else it is what the letters look like."""

    @property
    def name(self) -> Text:
        """What people call the encoding."""
        return NAMES[self.encoding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why bytes are no text that can be read."""

    message: Text
    """What is wrong, in a sentence; the remedy is the asker's."""
    line: int
    """1-based, as an editor counts."""
    column: int
    """1-based, in characters."""


def judged(data: bytes) -> Judged | Unfit:
    """The text that bytes are meant as.

    Args:
        data: of a whole file.

    Returns:
        The text; or why there is none, with the place.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = error
    else:
        if "\0" in text.rstrip("\0"):
            return _with_zeros(data, text)
        is_gbk = _is_a_medley(text) and score(_decoded(data, "gb18030"), "gb18030") > 0.9
        return Judged(text=data.decode("gb18030"), encoding="gb18030", is_certain=False) if is_gbk else _utf8(text)
    if b"\0" in data.rstrip(b"\0"):
        return _with_zeros(data, None)
    return _bad_byte(data, bad, "utf-8") if _is_mostly_utf8(data) else _old(data, bad)


def line_and_column(text: str) -> tuple[int, int]:
    """Where the next character after a text stands: line and column, 1-based, as an editor counts.

    Args:
        text: from the file's beginning.
    """
    ends = list(LINE_END.finditer(text))
    return len(ends) + 1, len(text) - (ends[-1].end() if ends else 0) + 1


def _utf8(text: str) -> Judged:
    return Judged(text=text, encoding="utf-8", is_certain=True)


def _unfit(message: Text, before: str) -> Unfit:
    line, column = line_and_column(before)
    return Unfit(message=message, line=line, column=column)


def _marked(data: bytes, encoding: str) -> Judged | Unfit:
    """A file that begins with a byte-order mark."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            return _bad_byte(data, error, "utf-8")
        text = data[: error.start].decode(encoding)
        if not _plain_piece(data, encoding):
            message = gettext("The file is {name} text, which is broken here.", name=NAMES[encoding])
            return _unfit(message, text)
    if encoding == "utf-8":
        return _with_zeros(data, text) if "\0" in text.rstrip("\0") else _utf8(text)
    if at := _plain_piece(data, encoding):
        message = gettext(
            "The file is {name} text up to here, and other text from here on: it was written by two programs.",
            name=NAMES[encoding],
        )
        return _unfit(message, data[:at].decode(encoding, "ignore"))
    return Judged(text=text, encoding=encoding, is_certain=True)


def _plain_piece(data: bytes, encoding: str) -> int | None:
    """Where a line of plain letters begins within UTF-16; two such letters pass for one Chinese character."""
    if not encoding.startswith("utf-16"):
        return None
    found = re.search(rb"(?:(?<=[\r\n\0])|^)[A-Za-z_-][\x20-\x7e]{2,}: ?[\x20-\x7e]+[\r\n]*", data)
    return found.start() if found else None


def _with_zeros(data: bytes, text: str | None) -> Judged | Unfit:
    """A file with zero bytes among others: UTF-16 or UTF-32 without a mark, wholly or from some line on."""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        read = None if _plain_piece(data, encoding) is not None else _decoded(data, encoding)
        if read is not None and _is_plain(read):
            return Judged(text=read.removeprefix("\ufeff"), encoding=encoding, is_certain=False)
    first = data.index(0)
    for start in (data.rfind(b"\n", 0, first) + 1, max(first - 1, 0), first):
        before, piece = _decoded(data[:start], "utf-8"), data[start : start + 12]
        if before is None or _PLAIN_LETTERS.match(piece):
            continue
        if any(_is_plain(piece.decode(way, "replace")) for way in _PIECES):
            message = gettext(
                "From here on the file is UTF-16 text, and before it is not: something was added with `>>` in"
                " PowerShell."
            )
            return _unfit(message, before)
    if text is None:
        message = gettext("A zero byte stands here, as in a file whose copy was never finished.")
        return _unfit(message, data[:first].decode("utf-8", "replace"))
    return _utf8(text)


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


def _is_a_medley(text: str) -> bool:
    """Whether it holds a few letters only, of two scripts side by side, as a word in GBK that happens to be UTF-8."""
    if text.isascii() or any(c >= "\u0800" for c in text) or sum(not c.isascii() for c in text) > _FEW:
        return False
    near = ((ord(one), ord(next_one)) for one, next_one in pairwise(text) if not (one.isascii() or next_one.isascii()))
    return any(one // 128 != next_one // 128 and max(one, next_one) > 0x24F for one, next_one in near)


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether there are at least as many good characters of several bytes as bytes that do not fit."""
    text = data.decode("utf-8", "surrogateescape")
    bad = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    good = sum(1 for c in text if not c.isascii()) - bad
    return good >= bad


def _bad_byte(data: bytes, error: UnicodeDecodeError, encoding: str) -> Unfit:
    message = gettext(
        "The byte {byte} stands here, which is not {name} as the rest of the file is.",
        byte=f"0x{data[error.start]:02X}",
        name=NAMES[encoding],
    )
    return _unfit(message, data[: error.start].decode(encoding))


def _old(data: bytes, bad: UnicodeDecodeError) -> Judged | Unfit:
    """Bytes that are not UTF-8: the encoding in which the letters look most like a language."""
    sample = _whole_lines(data)
    scores = {encoding: score(_decoded(sample, encoding), encoding) for encoding in LANGUAGES}
    best = max(scores, key=scores.__getitem__)
    if scores[best] >= _LEAST and (text := _decoded(data, best)) is not None:
        return Judged(text=text, encoding=best, is_certain=False)
    if score(sample.decode("gb18030", "ignore"), "gb18030") > 0.6:
        try:
            data.decode("gb18030")
        except UnicodeDecodeError as error:
            return _bad_byte(data, error, "gb18030")
    message = gettext(
        "This is neither UTF-8 nor GBK text: the byte {byte} stands here.", byte=f"0x{data[bad.start]:02X}"
    )
    return _unfit(message, data[: bad.start].decode("utf-8"))


def _whole_lines(data: bytes) -> bytes:
    """As much as is judged: lines that hold more than plain letters, so that no character is cut in two."""
    taken, size = [], 0
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            taken.append(line)
            size += len(line)
        if size > _JUDGED_BYTES:
            break
    return b"".join(taken)
