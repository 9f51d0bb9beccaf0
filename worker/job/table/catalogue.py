"""The products of a job: a row each, as its table has them and as placeholders are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One product."""

    id: str
    """What its id column holds, or its number, counted from 1."""
    cells: Mapping[str, str]
    """By column, text exactly as written."""
    line: int
    """Of the file, 1-based."""
    mended: Mapping[str, str] = field(default_factory=dict)
    """By column, what is meant where the text as written is not: `00123` for `="00123"`."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """Columns by what stands in braces."""

    @property
    def values(self) -> dict[str, str]:
        """By placeholder, what fills it; `sku` is the row's id, whatever its column is called."""
        cells = {**self.cells, **self.mended}
        return {name: cells[column] for name, column in self.placeholders.items()} | {"sku": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All products, in the file's order."""

    file: str
    """Name to show in problems."""
    columns: tuple[str, ...]
    """As results name them: each once, those without a name and a value left out."""
    rows: tuple[Row, ...]
    warnings: tuple[Problem, ...] = ()
    """What was mended, guessed, or may not be meant."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """Columns by what stands in braces: `Product_Title` for `Product Title`; `{id}` is the id already."""
    id_column: str = ""
    """The column with the ids; empty where rows are numbered."""
    delimiter: str = ","
    """What parts the cells of a line in the shop's own table."""
