"""The rows of one sheet, as texts: numbers by their format, dates as ISO writes them, formulas by what was saved.

Knows how a sheet spells its cells; reads it once, as a stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time

from worker.job.table.grid import COLUMNS, Line, too_wide
from worker.job.table.number_formats import shown
from worker.job.table.workbook_parts import CellText, Form, Parts, Sheet
from worker.job.table.xml_parts import walk

_DIGITS = "0123456789"
_A = ord("A")


class SheetRows:
    """One sheet, being read."""

    def __init__(self, parts: Parts, sheet: Sheet) -> None:
        """Read nothing yet.

        Args:
            parts: of its workbook.
            sheet: of it.
        """
        self.hidden = 0
        """Hidden rows so far."""
        self.merged: list[str] = []
        """Ranges of merged cells so far, such as `A1:C1`."""
        self._parts = parts
        self._text = CellText(parts.budget)
        self._ready: list[Line] = []
        self._number = 0
        self._cells: dict[int, str] = {}
        self._dates: set[int] = set()
        self._formulas: set[int] = set()
        self._column = -1
        self._kind = "n"
        self._style = 0
        self._is_inline = self._is_formula = self._has_value = False
        self._columns: dict[str, int] = {}
        self._walk = self._walked(sheet.part)

    def lines(self) -> Iterator[Line]:
        """The lines that hold a value, or a formula without one.

        Raises:
            Misread: a line has a value beyond the last column that is read, or the workbook holds too much.
        """
        for _ in self._walk:
            ready, self._ready = self._ready, []
            yield from ready

    def read_on(self) -> None:
        """Read the rest, for its merged cells and hidden rows."""
        for _ in self.lines():
            pass

    def _walked(self, part: str) -> Iterator[None]:
        starts = {
            "row": self._row, "c": self._cell, "f": self._formula, "v": self._value, "is": self._inline,
            "t": self._inline_text, "rPh": self._text.hides, "mergeCell": self._merge,
        }  # fmt: skip
        ends = {
            "row": self._end_of_row, "c": self._end_of_cell, "v": self._text.closes, "is": self._end_of_inline,
            "t": self._text.closes, "rPh": self._text.shows,
        }  # fmt: skip
        return walk(self._parts.archive, part, self._parts.budget, starts=starts, ends=ends, text=self._text.add)

    def _row(self, attributes: Mapping[str, str]) -> None:
        named = attributes.get("r", "")
        self._number = max(int(named) if named.isdecimal() else 0, self._number + 1)
        self.hidden += attributes.get("hidden") in ("1", "true")
        self._cells, self._dates, self._formulas, self._column = {}, set(), set(), -1

    def _cell(self, attributes: Mapping[str, str]) -> None:
        named = attributes.get("r")
        self._column = self._position(named) if named else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", 0) or 0)
        self._is_formula = self._has_value = self._is_inline = False
        self._text.begin(attributes)

    def _position(self, reference: str) -> int:
        """Of a column, from 0, by a cell's reference such as `AB12`; one beyond all that are read is COLUMNS."""
        column = reference.rstrip(_DIGITS)
        if column not in self._columns:
            at = 0
            for letter in column[:4].upper():
                at = at * 26 + ord(letter) - _A + 1
            self._columns[column] = min(max(at - 1, 0), COLUMNS)
        return self._columns[column]

    def _formula(self, _: Mapping[str, str]) -> None:
        self._is_formula = True

    def _value(self, attributes: Mapping[str, str]) -> None:
        self._has_value = True
        self._text.opens(attributes)

    def _inline(self, _: Mapping[str, str]) -> None:
        self._is_inline = True

    def _end_of_inline(self) -> None:
        self._is_inline = False

    def _inline_text(self, attributes: Mapping[str, str]) -> None:
        if self._is_inline and self._kind == "inlineStr":
            self._text.opens(attributes)

    def _merge(self, attributes: Mapping[str, str]) -> None:
        self.merged.append(attributes.get("ref", ""))

    def _end_of_cell(self) -> None:
        raw = self._text.taken()
        value = self._meant(raw) if raw else ""
        if value.strip():
            if self._column >= COLUMNS:
                raise too_wide(self._number)
            self._cells[self._column] = value
        elif self._is_formula and not (self._kind == "str" and self._has_value):
            self._formulas.add(min(self._column, COLUMNS - 1))

    def _end_of_row(self) -> None:
        positions = {*self._cells, *self._formulas}
        if positions:
            cells = [self._cells.get(at, "") for at in range(max(positions) + 1)]
            line = Line(
                number=self._number, cells=cells, formulas=frozenset(self._formulas), dates=frozenset(self._dates)
            )
            self._ready.append(line)

    def _meant(self, raw: str) -> str:
        """A cell as its author sees it.

        Args:
            raw: as the part spells it.
        """
        match self._kind:
            case "s":
                return _plain(self._parts.texts[int(raw)])
            case "b":
                return "TRUE" if int(raw) else "FALSE"
            case "d":
                return self._as_date(datetime.fromisoformat(raw))
            case "n":
                return self._as_number(float(raw) if set(raw) & {".", "e", "E"} else int(raw))
            case "e":
                return raw
        return _plain(raw)

    def _as_number(self, number: float) -> str:
        forms = self._parts.forms
        form = forms[self._style] if self._style < len(forms) else Form()
        if not form.is_date:
            return shown(number, form.code)
        with suppress(OverflowError, ValueError):
            return self._as_date(self._parts.moment(number, form))
        return "#VALUE!"

    def _as_date(self, moment: object) -> str:
        """A date as ISO writes it; without a time of day where it has none."""
        if isinstance(moment, date):
            self._dates.add(self._column)
        if isinstance(moment, datetime):
            return moment.date().isoformat() if moment.time() == time() else moment.isoformat(" ", "minutes")
        return moment.isoformat() if isinstance(moment, date | time) else str(moment)


def _plain(text: str) -> str:
    return text.replace("_x000D_", "").replace("\r\n", "\n")
