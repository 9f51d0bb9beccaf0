"""A sheet of an `.xlsx` workbook as lines of cells, each as its author sees it; read only, without formulas or links.

openpyxl (with defusedxml, which refuses entities) opens the workbook; it is imported only when one is there.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice

from worker.job.table.findings import Findings
from worker.job.table.grid import COLUMNS, Line, letters
from worker.job.table.sheet_rows import SheetRows
from worker.job.table.workbook_parts import Parts, Sheet
from worker.job.table.xml_parts import refuse_entities
from worker.translation import gettext, ngettext
from worker.yaml_reader.document import Misread, clipped

LOOKED_AT_LINES = 12
"""Of a sheet, by which it is a table or not: a title may stand above."""
MERGED_CELLS = 500_000
"""Most cells that are filled by merged ones."""
_MERGED = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


def lines_of(data: bytes, findings: Findings, *, sheet: str, most_lines: int) -> list[Line]:
    """Each line of a sheet that is not blank.

    Args:
        data: of the workbook.
        findings: gets the warnings, of other sheets and of hidden rows.
        sheet: its name; the empty text for the first visible one that has a table.
        most_lines: how many are wanted; one more is read.

    Raises:
        Misread: the workbook is damaged, has no such sheet, or holds more than is read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells what it does not keep: validation, pictures
            return _read(data, findings, sheet=sheet, most_lines=most_lines)
    except Misread:
        raise
    except Exception as error:
        message = gettext(
            "This workbook cannot be read ({error}). Open it and save it anew as .xlsx, or as CSV UTF-8.",
            error=clipped(f"{type(error).__name__}: {error}"),
        )
        raise Misread(message) from error


def _read(data: bytes, findings: Findings, *, sheet: str, most_lines: int) -> list[Line]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        refuse_entities(archive)
        parts = Parts(archive)
        rows = SheetRows(parts, _sheet(parts, sheet, findings))
        lines = list(islice(rows.lines(), most_lines + 1))
        rows.read_on()
    if hidden := rows.hidden:
        message = ngettext(
            "The sheet has {count} hidden row, which is read like the others.",
            "The sheet has {count} hidden rows, which are read like the others.",
            hidden,
        )
        remedy = gettext("Delete them, or copy the rows you see into a sheet of their own.")
        findings.warn("table.hidden_rows", 1, message, remedy=remedy)
    return _with_merged(lines, rows.merged)


def _sheet(parts: Parts, name: str, findings: Findings) -> Sheet:
    """The sheet of that name, else the first visible one that has a table."""
    sheets = parts.sheets
    if name:
        return _named(sheets, name)
    visible = [sheet for sheet in sheets if sheet.is_visible] or sheets
    if not visible:
        raise Misread(gettext("This workbook has no sheet. Open it and save it anew as .xlsx."))
    tables = [sheet for sheet in visible if _has_table(parts, sheet)]
    if len(tables) > 1:
        others = ", ".join(f"`{clipped(sheet.title)}`" for sheet in tables[1:4])
        message = gettext(
            "Of {number} sheets with a table the first, `{sheet}`, is read; not {others}.",
            number=len(tables),
            sheet=clipped(tables[0].title),
            others=others,
        )
        remedy = gettext(
            "If another is meant, name it in the job: `products: FILE.xlsx#{sheet}`.", sheet=tables[1].title
        )
        findings.warn("table.sheets", 1, message, remedy=remedy)
    filled = (sheet for sheet in visible if any(SheetRows(parts, sheet).lines()))
    return next(iter(tables), None) or next(filled, visible[0])


def _has_table(parts: Parts, sheet: Sheet) -> bool:
    """Whether it has lines of several cells, as notes and lists of words have not."""
    lines = islice(SheetRows(parts, sheet).lines(), LOOKED_AT_LINES)
    return sum(sum(bool(cell.strip()) for cell in line.cells) > 1 for line in lines) > 1


def _named(sheets: Sequence[Sheet], name: str) -> Sheet:
    wanted = _key(name)
    for sheet in sheets:
        if _key(sheet.title) == wanted:
            return sheet
    there = ", ".join(f"`{clipped(sheet.title)}`" for sheet in sheets[:10])
    raise Misread(gettext("This workbook has no sheet `{name}`. There is {there}.", name=clipped(name), there=there))


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _with_merged(lines: list[Line], merged: Sequence[str]) -> list[Line]:
    """The lines with the value of merged cells in each line that they reach over."""
    by_number = {line.number: at for at, line in enumerate(lines)}
    columns = {letters(at): at for at in range(COLUMNS)}
    cells = [[*line.cells] for line in lines]
    filled: set[tuple[int, int]] = set()
    for left, top, bottom in _ranges(merged):
        begin, column = by_number.get(top, len(lines)), columns.get(left, COLUMNS)
        value = cells[begin][column] if begin < len(lines) and column < len(cells[begin]) else ""
        if not value.strip():
            continue
        for at in range(begin + 1, len(lines)):
            if lines[at].number > bottom or (at, column) in filled:
                break
            filled.add((at, column))
            cells[at] += [""] * (column + 1 - len(cells[at]))
            cells[at][column] = value
        if len(filled) > MERGED_CELLS:
            raise Misread(
                gettext("Merged cells of this workbook reach over {count} cells. Unmerge them.", count=len(filled))
            )
    touched = {at for at, _ in filled}
    return [replace(line, cells=cells[at]) if at in touched else line for at, line in enumerate(lines)]


def _ranges(merged: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """First column, first row and last row of each range."""
    for found in filter(None, map(_MERGED.fullmatch, merged)):
        yield found[1], int(found[2]), int(found[4])
