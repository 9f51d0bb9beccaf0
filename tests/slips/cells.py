"""W6 and M10: cells that a spreadsheet spoilt, and workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Drop, Slip
from slips.right_jobs import RightJob
from slips.tables import Table
from slips.variants import TABLES, Make, Variant, read, told, with_table
from slips.workbooks import Cell, Row, formula, number, workbook

ERRORS = (
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "########", "#SPILL!", "#CALC!",
    "#GETTING_DATA", "#ERROR!", "#FIELD!",
    "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", "#VALEUR!", "#NOM?", "#NOMBRE?", "#¡VALOR!", "#¡REF!",
    "#N/D", "#RIF!", "#VALORE!",
    "#ССЫЛКА!", "#Н/Д", "#ЗНАЧ!", "#ИМЯ?", "#DEĞER!", "#YOK", "#SAYI/0!", "Err:502", "Err:508", "#VALOR!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!",
)  # fmt: skip
"""Of Excel, Google Sheets, LibreOffice and WPS, in eight languages."""
LEFTOVERS = ("NULL", "NaN", "nan", "undefined", "[object Object]", "<NA>", "(null)", "Loading...", "null", "#N/A N/A")
"""Of databases, pandas and scripts."""
FORMULAS = (
    '="00123"', "=A2", '=CONCAT(A1;"-";B1)', "=VLOOKUP(A2,Sheet2!A:B,2,0)", '=HYPERLINK("http://x","y")', "=+A1",
    "=B2&C2", "='Blatt 1'!A2",
)  # fmt: skip
NUMBERS = (
    "6.90123E+12", "6.9E+12", "4.00638E+12", "6,90123E+12", "1.00E+05", "6.9E12", "6.90123e+12", "６.9E+12",
    "4.00638E+012", "6.90E+12",
)  # fmt: skip
DATES = (
    "2-Mar", "Mar-02", "02-Mrz", "1月2日", "2024/1/2 0:00", "03.Mai", "Jan-01", "2. Jan", "1-May", "2月3日", "02.Mär",
    "12-déc",
)  # fmt: skip

Build = Callable[[Table], bytes]


def variants() -> Iterator[Variant]:
    """Cells in a used column, ids, and whole workbooks."""
    for text in (*ERRORS, *LEFTOVERS):
        yield Variant(kind="W6", name=f"subject {text}", make=_cell("subject", text), forms=TABLES)
    for text in (*ERRORS[:8], *NUMBERS, *DATES):
        yield Variant(kind="W6", name=f"id {text}", make=_id(text), forms=TABLES)
    for text in FORMULAS:
        yield Variant(kind="W6", name=f"colour {text}", make=_cell("colour", text), forms=TABLES)
    yield Variant(kind="W6", name='ids as ="00123"', make=_mended(lambda one: f'="{one}"'), forms=TABLES)
    yield Variant(kind="W6", name="ids behind an apostrophe", make=_mended(lambda one: f"'{one}"), forms=TABLES)
    yield Variant(kind="W6", name="ids with a no-break space", make=_mended(lambda one: f"{one}\u00a0"), forms=TABLES)
    yield Variant(kind="W6", name="ids with a tab", make=_mended(lambda one: f"{one}\t"), forms=TABLES)
    for text in ("  ", "\u00a0", "\u3000", "\u200b"):
        yield Variant(kind="W6", name=f"a cell of {text!r} only", make=_blank(text), forms=TABLES)
    for name, build in BOOKS.items():
        yield Variant(kind="M10", name=name, make=_book(build), forms=TABLES)
    for name, data in NO_BOOKS.items():
        yield Variant(kind="M10", name=name, make=_no_book(data), forms=TABLES)


def _cell(column: str, text: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        row = random.randrange(len(job.table.rows))
        slipped = replace(job, table=job.table.with_cell(row, column, text))
        return told(slipped, [(TABLE, row + 2)], "table.spoilt_cell", "table.formula", "table.", text, "U+")

    return make


def _blank(text: str) -> Make:
    """To be read as an empty cell, or told."""

    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        right = replace(job, table=job.table.with_cell(0, "colour", ""))
        return told(
            replace(job, table=job.table.with_cell(0, "colour", text)), [(TABLE, 2)], "table.", "U+", right=right
        )

    return make


def _id(text: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        table = job.table.renamed(job.table.columns[0], "sku")
        row = random.randrange(len(table.rows))
        says = ("table.spoilt_cell", "table.formula", text)
        return told(replace(job, table=table.with_cell(row, "sku", text)), [(TABLE, row + 2)], *says)

    return make


def _mended(change: Callable[[str], str]) -> Make:
    """All ids in another form: to be read as they were meant, or told."""

    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        right = replace(job, table=job.table.renamed(job.table.columns[0], "sku"))
        table = right.table
        assert table
        for row, cells in enumerate(table.rows):
            table = table.with_cell(row, "sku", change(cells[0]))
        return told(replace(right, table=table), [(TABLE, 1), (TABLE, 2)], "table.", "formula", "U+", right=right)

    return make


def _rows(table: Table) -> list[Row]:
    return [table.columns, *table.rows]


def _numbered(table: Table) -> bytes:
    """Ids are numbers, shown with leading zeros."""
    rows: Sequence[Row] = [(number(str(n + 1), shown_as="00000"), *row[1:]) for n, row in enumerate(table.rows)]
    return workbook({"Sheet1": [table.columns, *rows]})


def _computed(table: Table, *, is_cached: bool = True) -> bytes:
    rows: list[Row] = [(row[0], formula('"x"', cached=row[1] if is_cached else None), *row[2:]) for row in table.rows]
    return workbook({"Sheet1": [table.columns, *rows]})


def _rich(table: Table) -> bytes:
    """Words in several fonts, and readings of Japanese words, which are no part of the text."""

    def rich(text: str) -> Cell:
        runs = f"<r><t xml:space='preserve'>{text[:1]}</t></r><r><t xml:space='preserve'>{text[1:]}</t></r>"
        return Cell(xml=f"<is>{runs}<rPh sb='0' eb='1'><t>カナ</t></rPh></is>", kind="inlineStr")

    rows: list[Row] = [(row[0], rich("Tasse"), *row[2:]) for row in table.rows]
    return workbook({"Sheet1": [table.columns, *rows]})


BOOKS: dict[str, Build] = {
    "Excel": lambda table: workbook({"Sheet1": _rows(table)}),
    "texts in the cells": lambda table: workbook({"Sheet1": _rows(table)}, shared=False),
    "a sheet called 商品": lambda table: workbook({"商品": _rows(table)}),
    "an empty sheet behind": lambda table: workbook({"Tabelle1": _rows(table), "Tabelle2": []}),
    "an empty sheet before": lambda table: workbook({"Sheet1": [], "Products": _rows(table)}),
    "a hidden sheet behind": lambda table: workbook(
        {"Sheet1": _rows(table), "lists": [["x", "y"], ["1", "2"]]}, hidden=["lists"]
    ),
    "blank rows behind": lambda table: workbook({"Sheet1": [*_rows(table), [], ["", "", ""], []]}),
    "a blank row above": lambda table: workbook({"Sheet1": [[], *_rows(table)]}),
    "computed cells": _computed,
    "formatted ids": _numbered,
    "an unused number": lambda table: workbook(
        {"S": [[*table.columns, "w"], *([*row, number("12.5")] for row in table.rows)]}
    ),
    "an unused date": lambda table: workbook(
        {"S": [[*table.columns, "d"], *([*row, number("45292", shown_as="yyyy-mm-dd")] for row in table.rows)]}
    ),
    "rich text": _rich,
    "many empty columns": lambda table: workbook({"S": [[*row, *[""] * 40] for row in _rows(table)]}),
    "a Mac's litter in the archive": lambda table: workbook({"S": _rows(table)}, more={"__MACOSX/._x": b"\0\5\x16\7"}),
}


def _book(build: Build) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        right = replace(job, table=job.table.renamed(job.table.columns[0], "sku"))
        right = replace(right, table=_as_shown(build, right.table))
        named = right.with_value("products", "products.xlsx")
        return read(with_table(named, build(right.table or job.table), name="products.xlsx"), right)

    return make


def _as_shown(build: Build, table: Table | None) -> Table:
    """The table as such a workbook shows it, with no column but those of the template."""
    assert table
    table = replace(table, columns=table.columns[:3], rows=tuple(row[:3] for row in table.rows))
    for row in range(len(table.rows)):
        if build is _numbered:
            table = table.with_cell(row, "sku", f"{row + 1:05}")
        if build is _rich:
            table = table.with_cell(row, "subject", "Tasse")
    return table


NO_BOOKS: dict[str, Callable[[Table], bytes]] = {
    "formulas that were never computed": lambda table: _computed(table, is_cached=False),
    "an old .xls under the new name": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504,
    "a web page under the name": lambda _: b"<html><table><tr><td>sku</td></tr></table></html>",
    "half a workbook": lambda table: workbook({"S": _rows(table)})[:400],
    "nothing": lambda _: b"",
    "an archive of something else": lambda _: _zip({"a.txt": b"x"}),
    "an .ods under the name": lambda _: _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
    "an error in a used cell": lambda table: workbook(
        {"S": [table.columns, *([row[0], Cell(xml="<v>#N/A</v>", kind="e"), *row[2:]] for row in table.rows)]}
    ),
    "an empty workbook": lambda _: workbook({"S": []}),
    "a document type with entities": lambda _: _entities(),
}


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _entities() -> bytes:
    """A workbook whose texts grow when they are read."""
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><sst><si><t>&a8;</t></si></sst>'
    files = zipfile.ZipFile(io.BytesIO(workbook({"S": [["sku", "subject", "colour"], ["1", "mug", "red"]]})))
    return _zip({name: bomb.encode() if "sharedS" in name else files.read(name) for name in files.namelist()})


def _no_book(data: Build) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        name = "products.xlsx"
        table = replace(
            job.table, columns=("sku", *job.table.columns[1:3]), rows=tuple(row[:3] for row in job.table.rows)
        )
        drop: Drop = with_table(job.with_value("products", name), data(table), name=name)
        return told(drop, [(name, 0), ("job.yaml", job.line_of("products"))])

    return make
