"""What is judged of a file's bytes: a text and how it was read, or why there is none and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from worker.translation import Text, gettext

NAMES: Mapping[str, Text] = {
    "utf-8": gettext("UTF-8"),
    "utf-16-le": gettext("UTF-16"),
    "utf-16-be": gettext("UTF-16"),
    "utf-32-le": gettext("UTF-32"),
    "utf-32-be": gettext("UTF-32"),
    "gb18030": gettext("GBK (GB18030)"),
    "hz": gettext("HZ"),
    "cp950": gettext("Big5"),
    "cp932": gettext("Shift-JIS"),
    "cp949": gettext("EUC-KR"),
    "euc_jp": gettext("EUC-JP"),
    "iso2022_jp": gettext("ISO-2022-JP"),
    "cp1252": gettext("Windows-1252"),
    "mac_roman": gettext("Mac Roman"),
    "cp850": gettext("DOS 850"),
    "cp1250": gettext("Windows-1250"),
    "iso8859_2": gettext("ISO 8859-2"),
    "cp1254": gettext("Windows-1254"),
    "cp1257": gettext("Windows-1257"),
    "cp1251": gettext("Windows-1251"),
    "koi8_r": gettext("KOI8-R"),
    "cp866": gettext("DOS 866"),
    "cp1253": gettext("Windows-1253"),
    "cp1255": gettext("Windows-1255"),
}
"""What people call each encoding that can be told."""

LINE_END = re.compile("\r\n|\r|\n")
"""What editors take for the end of a line."""

Reason = Literal["byte", "pieces", "zeros", "several", "unknown"]
"""Why bytes are no text: one that does not fit, two programs' writing, a copy that was never finished, several
encodings that are as likely, none that makes sense."""


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

    reason: Reason
    message: Text
    """What is wrong, in a sentence; the remedy is the asker's."""
    line: int
    """1-based, as an editor counts."""
    column: int
    """1-based, in characters."""
    encoding: str = "utf-8"
    """In which most of it makes sense; a key of NAMES."""


def unfit(reason: Reason, message: Text, *, before: str, encoding: str = "utf-8") -> Unfit:
    """Why bytes are no text.

    Args:
        reason: in a word.
        message: in a sentence.
        before: the text up to where it shows.
        encoding: in which most of it makes sense.
    """
    line, column = line_and_column(before)
    return Unfit(reason=reason, message=message, line=line, column=column, encoding=encoding)


def line_and_column(text: str) -> tuple[int, int]:
    """Where the next character after a text stands: line and column, 1-based, as an editor counts.

    Args:
        text: from the file's beginning.
    """
    ends = list(LINE_END.finditer(text))
    return len(ends) + 1, len(text) - (ends[-1].end() if ends else 0) + 1
