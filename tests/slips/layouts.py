"""M9, the rest: tables that are laid out otherwise, as other spreadsheets and people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from slips.drops import ALL, TABLE, Slip, Wanted
from slips.right_jobs import RightJob
from slips.tables import Table
from slips.variants import TABLES, Make, Variant, with_table
from slips.workbooks import workbook

SEPARATORS = {ord(c): None for c in ",，;；、|\"'"}
MUST_READ: dict[str, Callable[[Table], bytes]] = {
    "a first line `sep=;`": lambda table: b"sep=;\r\n" + replace(table, delimiter=";").text.encode(),
    "`sep=` and a mark": lambda table: b"\xef\xbb\xbfsep=,\r\n" + replace(table, delimiter=",").text.encode(),
    "all cells in quotes": lambda table: _lines(table, lambda cells: ",".join(_quoted(cell) for cell in cells)),
    "CR for line ends": lambda table: replace(table, newline="\r").text.encode(),
    "blank lines between": lambda table: replace(table, newline="\n\n").text.encode(),
    "lines of commas behind": lambda table: replace(table, delimiter=",").text.encode() + b",,\r\n,,\r\n",
    "a comma behind each line": lambda table: replace(table, delimiter=",", newline=",\n").text.encode(),
    "no end of the last line": lambda table: table.text.rstrip("\r\n").encode(),
    "tabs in UTF-16, Excel's Unicode text": lambda table: replace(table, delimiter="\t").text.encode("utf-16"),
    "a cell with a line break": lambda table: table.with_column("note", "one\ntwo").text.encode(),
}
MAY_READ: dict[str, Callable[[Table], bytes]] = {
    "`，` between cells": lambda table: _lines(table, "，".join),
    "`；` between cells": lambda table: _lines(table, "；".join),
    "`|` between cells": lambda table: _lines(table, "|".join),
    "a table of Markdown": lambda table: _lines(table, lambda cells: f"| {' | '.join(cells)} |"),
    "`、` between cells": lambda table: _lines(table, "、".join),
    "a title above": lambda table: "商品清单 2024,,\r\n".encode() + replace(table, delimiter=",").text.encode(),
    "a title in one cell": lambda table: b"Spring collection\r\n" + replace(table, delimiter=",").text.encode(),
    "a title and a blank line": lambda table: b"Spring,,\r\n,,\r\n" + replace(table, delimiter=",").text.encode(),
    "a title and a date": lambda table: b"Spring,,\r\n2024-05-01,,\r\n" + replace(table, delimiter=",").text.encode(),
    "a workbook called .csv": lambda table: workbook({"S": [table.columns, *table.rows]}),
    "cells between blanks": lambda table: _lines(table, "  ".join),
}
MUST_TELL: dict[str, Callable[[Table], bytes]] = {
    "a total below": lambda table: replace(table, delimiter=",").text.encode() + b"Total,,\r\n",
    "the header once more": lambda table: table.text.encode() + table.text.encode().split(b"\r\n", 1)[0] + b"\r\n",
    "no header": lambda table: table.text.encode().split(b"\n", 1)[1],
    "only the header": lambda table: table.text.encode().split(b"\n", 1)[0],
    "nothing": lambda _: b"",
    "a web page": lambda _: b"<html><body><table><tr><td>sku</td><td>subject</td></tr></table></body></html>",
    "JSON": lambda _: b'[{"sku": "A", "subject": "mug", "colour": "red"}]',
    "zero bytes behind": lambda table: table.text.encode() + b"\0" * 40,
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "an id twice": lambda table: replace(table, rows=(*table.rows, table.rows[0])).text.encode(),
    "an id missing": lambda table: table.with_cell(1, table.columns[0], "").text.encode(),
    "a quote that is never closed": lambda table: table.text.encode() + b'A-99,"mug,red\r\n',
    "a row with too few cells": lambda table: replace(table, delimiter=",").text.encode() + b"A-99,mug\r\n",
    "a row with too many cells": lambda table: replace(table, delimiter=",").text.encode() + b"A-99,mug,red,big,12\r\n",
    "a server's message": lambda _: b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
}


def variants() -> Iterator[Variant]:
    """Tables that have to be read, that may be, and that cannot be."""
    for name, build in MUST_READ.items():
        yield Variant(kind="M9", name=name, make=_made(build, must_read=True), forms=TABLES)
    for name, build in MAY_READ.items():
        yield Variant(kind="M9", name=name, make=_made(build, must_read=False), forms=TABLES)
    for name, build in MUST_TELL.items():
        yield Variant(kind="M9", name=name, make=_told(build), forms=TABLES)


def _plain(job: RightJob) -> RightJob:
    """The job with a table of three plain columns."""
    assert job.table
    rows = tuple(tuple(cell.translate(SEPARATORS) for cell in row[:3]) for row in job.table.rows)
    return replace(job, table=Table(columns=("sku", "subject", "colour"), rows=rows))


def _made(build: Callable[[Table], bytes], *, must_read: bool) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        right = _plain(job)
        assert right.table
        wanted = Wanted(places=((TABLE, ALL), ("job.yaml", ALL)), must_read=must_read, may_read=True, must_keep=True)
        return Slip(drop=with_table(job, build(right.table)), wanted=wanted, right=right.drop)

    return make


def _told(build: Callable[[Table], bytes]) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        right = _plain(job)
        assert right.table
        return Slip(
            drop=with_table(job, build(right.table)),
            wanted=Wanted(places=((TABLE, ALL), ("job.yaml", ALL))),
            right=None,
        )

    return make


def _lines(table: Table, join: Callable[[tuple[str, ...]], str]) -> bytes:
    return "".join(f"{join(cells)}\r\n" for cells in (table.columns, *table.rows)).encode()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
