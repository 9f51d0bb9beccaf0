"""A sheet of an `.xlsx` workbook as lines of cells, each as its author sees it; read only, without formulas or links.

openpyxl (with defusedxml, which refuses entities) reads the parts; it is imported only when a workbook is there.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from worker.job.table.findings import Findings
from worker.job.table.grid import COLUMNS, Line, letters, too_wide
from worker.job.table.number_formats import shown
from worker.translation import gettext, ngettext
from worker.yaml_reader.document import Misread, clipped

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

CELLS = 3_000_000
"""Most cells that are looked at, blank ones with a format among them: 10,000 lines of 300."""
LOOKED_AT_LINES = 12
"""Of a sheet, by which it is a table or not: a title may stand above."""
BLANK_ROWS = 100_000
"""Most blank rows that are passed over: formats without any value can reach to the last of a million rows."""
_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?[^?>]*\?>|<!--[^-]*(?:-[^-]+)*-->)*<[A-Za-z_]")
"""How a part of a workbook begins: with no DOCTYPE, so with no entities."""
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


def lines_of(data: bytes, findings: Findings, *, sheet: str, most_lines: int) -> list[Line]:
    """Each line of a sheet that is not blank.

    Args:
        data: of the workbook.
        findings: gets the warnings, of other sheets and of hidden rows.
        sheet: its name; the empty text for the first visible one that has a table.
        most_lines: how many are wanted; one more is read.

    Raises:
        Misread: the workbook is damaged, has no such sheet, or more columns than are read.
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
        _refuse_entities(archive)
        book = _opened(data, values=True)
        found = _sheet(book, sheet, findings)
        part = archive.read(found._worksheet_path)
    lines = list(islice(_lines(found), most_lines + 1))
    if _FORMULA.search(part):
        lines = _with_formulas(lines, _opened(data, values=False)[found.title], most=len(lines))
    if hidden := len(_HIDDEN_ROW.findall(part)):
        message = ngettext(
            "The sheet has {count} hidden row, which is read like the others.",
            "The sheet has {count} hidden rows, which are read like the others.",
            hidden,
        )
        remedy = gettext("Delete them, or copy the rows you see into a sheet of their own.")
        findings.warn("table.hidden_rows", 1, message, remedy=remedy)
    return _with_merged(lines, part)


def _opened(data: bytes, *, values: bool) -> Workbook:
    from openpyxl import load_workbook

    return load_workbook(BytesIO(data), read_only=True, data_only=values, keep_links=False)


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                head = part.read(65_536)
            if head and not _PROLOGUE.match(head):
                raise Misread(
                    gettext(
                        "The part `{part}` of this workbook is not as a spreadsheet writes it. Open the workbook and"
                        " save it anew as .xlsx.",
                        part=clipped(entry.filename),
                    )
                )


def _sheet(book: Workbook, name: str, findings: Findings) -> ReadOnlyWorksheet:
    """The sheet of that name, else the first visible one that has a table."""
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]
    for sheet in sheets:
        sheet.reset_dimensions()  # what a workbook says of its size may be wrong
    if name:
        return _named(sheets, name)
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
    tables = [sheet for sheet in visible if _has_table(sheet)]
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
    if not visible:
        raise Misread(gettext("This workbook has no sheet. Open it and save it anew as .xlsx."))
    return next(iter(tables), None) or next((sheet for sheet in visible if any(_lines(sheet))), visible[0])


def _has_table(sheet: ReadOnlyWorksheet) -> bool:
    """Whether it has lines of several cells, as notes and lists of words have not."""
    lines = list(islice(_lines(sheet), LOOKED_AT_LINES))
    return sum(sum(bool(cell.strip()) for cell in line.cells) > 1 for line in lines) > 1


def _named(sheets: Sequence[ReadOnlyWorksheet], name: str) -> ReadOnlyWorksheet:
    wanted = _key(name)
    for sheet in sheets:
        if _key(sheet.title) == wanted:
            return sheet
    there = ", ".join(f"`{clipped(sheet.title)}`" for sheet in sheets[:10])
    raise Misread(gettext("This workbook has no sheet `{name}`. There is {there}.", name=clipped(name), there=there))


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _lines(sheet: ReadOnlyWorksheet) -> Iterator[Line]:
    """The lines that hold a value.

    Raises:
        Misread: one has a value beyond the last column that is read, or the sheet has too many cells.
    """
    blank, looked = 0, 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell) for cell in row]
        while texts and not texts[-1].strip():
            texts.pop()
        looked += len(row)
        if len(texts) > COLUMNS or looked > CELLS:
            raise too_wide(number)
        blank = 0 if texts else blank + 1
        if blank > BLANK_ROWS:
            return
        if texts:
            dates = frozenset(at for at, cell in enumerate(row) if isinstance(cell.value, date))
            yield Line(number=number, cells=texts, dates=dates)


def _text(cell: Any) -> str:  # noqa: ANN401 - openpyxl's cells have no common class
    """A cell as its author sees it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return shown(value, cell.number_format or "")
    return _moment(value)


def _moment(value: object) -> str:
    """A date as ISO writes it; without a time of day where it has none."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _with_formulas(lines: list[Line], sheet: ReadOnlyWorksheet, *, most: int) -> list[Line]:
    """The lines with the positions of formulas that have no saved value; a line of nothing else is there again."""
    sheet.reset_dimensions()
    known = {line.number: line for line in lines}
    found: list[Line] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        line = known.get(number, Line(number=number, cells=()))
        cells = list(line.cells)
        missing = {at for at, cell in enumerate(row) if _is_formula(cell) and not "".join(cells[at : at + 1]).strip()}
        if missing:
            cells += [""] * (max(missing) + 1 - len(cells))
        if cells:
            found.append(replace(line, cells=cells, formulas=frozenset(missing)))
        if len(found) >= most and number >= (lines[-1].number if lines else 0):
            break
    return found


def _is_formula(cell: Any) -> bool:  # noqa: ANN401 - as above
    return getattr(cell, "data_type", "n") == "f"


def _with_merged(lines: list[Line], part: bytes) -> list[Line]:
    """The lines with the value of merged cells in each line that they reach over."""
    by_number = {line.number: at for at, line in enumerate(lines)}
    columns = {letters(at): at for at in range(COLUMNS)}
    filled: set[tuple[int, int]] = set()
    for left, top, _, bottom in _MERGED.findall(part):
        begin, column = by_number.get(int(top), len(lines)), columns.get(left.decode(), COLUMNS)
        source = lines[begin].cells if begin < len(lines) else ()
        value = source[column] if column < len(source) else ""
        for at in range(begin + 1, len(lines)):
            line = lines[at]
            if not value.strip() or line.number > int(bottom) or (at, column) in filled:
                break
            filled.add((at, column))
            cells = [*line.cells, *[""] * (column + 1 - len(line.cells))]
            cells[column] = value
            lines[at] = replace(line, cells=cells)
    return lines
