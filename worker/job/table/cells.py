"""Cells that a spreadsheet spoilt, each known by its look: what is mended, what is refused, what is told."""

from __future__ import annotations

import re
from typing import Literal

from worker.invisible_characters import needless, without_needless
from worker.job.table.error_names import (
    LEFTOVERS,
    holds_error,
    is_absent,
    is_boolean,
    is_ditto,
    is_error,
    is_listed,
)
from worker.job.table.short_dates import is_short_date

Damage = Literal[
    "error",
    "hashes",
    "leftover",
    "absent",
    "ditto",
    "boolean",
    "list",
    "within",
    "formula",
    "scientific",
    "rounded",
    "decimal",
    "date",
]


_LINE_ENDS = frozenset("\v\f\x85\u2028\u2029")
"""As old Macs, Word and databases write them within a cell."""
_CONTROLS = re.compile("[\x00-\x08\v\f\x0e-\x1f\x7f\x85\u2028\u2029]")
_QUOTED = re.compile(r'\s*=\s*"((?:[^"]|"")*)"\s*')
_APOSTROPHE = re.compile(r"'(\d+)")
_BEHIND_APOSTROPHE = re.compile(r"'([^'’\s]+)'?")
_HASHES = re.compile(r"#{3,}")
_FORMULA = re.compile(r"=\s*[-+@(]*(?:[A-Za-z_.]+\(|\$?[A-Za-z]{1,3}\$?\d+\b|'[^']+'!|\[?\w+\]?!|\d+\s*[-+*/^])")
_SCIENTIFIC = re.compile(r"[-+]?\d(?:(?:[.,]\d+)?E[+-]\d{2,3}|[.,]\d+E\d{1,3})", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.0")
"""A whole number that a program took for a decimal."""
_ROUNDED = re.compile(r"[1-9]\d{14}0+")
"""Whole numbers of more than 15 digits, of which a spreadsheet keeps 15 and writes zeros for the rest."""
_LONG_DATE = re.compile(
    r"(?:(?:19|20)\d\d([-/.年])\d{1,2}(?:\1|月)\d{1,2}日?|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)(?:[ T]\d{1,2}:\d.*)?"
)
_DATE_NAME = re.compile(
    r"date|datum|fecha|publish|creat|launch|release|\bdata\b|time|day\b|month"
    r"|日期|时间|時間|上架|上市|发布|更新|日付|날짜|дата|festival|节",
    re.IGNORECASE,
)
_SIZE_NAME = re.compile(r"size|\bages?\b|spec|größe|taille|talla|尺|规格|年龄|码|型号|サイズ|사이즈", re.IGNORECASE)
_LOOKS: tuple[tuple[Damage, re.Pattern[str]], ...] = (
    ("hashes", _HASHES),
    ("scientific", _SCIENTIFIC),
    ("rounded", _ROUNDED),
    ("decimal", _DECIMAL),
)


def quoted(cell: str, *, is_id: bool = False) -> str | None:
    """What `="00123"` or `'00123` holds, by which people keep zeros from Excel; None for any other cell.

    Args:
        cell: as it was read.
        is_id: whether it names a product, which no apostrophe is part of.
    """
    if "=" not in cell[:4] and cell[:1] != "'":
        return None
    found = _QUOTED.fullmatch(cell) or (_BEHIND_APOSTROPHE if is_id else _APOSTROPHE).fullmatch(cell.strip())
    return found[1].replace('""', '"') if found else None


def damage(cell: str) -> Damage | None:
    """What a spreadsheet did to a cell, by its look; None where nothing shows."""
    text = cell.strip()
    if text in LEFTOVERS:
        return "leftover"
    if wordless := _wordless(text):
        return wordless
    if text[:1].isalpha() and text[-1:].isalpha():
        return None  # most cells, which need no further look
    if is_error(text):
        return "error"
    if text[:1] == "=" or text[:2] == "{=":
        return "formula" if _FORMULA.match(text.lstrip("{")) else None
    found = next((kind for kind, look in _LOOKS if look.fullmatch(text)), None)
    return "date" if not found and is_short_date(text) else found


def _wordless(text: str) -> Damage | None:
    """What a cell stands for that holds no word of a picture: nothing yet, the cell above, yes or no."""
    if is_absent(text):
        return "absent"
    if is_ditto(text):
        return "ditto"
    if is_boolean(text):
        return "boolean"
    if is_listed(text):
        return "list"
    return "within" if holds_error(text) and not is_error(text) else None


def is_long_date(cell: str) -> bool:
    """Whether the cell is a date with its year: `2026-03-02`, `2026年3月2日`, `02/03/2026`."""
    return "0" <= cell.lstrip()[:1] <= "9" and bool(_LONG_DATE.fullmatch(cell.strip()))


def speaks_of_dates(name: str) -> bool:
    """Whether a column's name says that it holds dates."""
    return bool(_DATE_NAME.search(name))


def speaks_of_sizes(name: str) -> bool:
    """Whether a column's name says that it holds sizes, ages or models, such as 2-3, which become dates most often."""
    return bool(_SIZE_NAME.search(name))


def without_invisible(text: str) -> str:
    """The text without controls, and without what nobody sees and no writing needs; a blank where it ended a line."""
    if _CONTROLS.search(text):
        text = _CONTROLS.sub(lambda found: " " if found[0] in _LINE_ENDS else "", text)
    return without_needless(text)


def first_invisible(text: str) -> str:
    """The first character that `without_invisible` leaves out or makes a blank; empty for none."""
    hidden = needless(text)
    if found := _CONTROLS.search(text):
        hidden.append((found.start(), found[0]))
    return min(hidden)[1] if hidden else ""


def visible(cell: str) -> str:
    """The same of a cell; blank where there is nothing else."""
    text = without_invisible(cell)
    return text if text.strip() else ""
