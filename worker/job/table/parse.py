"""From the bytes of a table to the products of a job: a Catalogue comes out, with every fault and warning at its line.

In this order: what the file is, its encoding, its lines, the names of its columns, the ids, the cells.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence

from worker.job.placeholders import OWN_NAMES
from worker.job.table import separators, workbook
from worker.job.table.catalogue import Catalogue, Row
from worker.job.table.column_checks import check_columns
from worker.job.table.containers import kind_of
from worker.job.table.encodings import decoded
from worker.job.table.findings import Findings
from worker.job.table.grid import Line, narrowed
from worker.job.table.header import TITLE_LINES, Header, header_at, header_of, with_near_names
from worker.job.table.id_column import id_column, id_of
from worker.job.table.mending import Mending
from worker.problem import Problem
from worker.translation import Text, gettext, ngettext
from worker.yaml_reader.document import Misread, clipped

_QUOTE = re.compile(r"\s*[“”„«‘'「]")
"""Quotation marks that no spreadsheet writes around a cell."""
RESERVED = ("id", "index", "seed")
"""Placeholders that a column cannot fill: they are the picture's own."""


def parse_catalogue(
    data: bytes,
    *,
    file: str,
    max_rows: int,
    used: Collection[str] | None = None,
    given: Collection[str] = (),
    asked_id: str = "",
    sheet: str = "",
) -> tuple[Catalogue, list[Problem]]:
    """Read a table of products.

    Args:
        data: of a text with separators, in any encoding that can be judged, or of an `.xlsx` workbook.
        file: name to show in problems.
        max_rows: most products allowed.
        used: the job's placeholders: other columns may hold and be called what they like. None when they are not
            known, so that every column counts as used.
        given: those of them that the job itself fills, as by its `matrix`.
        asked_id: the column with the ids, if the job names it.
        sheet: of the workbook, by name; empty for the first that has a table.

    Returns:
        What could be read, and every fault; with a fault the catalogue must not be used.
    """
    findings = Findings(file)
    lines = _lines(data, findings, sheet=sheet, most=max_rows + TITLE_LINES)
    catalogue = Catalogue(file=file, columns=(), rows=())
    if not lines and not findings.has_faults:
        message = gettext("The file is empty. Its first line names the columns, such as `sku,subject,colour`.")
        findings.fault(1, message)
    elif lines and (at := header_at(lines, used or (), findings)) is not None:
        header = with_near_names(header_of(lines[at]), {*(used or ())} - {*given} - OWN_NAMES)
        catalogue = _catalogue(header, lines[at + 1 :], findings, used=used, asked_id=asked_id, max_rows=max_rows)
    return catalogue, findings.problems


def _lines(data: bytes, findings: Findings, *, sheet: str, most: int) -> list[Line]:
    """The lines of the table; none of what cannot be read, which is a fault then."""
    try:
        if kind_of(data) == "workbook":
            findings.is_workbook = True
            return workbook.lines_of(data, findings, sheet=sheet, most_lines=most)
        text = decoded(data)
        lines = narrowed(separators.lines_of(text.text, findings, most_lines=most))
    except Misread as misread:
        line, column = misread.place or (1, 1)
        findings.fault(line, misread.message, column=column, rule=misread.rule, remedy=misread.remedy)
        return []
    if not text.is_certain:
        _tell_encoding(text.name, lines, findings)
    return lines


def _tell_encoding(encoding: Text, lines: Sequence[Line], findings: Findings) -> None:
    """A warning that shows the first cell which another encoding would spell otherwise."""
    cells = ((line.number, cell) for line in lines[1:] for cell in line.cells if not cell.isascii())
    heads = ((line.number, cell) for line in lines[:1] for cell in line.cells if not cell.isascii())
    any_cells = ((line.number, cell) for line in lines for cell in line.cells if cell.strip())
    line, cell = next(itertools.chain(cells, heads, any_cells), (1, ""))
    message = gettext("This file was read as {encoding}: `{cell}`.", encoding=encoding, cell=clipped(cell))
    remedy = gettext("If that is wrong, save it as CSV UTF-8.")
    findings.warn("table.encoding", line, message, remedy=remedy, example=cell)


