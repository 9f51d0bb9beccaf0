"""A grid: lines of cells as a spreadsheet shows them, from a text file or a sheet of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


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
