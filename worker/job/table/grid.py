"""A grid: lines of cells as a spreadsheet shows them, from a text file or a sheet of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from worker.translation import gettext
from worker.yaml_reader.document import Misread, Place

COLUMNS = 1_000
"""Most columns that are read; shops' exports have up to 300."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that is not blank."""

    number: int
    """1-based, as an editor or a spreadsheet counts; of its first line, where a cell holds line breaks."""
    cells: Sequence[str]
    formulas: frozenset[int] = field(default=frozenset())
    """Positions, from 0, of formulas whose value was never saved."""
    dates: frozenset[int] = field(default=frozenset())
    """Positions, from 0, of cells that a workbook holds as dates."""


def letters(position: int) -> str:
    """A column as spreadsheets call it: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def too_wide(line: int) -> Misread:
    """What to say of a line that has a value beyond the last column that is read.

    Args:
        line: 1-based.
    """
    message = gettext(
        "Line {line} reaches beyond {most} columns. Remove what stands far to the right, formats too.",
        line=line,
        most=f"{COLUMNS:,}",
    )
    return Misread(message, Place(line, 1))


def narrowed(lines: list[Line]) -> list[Line]:
    """The lines without the blank cells to the right of all values, where there are more columns than are read.

    Raises:
        Misread: one has a value there.
    """
    if all(len(line.cells) <= COLUMNS for line in lines):
        return lines
    for line in lines:
        if any(cell.strip() for cell in line.cells[COLUMNS:]):
            raise too_wide(line.number)
    return [replace(line, cells=line.cells[:COLUMNS]) for line in lines]
