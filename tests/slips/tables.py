"""Product tables as files: the encodings, delimiters and line ends in which spreadsheets write them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace

from slips.drops import TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it stands in a spreadsheet, and how it is saved."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    name: str = TABLE
    delimiter: str = ","
    encoding: str = "utf-8"
    """As Python calls it; `utf-8-sig` has a mark."""
    newline: str = "\r\n"

    @property
    def text(self) -> str:
        """The file's text."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline).writerows([self.columns, *self.rows])
        return out.getvalue()

    @property
    def data(self) -> bytes:
        """The file."""
        return self.text.encode(self.encoding)

    def column(self, name: str) -> int:
        """Where a column stands, from 0."""
        return self.columns.index(name)

    def renamed(self, old: str, new: str) -> Table:
        """Another name over a column."""
        return replace(self, columns=tuple(new if name == old else name for name in self.columns))

    def with_column(self, name: str, value: str, *, at: int | None = None) -> Table:
        """One more column, with the same value in each row; the last one unless told otherwise."""
        at = len(self.columns) if at is None else at

        def more(cells: tuple[str, ...], cell: str) -> tuple[str, ...]:
            return (*cells[:at], cell, *cells[at:])

        return replace(self, columns=more(self.columns, name), rows=tuple(more(row, value) for row in self.rows))

    def with_cell(self, row: int, column: str, value: str) -> Table:
        """Another value in one cell; rows count from 0."""
        at = self.column(column)
        changed = (*self.rows[row][:at], value, *self.rows[row][at + 1 :])
        return replace(self, rows=(*self.rows[:row], changed, *self.rows[row + 1 :]))
