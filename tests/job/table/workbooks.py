"""Workbooks for tests, made by openpyxl as a shop's program would."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from worker.job.table.catalogue import Catalogue
from worker.job.table.parse import parse_catalogue

HEADER = ("sku", "subject", "colour")


def workbook(*rows: Sequence[object], change: Callable[[Workbook, Worksheet], object] | None = None) -> bytes:
    """A workbook with one sheet of these rows."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if change:
        change(book, sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive with one part changed."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return made.getvalue()


def read(data: bytes, *, sheet: str = "", max_rows: int = 100) -> tuple[Catalogue, list[str]]:
    """What is read for a job that uses subject and colour; and every fault."""
    catalogue, problems = parse_catalogue(
        data, file="p.xlsx", max_rows=max_rows, used=("subject", "colour"), sheet=sheet
    )
    return catalogue, [str(problem) for problem in problems]


def values(data: bytes, *, sheet: str = "") -> list[tuple[str, str, str]]:
    """Id, subject and colour of each product, of a workbook without fault."""
    catalogue, problems = read(data, sheet=sheet)
    assert not problems
    return [(row.id, row.values["subject"], row.values["colour"]) for row in catalogue.rows]
