"""What is found in prompts, and where: the same cause is told once, with how many places have it.

Knows places in a job file and in a table; knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from worker.problem import EXAMPLES, Problem
from worker.translation import Text
from worker.yaml_reader.document import Fault, Path, clipped, where

LOOKED_AT = 4_000
"""Characters of a text that are searched: more than a model reads."""


class Row(Protocol):
    """A product, as far as prompts go."""

    @property
    def id(self) -> str:
        """Names it."""
        ...

    @property
    def values(self) -> Mapping[str, str]:
        """By placeholder, what fills it."""
        ...

    @property
    def line(self) -> int:
        """Of the table, 1-based."""
        ...


class Table(Protocol):
    """The products of a job, as far as prompts go."""

    @property
    def file(self) -> str:
        """Name to show."""
        ...

    @property
    def placeholders(self) -> Mapping[str, str]:
        """Columns by what stands in braces."""
        ...

    @property
    def rows(self) -> Sequence[Row]:
        """Every product."""
        ...


def names_of(table: Table) -> Sequence[str]:
    """What a placeholder may be called by its columns."""
    return tuple(table.placeholders)


def cell_of(row: Row, name: str) -> str:
    """What fills such a placeholder.

    Args:
        row: a product.
        name: as it stands in braces.
    """
    return row.values.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A place in a table."""

    file: str
    line: int
    column: str
    row_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with one text."""

    rule: str
    cause: str
    """Findings of one rule and cause are told once."""
    message: Text
    remedy: Text
    found: str = ""
    """The part of the text that it is about, where it is one."""
    at_key: bool = False
    """Point at the key instead of its value."""


@dataclass(slots=True)
class _Told:
    finding: Finding
    places: dict[tuple[Path | Cell, str], None] = field(default_factory=dict)
    """With the name of the picture, where one place makes several."""


class Findings:
    """Gathers findings; gives a warning for each cause."""

    def __init__(self) -> None:
        self._job: dict[tuple[str, str], _Told] = {}
        self._table: dict[tuple[str, str], _Told] = {}

    def add(self, found: Iterable[Finding], place: Path | Cell, *, named: str = "") -> None:
        """Keep what was found in one place; of equal causes the words of the first.

        Args:
            found: in that place.
            place: a path of the job file, or a cell.
            named: the picture, where the place is the template of several.
        """
        told = self._table if isinstance(place, Cell) else self._job
        for finding in found:
            told.setdefault((finding.rule, finding.cause), _Told(finding)).places.setdefault((place, named))

    def faults(self) -> list[Fault]:
        """Warnings of the job file."""
        return [_fault(told) for told in self._job.values()]

    def problems(self) -> list[Problem]:
        """Warnings of the table."""
        return [_problem(told) for told in self._table.values()]


def _fault(told: _Told) -> Fault:
    finding, ((path, _), *_) = told.finding, told.places
    assert isinstance(path, tuple)
    return Fault(
        path=path,
        at_key=finding.at_key,
        message=finding.message,
        remedy=finding.remedy,
        rule=finding.rule,
        is_warning=True,
        count=len(told.places),
        examples=_examples(told),
    )


def _problem(told: _Told) -> Problem:
    finding, ((cell, _), *_) = told.finding, told.places
    assert isinstance(cell, Cell)
    return Problem(
        file=cell.file,
        line=cell.line,
        column=1,
        where=cell.column,
        message=finding.message,
        remedy=finding.remedy,
        rule=finding.rule,
        is_warning=True,
        count=len(told.places),
        examples=_examples(told),
    )


def _examples(told: _Told) -> tuple[str, ...]:
    if len(told.places) == 1:
        return ()
    named = (
        clipped(name or (place.row_id if isinstance(place, Cell) else where(place))) for place, name in told.places
    )
    return tuple(name for name, _ in zip(named, range(EXAMPLES), strict=False))
