"""Escapes: characters as web pages, programs and addresses spell them, which are words where nobody reads them so."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

_ESCAPE = re.compile(
    r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d?);|(?:\\u[0-9a-f]{4})+|_x[0-9A-F]{4}_|(?:%[0-9a-f]{2}){3,}",
    re.IGNORECASE,
)


def escape_in(cell: str) -> tuple[str, str] | None:
    """The first such spelling in a cell and what it stands for: `&amp;` and `&`; None where there is none.

    Args:
        cell: as it was read.
    """
    if not any(mark in cell for mark in "&\\_%"):
        return None
    pairs = ((found[0], _meant(found[0])) for found in _ESCAPE.finditer(cell))
    return next(((spelt, meant) for spelt, meant in pairs if meant not in (spelt, "")), None)


def _meant(spelt: str) -> str:
    if spelt[0] == "&":
        return html.unescape(spelt)
    if spelt[0] == "%":
        meant = unquote(spelt, errors="replace")
        return "" if "\ufffd" in meant else meant
    codes = re.findall("[0-9a-f]{4}", spelt.removeprefix("_x") if spelt[0] == "_" else spelt, re.IGNORECASE)
    data = b"".join(int(code, 16).to_bytes(2, "big") for code in codes)
    return data.decode("utf-16-be", errors="ignore")