def _catalogue(
    header: Header,
    lines: Sequence[Line],
    findings: Findings,
    *,
    used: Collection[str] | None,
    asked_id: str,
    max_rows: int,
) -> Catalogue:
    whole = _products(header, lines, findings, max_rows=max_rows)
    rows = [[*line.cells, *[""] * (len(header.names) - len(line.cells))] for line in whole]
    at = id_column(header, rows, asked_id, findings)
    check_columns(header, whole, rows, findings, used=used, id_at=at)
    columns = [n for n in range(len(header.names)) if header.cells[n] or any(cells[n].strip() for cells in rows)]
    mending = Mending(header, rows, findings, used=used, id_at=at)
    placeholders = {name: column for name, column in header.placeholders.items() if name not in RESERVED}
    products = [
        Row(
            id=mending.id_of(line, cells, number=number),
            cells={header.names[n]: cells[n] for n in columns},
            line=line.number,
            mended=mending.mended(line, cells),
            placeholders=placeholders,
        )
        for number, (line, cells) in enumerate(zip(whole, rows, strict=True), start=1)
    ]
    named_id = "" if at is None else header.names[at]
    if named_id:
        _check_ids(products, named_id, findings)
    return Catalogue(
        file=findings.file,
        columns=tuple(header.names[n] for n in columns),
        rows=tuple(products),
        warnings=findings.warnings,
        placeholders={
            name: column for name, column in header.placeholders.items() if (name, column) != ("id", named_id)
        },
        id_column=named_id,
        delimiter=findings.separator,
    )


def _products(header: Header, lines: Sequence[Line], findings: Findings, *, max_rows: int) -> list[Line]:
    """The lines that are products: whole ones, and none that names the columns once more."""
    if len(lines) > max_rows:
        message = gettext("There are more than {most} products. Make several jobs of them.", most=f"{max_rows:,}")
        findings.fault(lines[max_rows].number, message)
        lines = lines[:max_rows]
    found: list[Line] = []
    for line in lines:
        if header.is_repeated_in(line):
            message = gettext("This line names the columns once more, and was passed over.")
            findings.warn("table.repeated_header", line.number, message, remedy=gettext("Remove the line."))
        elif _is_whole(line, header.last + 1, len(header.names), findings):
            found.append(line)
    if not found and not findings.has_faults:
        findings.fault(1, gettext("There is no product: the file has only the line with the columns' names."))
    return found


def _is_whole(line: Line, least: int, most: int, findings: Findings) -> bool:
    """Whether a line has a cell for each column that has a name; spreadsheets leave out none but blank ones."""
    count = len(line.cells)
    if findings.is_workbook or (least <= count and not any(cell.strip() for cell in line.cells[most:])):
        return True
    findings.fault(line.number, _other_width(line, least))
    return False


def _other_width(line: Line, wanted: int) -> Text:
    """What to say of a line that has other cells than the first."""
    count = len(line.cells)
    remedy = gettext("Add the missing cells.")
    if count > wanted and (quote := next((cell.lstrip()[0] for cell in line.cells if _QUOTE.match(cell)), "")):
        remedy = gettext('`{quote}` holds no cell together. Put a cell that holds the delimiter in `"`.', quote=quote)
    elif count > wanted:
        remedy = gettext("Put a cell that holds the delimiter in quotes.")
    elif sign := next((sign for sign in separators.FULL_WIDTH if sign in "".join(line.cells)), ""):
        remedy = gettext("`{sign}` does not separate cells here, as it does not in the first line.", sign=sign)
    return ngettext(
        "This line has {count} cell, the first line has {wanted}. {remedy}",
        "This line has {count} cells, the first line has {wanted}. {remedy}",
        count,
        wanted=wanted,
        remedy=remedy,
    )


def _check_ids(rows: Sequence[Row], column: str, findings: Findings) -> None:
    """Every product has an id, and each its own."""
    lines: dict[str, int] = {}
    for row in rows:
        key = id_of(row.id).casefold()
        if not key:
            message = gettext("The {column} is empty. Give every product one.", column=clipped(column))
            findings.fault(row.line, message, where=column)
        elif key in lines:
            message = gettext(
                "The {column} `{id}` stands in line {line} already. Give every product its own.",
                column=clipped(column),
                id=clipped(row.id),
                line=lines[key],
            )
            findings.fault(row.line, message, where=column)
        lines.setdefault(key, row.line)
