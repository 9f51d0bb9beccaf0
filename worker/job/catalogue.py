"""The products of a job (CSV) and the combinations of its matrix.

It takes what spreadsheets write: encodings, delimiters, blank lines; every fault is told with its line.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.job.placeholders import is_plain_name
from worker.problem import Problem
from worker.translation import Text, gettext, ngettext
from worker.yaml_reader.document import clipped

ID_COLUMN = "sku"
TAKEN = {
    "id": gettext("the id of a shot; call the column `sku`"),
    "index": gettext("the number of a picture"),
    "seed": gettext("a picture's seed"),
}
"""Placeholders that a column cannot hide, and what they are."""
MAX_ROWS_PROBLEMS = 100

_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"? *', re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One product."""

    id: str
    """Its `sku`, or its number, counted from 1."""
    cells: Mapping[str, str]
    """By column, text exactly as written."""
    line: int
    """Of the file, 1-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All products, in the file's order."""

    file: str
    """Name to show in problems."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    warnings: tuple[Problem, ...] = ()
    """What may have been read otherwise than it was meant."""
    delimiter: str = ","
    """What parts the cells of a line in the shop's own table."""


def combinations(matrix: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every combination, the first key changing slowest; one empty combination when there is no matrix."""
    return [dict(zip(matrix, values, strict=True)) for values in itertools.product(*matrix.values())]


def parse_catalogue(data: bytes, *, file: str, max_rows: int) -> tuple[Catalogue, list[Problem]]:
    """Read a CSV file.

    Args:
        data: UTF-8 or UTF-16 with byte-order mark, UTF-8, or GB18030 (what Excel writes in China).
        file: name to show in problems.
        max_rows: most products allowed.

    Returns:
        What could be read, and every fault; with a fault the catalogue must not be used.
    """
    reader = _Reader(file)
    text, encoding = _decoded(data)
    if text is None:
        reader.fault(1, gettext("This is neither UTF-8 nor GB18030 text. In Excel: save as CSV UTF-8."))
    elif "\0" in text:
        reader.fault(1, gettext("The file holds zero bytes: its copy was never finished. Copy it once more."))
    else:
        reader.read(text, max_rows=max_rows)
    warnings = reader.doubts() if encoding == "gb18030" else ()
    columns, rows = tuple(reader.columns), tuple(reader.rows)
    made = Catalogue(file=file, columns=columns, rows=rows, warnings=warnings, delimiter=reader.delimiter)
    return made, reader.problems


def _decoded(data: bytes) -> tuple[str | None, str]:
    """The text, or None when it is of no encoding that is understood; and its encoding."""
    has_utf16_mark = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if has_utf16_mark else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return None, ""


class _Reader:
    """Goes through the lines once and keeps rows and faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.columns: list[str] = []
        self.rows: list[Row] = []
        self.lines_by_id: dict[str, int] = {}
        self.delimiter = ","

    def fault(self, line: int, message: Text, *, where: str = "") -> None:
        if len(self.problems) < MAX_ROWS_PROBLEMS:
            self.problems.append(Problem(file=self.file, line=line, column=1, where=where, message=message))

    def doubts(self) -> tuple[Problem, ...]:
        """A warning with the first cell that another encoding would spell otherwise: nearly all bytes are GB18030."""
        cells = [(1, name, name) for name in self.columns]
        cells += [(row.line, name, cell) for row in self.rows for name, cell in row.cells.items()]
        for line, where, cell in cells:
            if not cell.isascii():
                message = gettext(
                    "This file was read as GB18030: `{cell}`. If that is wrong, save it as CSV UTF-8.",
                    cell=clipped(cell),
                )
                return (Problem(file=self.file, line=line, column=1, where=where, message=message, is_warning=True),)
        return ()

    def read(self, text: str, *, max_rows: int) -> None:
        for line, cells in self._lines(text):
            if not self.columns:
                self._header(line, cells)
            elif len(self.rows) == max_rows:
                most = f"{max_rows:,}"
                message = gettext("There are more than {most} products. Make several jobs of them.", most=most)
                return self.fault(line, message)
            else:
                self._row(line, cells)
        if not self.columns:
            self.fault(1, gettext("The file is empty. Its first line names the columns, such as `sku,subject,colour`."))
        elif not self.rows and not self.problems:
            self.fault(1, gettext("There is no product: the file has only the line with the columns' names."))
        return None

    def _lines(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Each line that is not blank, with its number (of its first line, where a cell holds line breaks)."""
        delimiter = self.delimiter = _delimiter(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        before = 0
        try:
            for cells in reader:
                is_hint = not self.columns and _SEPARATOR_LINE.fullmatch(delimiter.join(cells))
                if any(cell.strip() for cell in cells) and not is_hint:
                    yield before + 1, cells
                before = reader.line_num
        except csv.Error as error:
            self.fault(before + 1, _unreadable(error))

    def _header(self, line: int, cells: Sequence[str]) -> None:
        if len(cells) == 1 and "|" in cells[0]:
            self.columns = [cells[0]]
            message = gettext("`|` does not separate columns. The separators understood are `,` `;` and tab.")
            return self.fault(line, message)
        self.columns = [unicodedata.normalize("NFC", cell.strip()) for cell in cells]
        while self.columns and not self.columns[-1]:
            self.columns.pop()  # spreadsheets write empty columns behind the last
        for number, name in enumerate(self.columns, start=1):
            if fault := self._header_fault(name, number):
                self.fault(line, fault, where=gettext("column {number}", number=number))
        return None

    def _header_fault(self, name: str, number: int) -> Text | None:
        if not name:
            return gettext("This column has no name. Write one in the first line, or remove the column.")
        if name in self.columns[: number - 1]:
            return gettext("There are two columns `{name}`. Rename or remove one.", name=clipped(name))
        if name in TAKEN:
            return gettext("A column cannot be called `{name}`: that is {meaning}.", name=name, meaning=TAKEN[name])
        if not is_plain_name(name):
            return gettext(
                "`{name}` cannot be used as a placeholder. Column names have letters, digits and `_`, such as"
                " `{example}`.",
                name=clipped(name),
                example=_plain(name),
            )
        return None

    def _row(self, line: int, cells: Sequence[str]) -> None:
        count, wanted = len(cells), len(self.columns)
        if count != wanted and (count < wanted or any(cells[wanted:])):
            return self.fault(line, _other_width(count, wanted))
        row = dict(zip(self.columns, cells, strict=False))
        row_id = row[ID_COLUMN].strip() if ID_COLUMN in row else str(len(self.rows) + 1)
        if not row_id:
            self.fault(line, gettext("The sku is empty. Give every product one."), where=ID_COLUMN)
        elif first := self.lines_by_id.get(row_id.casefold()):
            message = gettext(
                "The sku `{sku}` stands in line {line} already. Give every product its own.",
                sku=clipped(row_id),
                line=first,
            )
            self.fault(line, message, where=ID_COLUMN)
        self.lines_by_id.setdefault(row_id.casefold(), line)
        self.rows.append(Row(id=row_id, cells=row, line=line))
        return None


def _other_width(count: int, wanted: int) -> Text:
    """What to say of a line that has other cells than the first."""
    remedy = gettext("Add the missing cells.")
    if count > wanted:
        remedy = gettext("Put a cell that holds the delimiter in quotes.")
    return ngettext(
        "This line has {count} cell, the first line has {wanted}. {remedy}",
        "This line has {count} cells, the first line has {wanted}. {remedy}",
        count,
        wanted=wanted,
        remedy=remedy,
    )


def _unreadable(error: csv.Error) -> Text:
    if "field limit" in str(error):
        most = f"{csv.field_size_limit():,}"
        return gettext("A cell has more than {most} characters. Perhaps a quotation mark is not closed.", most=most)
    return gettext(
        "A quotation mark is not closed, or text follows the closing one. A cell that holds quotes stands in quotes,"
        ' with each of its own written twice: "a ""red"" mug".'
    )


def _delimiter(text: str) -> str:
    """The delimiter that the first line with text has most of: comma, semicolon or tab."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    if said := _SEPARATOR_LINE.fullmatch(header):
        return said[1]
    return max(",;\t", key=header.count)


def _plain(name: str) -> str:
    plain = "_".join("".join(c if c.isalnum() else " " for c in name).split())[:40]
    return plain if is_plain_name(plain) else f"column_{plain}"[:40]
