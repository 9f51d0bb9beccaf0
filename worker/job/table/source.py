"""Which table a job means by `products`: a file, and of a workbook a sheet."""

from __future__ import annotations

import re

_SHEET = re.compile(r"(?P<file>.+\.xls[xm])[#＃](?P<sheet>.+)", re.IGNORECASE)
WORKBOOKS = (".xlsx", ".xlsm")
WORKBOOK_TIMES = 8
"""How many times as large as a text a workbook may be: it may hold its products' photos, which are not read."""


def source_of(products: str) -> tuple[str, str]:
    """The file and the sheet of `products.xlsx#Spring`; a sheet is named behind a workbook only.

    Args:
        products: as the job has it.

    Returns:
        The file's name, and the sheet's, which is empty for the first sheet with a table.
    """
    if found := _SHEET.fullmatch(products):
        return found["file"], found["sheet"].strip()
    return products, ""


def is_workbook_name(name: str) -> bool:
    """Whether a file of that name is a workbook, which may hold pictures and so be larger than a text."""
    return name.lower().endswith(WORKBOOKS)
