"""Mending: cells of used columns as they were meant before a spreadsheet had them; what cannot be mended is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from worker.job.table import cells as spoilt
from worker.job.table.column_checks import columns_used
from worker.job.table.error_names import is_sum
from worker.job.table.findings import Findings
from worker.job.table.grid import Line, letters
from worker.job.table.header import Header
from worker.job.table.id_column import id_of
from worker.job.table.verdicts import (
    NEVER_SAVED,
    as_date,
    as_escaped,
    as_no_product,
    as_number,
    as_replaced,
    without_value,
)
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

UNUSED = "\0unused"
"""Stands for all columns that nobody uses; no column can be called so."""
MOSTLY = 0.5
"""From this share of a column's cells on, dates are what the column holds."""


class Mending:
    """Goes through the rows of one table."""

    def __init__(
        self,
        header: Header,
        rows: Sequence[Sequence[str]],
        findings: Findings,
        *,
        used: Collection[str] | None,
        id_at: int | None,
    ) -> None:
        """Learn which columns matter, and which hold dates.

        Args:
            header: of the table.
            rows: every product, as cells by position.
            findings: gets what is wrong.
            used: the job's placeholders, or None.
            id_at: position of the id column, or None.
        """
        self.header = header
        self.findings = findings
        self.id_at = id_at
        self.used = columns_used(header, used, id_at)
        self.of_dates = {at for at in self.used if at != id_at and self._holds_dates(rows, at)}

    def _holds_dates(self, rows: Sequence[Sequence[str]], at: int) -> bool:
        """Whether dates are what a column is for, so that one in it is no accident."""
        if spoilt.speaks_of_dates(self.header.names[at]):
            return True
        if spoilt.speaks_of_sizes(self.header.names[at]):
            return False
        filled = [cells[at] for cells in rows if cells[at].strip()]
        dates = sum(map(spoilt.is_long_date, filled))
        return dates > MOSTLY * len(filled)

    def id_of(self, line: Line, cells: Sequence[str], *, number: int) -> str:
        """The id of a row.

        Args:
            line: its place.
            cells: by position.
            number: of the row, from 1, which is its id where no column has one.
        """
        if self.id_at is None:
            return str(number)
        cell = cells[self.id_at]
        return id_of(self._meant(cell, line, self.id_at) if _is_spoilt(cell) else cell)

    def mended(self, line: Line, cells: Sequence[str]) -> dict[str, str]:
        """By column, the cells that mean something else than is written; faults and warnings on the way.

        Args:
            line: the row's place.
            cells: by position.
        """
        found = {}
        texts = self.used - {self.id_at}
        if (
            len(texts) > 1
            and self.id_at is not None
            and not any(cells[at].strip() for at in texts)
            and not line.formulas
            and not is_sum(cells[self.id_at].strip())  # told by its name
        ):
            self._tell_empty(line, cells)
        for at, cell in enumerate(cells):
            if not cell and at not in line.formulas:
                continue
            if at in self.used:
                self._check(line, at, cell)
                meant = self._meant(cell, line, at, tells=at != self.id_at) if _is_spoilt(cell) else cell
                if meant != cell or not cell.strip():
                    found[self.header.names[at]] = meant if meant.strip() else ""
            elif cell[:1] == "#" and spoilt.damage(cell) in ("error", "hashes"):
                self._tell(line, at, cell)
        return found

    def _meant(self, cell: str, line: Line, at: int, *, tells: bool = True) -> str:
        """The cell without what a spreadsheet or a web page put around it or into it."""
        inner = spoilt.quoted(cell, is_id=at == self.id_at)
        if inner is not None:
            if tells:
                message = gettext("`{cell}` was read as `{inner}`.", cell=clipped(cell), inner=clipped(inner))
                remedy = gettext("To be sure, write such cells without `=` and quotes, in a column formatted as text.")
                self._warn("table.spoilt_cell", line, at, cell, message, remedy)
            return inner
        meant = spoilt.visible(cell)
        if meant != cell and tells and cell.strip():
            code = f"U+{ord(spoilt.first_invisible(cell)):04X}"
            message = gettext(
                "`{cell}` holds a character that nobody sees, {code}. It was left out.", cell=clipped(meant), code=code
            )
            remedy = gettext("Type the cell anew rather than pasting it.")
            self._warn("table.invisible", line, at, meant, message, remedy)
        return meant

    def _check(self, line: Line, at: int, cell: str) -> None:
        """Refuse, or tell, what cannot be mended in a column that is used."""
        kind = spoilt.damage(cell)
        found = NEVER_SAVED if at in line.formulas else without_value(cell, kind)
        found = found or as_number(cell, kind, is_id=at == self.id_at)
        if not found and at not in self.of_dates and (kind == "date" or at in line.dates or spoilt.is_long_date(cell)):
            found = as_date(cell)
        found = found or as_escaped(cell) or as_replaced(cell)
        if at == self.id_at:
            found = found or as_no_product(cell)
        if found and found.is_fault:
            self.findings.fault(
                line.number, found.message, where=self._where(line, at), rule=found.rule, remedy=found.remedy
            )
        elif found:
            self._warn(found.rule, line, at, cell, found.message, found.remedy)

    def _tell_empty(self, line: Line, cells: Sequence[str]) -> None:
        message = gettext("This line has no cell that the job uses, as a sum below a table has none.")
        remedy = gettext("Remove the line, or fill it.")
        example = next((cell for cell in cells if cell.strip()), "")
        self.findings.warn("table.empty_line", line.number, message, remedy=remedy, example=example)

    def _tell(self, line: Line, at: int, cell: str) -> None:
        """Tell what is wrong in columns that nobody uses, once for all of them."""
        message = gettext(
            "`{cell}` stands where a spreadsheet had no value to show; the job does not use this column.",
            cell=clipped(cell),
        )
        self.findings.warn(
            "table.spoilt_cell", line.number, message, remedy=gettext("Write the value that is meant."),
            where=self._where(line, at), example=cell, group=UNUSED,
        )  # fmt: skip

    def _where(self, line: Line, at: int) -> str:
        name = self.header.names[at]
        return f"{name} ({letters(at)}{line.number})" if self.findings.is_workbook else name

    def _warn(self, rule: str, line: Line, at: int, cell: str, message: Text, remedy: Text) -> None:
        where, name = self._where(line, at), self.header.names[at]
        self.findings.warn(rule, line.number, message, remedy=remedy, where=where, example=cell, group=name)


def _is_spoilt(cell: str) -> bool:
    return "=" in cell[:4] or cell[:1] == "'" or bool(spoilt.first_invisible(cell)) or not cell.strip()
