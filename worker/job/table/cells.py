"""Cells that a spreadsheet spoilt, each known by its look: what is mended, what is refused, what is told."""

from __future__ import annotations

import re
from typing import Literal

from worker.yaml_reader import characters

Damage = Literal["error", "hashes", "formula", "scientific", "rounded", "decimal", "date"]

_TAGS = "\U000e0000-\U000e007f"
_NEEDED = frozenset("\u200c\u200d") | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0000, 0xE01F0))))
_BREAKS = frozenset("\v\f\u0085\u2028\u2029")
"""Ends of lines that stay within a cell, as old Mac, Word and databases write them."""
INVISIBLE = re.compile(
    f"[{''.join(sorted(_BREAKS | (characters.INVISIBLE.keys() - _NEEDED)))}]|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
"""Characters that nobody sees and no text needs; joiners, selectors and the tags of a flag, which writing and emoji
need, are none."""
_ERRORS = """
    #N/A #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA #BLOCKED! #FIELD! #UNKNOWN! #CONNECT!
    #BUSY! #ERROR! #PYTHON! Err:502 Err:504 Err:508 Err:509 Err:522
    #NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF!
    #VALEUR! #NOM? #NOMBRE! #NUL! #PROPAGATION!
    #¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NUM! #¡NULO! #N/D #RIF! #VALORE! #NOME? #VALOR! #NÚM!
    #Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ЧИСЛО! #ПУСТО!
    #ADI? #DEĞER! #BAŞV! #SAYI/0! #YOK #VERW! #WAARDE! #DEEL/0! #ARG! #ADR! #LICZBA!
"""
ERRORS = frozenset(_ERRORS.split())
"""What a spreadsheet shows in the place of a value it has not."""

_QUOTED = re.compile(r'\s*=\s*"((?:[^"]|"")*)"\s*')
_APOSTROPHE = re.compile(r"'(\d+)")
_HASHES = re.compile(r"#{3,}")
_FORMULA = re.compile(r"=\s*[-+@(]*(?:[A-Za-z_.]+\(|\$?[A-Za-z]{1,3}\$?\d+\b|'[^']+'!|\[?\w+\]?!|\d+\s*[-+*/^])")
_SCIENTIFIC = re.compile(r"[-+]?\d(?:[.,]\d+)?E[+-]\d{2,3}", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.0")
"""A whole number that a program took for a decimal."""
_ROUNDED = re.compile(r"[1-9]\d{14}0+")
"""Whole numbers of more than 15 digits, of which a spreadsheet keeps 15 and writes zeros for the rest."""
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc"
_GERMAN = "Jan|Feb|Mrz|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez"
_SHORT_DATE = re.compile(
    rf"\d{{1,2}}-(?:{_MONTHS})\.?|(?:{_MONTHS})\.?-\d{{2}}"
    rf"|\d{{1,2}}\. ?(?:{_GERMAN})\.?|(?:{_GERMAN})\.? \d{{2}}"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}월 ?\d{1,2}일",
    re.IGNORECASE,
)
"""What becomes of `2-3` or `3/2`: `2-Mar`, `Mar-02`, `02. Mrz`, `3月2日`."""
_LONG_DATE = re.compile(r"(?:19|20)\d\d([-/.年])\d{1,2}(?:\1|月)\d{1,2}日?(?:[ T]\d{1,2}:\d.*)?")
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
    ("date", _SHORT_DATE),
)
_FIRST = re.compile(r"[\s=#'+\-\dEJFMASONDjfmasond]")
"""How a cell begins that can be spoilt, so that most are passed over quickly."""


def quoted(cell: str) -> str | None:
    """What `="00123"` or `'00123` holds, by which people keep zeros from Excel; None for any other cell."""
    if "=" not in cell[:4] and cell[:1] != "'":
        return None
    found = _QUOTED.fullmatch(cell) or _APOSTROPHE.fullmatch(cell)
    return found[1].replace('""', '"') if found else None


def damage(cell: str) -> Damage | None:
    """What a spreadsheet did to a cell, by its look; None where nothing shows."""
    if not _FIRST.match(cell):
        return None
    text = cell.strip()
    if text.upper() in ERRORS or text in ERRORS:
        return "error"
    if text[:1] == "=":
        return "formula" if _FORMULA.match(text) else None
    return next((kind for kind, look in _LOOKS if look.fullmatch(text)), None)


def is_long_date(cell: str) -> bool:
    """Whether the cell is a date with its year: `2026-03-02`, `2026/3/2`, `2026年3月2日`."""
    return bool(_LONG_DATE.fullmatch(cell.strip()))


def speaks_of_dates(name: str) -> bool:
    """Whether a column's name says that it holds dates."""
    return bool(_DATE_NAME.search(name))


def speaks_of_sizes(name: str) -> bool:
    """Whether a column's name says that it holds sizes, ages or models, such as 2-3, which become dates most often."""
    return bool(_SIZE_NAME.search(name))


def without_invisible(text: str) -> str:
    """The text without what nobody sees; a blank where it ended a line."""
    return INVISIBLE.sub(lambda found: " " if found[0] in _BREAKS else "", text)


def visible(cell: str) -> str:
    """The cell without invisible characters; blank where there is nothing else."""
    text = without_invisible(cell)
    return text if text.strip() else ""
