"""The parts of a workbook that a sheet's cells refer to: its sheets, shared texts, and the formats of numbers.

openpyxl opens the workbook and says where its parts are; texts and formats are read as a stream.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from worker.job.table.xml_parts import LONGEST_CELL, Budget, walk
from worker.translation import gettext
from worker.yaml_reader.document import Misread

if TYPE_CHECKING:
    from openpyxl.reader.excel import ExcelReader

TREE_ELEMENTS = 50_000
"""Most elements of a part of which openpyxl builds a tree: the list of sheets and names."""
STYLE_ELEMENTS = 500_000
"""Of all styles; Excel itself keeps at most 65,490 of cells."""
LONGEST_FORMAT = 255
"""Characters, as Excel has it."""
_CONTENT_TYPES = "[Content_Types].xml"
_WORKBOOK_TYPES = ("sheet.main+xml", "template.main+xml", "sheet.macroEnabled.main+xml")
_USUAL_WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the number of a cell is shown."""

    code: str = ""
    is_date: bool = False
    is_duration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    is_visible: bool
    part: str
    """Its name in the archive."""


class Parts:
    """A workbook that is open."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Open it.

        Raises:
            Misread: it holds too much, or what no spreadsheet writes.
        """
        self.archive = archive
        self.budget = Budget()
        self._reader = self._opened()

    def _opened(self) -> ExcelReader:
        from openpyxl.reader.excel import ExcelReader

        self._measure(_CONTENT_TYPES)
        reader = ExcelReader(self.archive.fp, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        types = reader.package.Override
        named = [one.PartName.lstrip("/") for one in types if one.ContentType.endswith(_WORKBOOK_TYPES)]
        for part in {*named, _USUAL_WORKBOOK} & {*self.archive.namelist()}:
            folder, _, name = part.rpartition("/")
            self._measure(part)
            self._measure(f"{folder}/_rels/{name}.rels")
        reader.read_workbook()
        return reader

    def _measure(self, part: str) -> None:
        """Read a part for nothing but its size."""
        if part in self.archive.namelist():
            for _ in walk(self.archive, part, Budget(TREE_ELEMENTS), starts={}, ends={}):
                pass

    def moment(self, days: float, form: Form) -> object:
        """A date, a time of day or a duration, of the number that stands for it.

        Args:
            days: since the day from which the workbook counts.
            form: how it is shown.

        Raises:
            ValueError, OverflowError: there is no such day.
        """
        from openpyxl.utils.datetime import from_excel

        return from_excel(days, self._reader.wb.epoch, timedelta=form.is_duration)

    @cached_property
    def sheets(self) -> Sequence[Sheet]:
        """Those with cells, in their order."""
        there = {*self.archive.namelist()}
        return [
            Sheet(title=sheet.name, is_visible=sheet.state == "visible", part=rel.target)
            for sheet, rel in self._reader.parser.find_sheets()
            if rel.target in there and "chartsheet" not in rel.Type
        ]

    def _part_like(self, content_type: str) -> str | None:
        """The part of that kind; None where the workbook has none."""
        types = self._reader.package.Override
        named = (one.PartName.lstrip("/") for one in types if one.ContentType.endswith(content_type))
        return next((part for part in named if part in self.archive.namelist()), None)

    @cached_property
    def texts(self) -> Sequence[str]:
        """What cells refer to by number."""
        part = self._part_like("sharedStrings+xml")
        if part is None:
            return ()
        text = CellText(self.budget)
        found: list[str] = []
        starts = {"si": text.begin, "t": text.opens, "rPh": text.hides}
        ends = {"t": text.closes, "rPh": text.shows, "si": lambda: found.append(_shared(text.taken()))}
        for _ in walk(self.archive, part, self.budget, starts=starts, ends=ends, text=text.add):
            pass
        return found

    @cached_property
    def forms(self) -> Sequence[Form]:
        """How numbers are shown, by a cell's style."""
        part = self._part_like("styles+xml")
        if part is None:
            return ()
        codes: dict[str, str] = {}
        styles: list[str] = []
        is_in_cells = False

        def in_cells(_: Mapping[str, str]) -> None:
            nonlocal is_in_cells
            is_in_cells = True

        def behind_cells() -> None:
            nonlocal is_in_cells
            is_in_cells = False

        def style(attributes: Mapping[str, str]) -> None:
            if is_in_cells:
                styles.append(attributes.get("numFmtId", "0"))

        def code(attributes: Mapping[str, str]) -> None:
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")

        starts = {"numFmt": code, "cellXfs": in_cells, "xf": style}
        styled = Budget(STYLE_ELEMENTS)
        for _ in walk(self.archive, part, styled, starts=starts, ends={"cellXfs": behind_cells}):
            pass
        known = {number: _form(number, codes) for number in {*styles}}
        return [known[number] for number in styles]


def _shared(text: str) -> str:
    """A shared text, in which `_x005F_` stands for an underscore before what would be read as an escape."""
    return text.replace("x005F_", "")


def _form(number: str, codes: Mapping[str, str]) -> Form:
    from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format

    code = codes.get(number)
    if code is None:
        code = builtin_format_code(int(number)) or ""
    if len(code) > LONGEST_FORMAT:
        return Form()
    return Form(code=code, is_date=is_date_format(code), is_duration=is_timedelta_format(code))


class CellText:
    """The text of one cell after the other, in runs of several formats or in one; readings above it are left out."""

    def __init__(self, budget: Budget) -> None:
        """Begin with none.

        Args:
            budget: of the workbook.
        """
        self._budget = budget
        self._pieces: list[str] = []
        self._length = 0
        self._is_open = self._is_hidden = False

    def begin(self, _: Mapping[str, str]) -> None:
        """Another cell."""
        self._pieces, self._length = [], 0
        self._is_open = self._is_hidden = False

    def opens(self, _: Mapping[str, str]) -> None:
        """What follows is of the cell."""
        self._is_open = not self._is_hidden

    def closes(self) -> None:
        """What follows is not."""
        self._is_open = False

    def hides(self, _: Mapping[str, str]) -> None:
        """What follows says how the text is pronounced."""
        self._is_hidden = True

    def shows(self) -> None:
        """That is over."""
        self._is_hidden = False

    def add(self, text: str) -> None:
        """A piece of it.

        Raises:
            Misread: the cell has become too long, or all of them together.
        """
        if not self._is_open:
            return
        self._pieces.append(text)
        self._length += len(text)
        self._budget.take_text(len(text))
        if self._length > LONGEST_CELL:
            raise Misread(
                gettext(
                    "A cell of this workbook has more than {most} characters, and begins with `{text}`. Shorten it.",
                    most=f"{LONGEST_CELL:,}",
                    text=self._pieces[0][:20],
                )
            )

    def taken(self) -> str:
        """The whole text."""
        return "".join(self._pieces)
