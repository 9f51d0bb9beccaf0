"""Short dates: what spreadsheets of many languages make of `2-3` and `3/2`, as `2-Mar`, `02. Mrz`, `3月2日`."""

from __future__ import annotations

from worker.lazy_patterns import LazyPattern

_TITLED = """
    Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec
    Mrz Mär Mai Okt Dez
    Oca Şub Nis Haz Tem Ağu Eyl Eki Kas
"""
"""English, German and Turkish."""
_SMALL = """
    jan feb mar apr jun jul aug sep sept oct nov dec
    janv févr mars avr mai juin juil août déc
    ene abr may ago dic gen mag giu lug ott
    fev dez mrt mei okt maj des
    янв фев мар апр май июн июл авг сен сент окт ноя нояб дек
    sty lut kwi cze lip sie wrz paź lis gru
"""
"""Other languages, which write months small."""
_LEADING = """
    Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec Mrz Mär Okt Dez
    janv févr mars avr juin juil août sept déc ene abr ago dic fev
    янв фев мар апр май июн июл авг сен окт ноя дек
"""
"""Which stand before a year and are no beginning of an id."""
_ANY, _FIRST = ("|".join(text.split()) for text in (_TITLED + _SMALL, _LEADING))
_SHORT_DATE = LazyPattern(
    rf"(?:0?[1-9]|[12]\d|3[01])(?:-|\. ?)(?:{_ANY})\.?"
    rf"|(?:{_FIRST})\.?[- ]\d{{2}}"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}월 ?\d{1,2}일|(?:0?[1-9]|[12]\d|3[01])-Thg\d{1,2}"
)
"""Months are written as spreadsheets write them: never in capitals, as ids are."""


def is_short_date(cell: str) -> bool:
    """Whether a cell is a day and a month, or a month and a year, as a spreadsheet shows them.

    Args:
        cell: without blanks around.
    """
    return bool(_SHORT_DATE.fullmatch(cell))
