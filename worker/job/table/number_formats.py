"""Number formats of a workbook: a number as the person who typed it sees it (`00000` keeps 00123, `0%` shows 15%)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

PLAIN = ("", "general", "@", "standard")
SIGNIFICANT = 15
"""Digits that a spreadsheet keeps."""

_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.'
    r"|(?P<digits>[0#?](?:[0#?,.]*[0#?.])?)|(?P<bare>[-+ %()$¥€£￥元:/个件]|,)|(?P<other>.)"
)


def shown(number: float, form: str) -> str:
    """The number as text.

    Args:
        number: a cell's value.
        form: its number format, as the workbook has it; one that is not understood shows all digits.
    """
    parts = _parts(form)
    if not parts:
        return plain(number)
    before, digits, after, is_percent = parts
    value = Decimal(plain(abs(number))) * (100 if is_percent else 1)
    whole, _, decimals = digits.partition(".")
    places = len(decimals)
    value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{value:f}"
    head, _, tail = text.partition(".")
    tail = _without_optional(tail, decimals)
    head = head.zfill(whole.count("0"))
    if "," in whole:
        head = f"{int(head):,}" if whole.count("0") <= 1 else head
    if head == "0" and "0" not in whole and tail:
        head = ""
    sign = "-" if number < 0 and value else ""
    return f"{sign}{before}{head}{'.' if tail else ''}{tail}{after}"


def plain(number: float) -> str:
    """All digits that a spreadsheet keeps, without an exponent and without `.0`."""
    if isinstance(number, int):
        return str(number)
    text = format(Decimal(repr(number)), f".{SIGNIFICANT}g")
    value = Decimal(text)
    return f"{value.normalize():f}" if value else "0"


def _without_optional(tail: str, decimals: str) -> str:
    """The decimals without zeros that the format asks for by `#` only."""
    needed = decimals.rstrip("#?")
    while len(tail) > len(needed) and tail.endswith("0"):
        tail = tail[:-1]
    return tail


@lru_cache(maxsize=256)
def _parts(form: str) -> tuple[str, str, str, bool] | None:
    """What stands before the digits, the digits, and after them; None for a plain format or one not understood."""
    section = form.split(";", maxsplit=1)[0]
    if section.lower() in PLAIN:
        return None
    before, digits, after = "", "", ""
    for token in _TOKEN.finditer(section):
        if token["other"] is not None:
            return None
        literal = next((token[kind] for kind in ("text", "escaped", "currency", "bare") if token[kind]), "")
        if token["digits"]:
            if digits:
                return None
            digits = token["digits"]
        elif digits:
            after += literal
        else:
            before += literal
    if not digits or digits.count(".") > 1 or digits.endswith(","):
        return None
    return before.lstrip(), digits, after.rstrip().removesuffix(","), "%" in before + after
