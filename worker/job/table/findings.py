"""What is found in a table: each cause once where it is in many rows, with a count and three examples."""

from __future__ import annotations

from dataclasses import replace

from worker.problem import EXAMPLES, Problem
from worker.translation import Text
from worker.yaml_reader.document import clipped
from worker.yaml_reader.grouping import grouped_if_many

MAX_FAULTS = 100
"""Most causes that are told."""


class Findings:
    """Keeps faults and warnings of one file."""

    def __init__(self, file: str) -> None:
        """Begin with none.

        Args:
            file: name to show in problems.
        """
        self.file = file
        self.is_workbook = False
        """Whether places are told as spreadsheets call them."""
        self.separator = ","
        """What parts the cells of a line."""
        self._faults: list[Problem] = []
        self._warnings: dict[tuple[str, str], Problem] = {}

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """In the order in which they were met."""
        return tuple(self._warnings.values())

    @property
    def problems(self) -> list[Problem]:
        """The faults, those of one cause as one where they are many."""
        return grouped_if_many(self._faults)[:MAX_FAULTS]

    @property
    def has_faults(self) -> bool:
        """Whether the table must not be used."""
        return bool(self._faults)

    def fault(
        self, line: int, message: Text, *, where: str = "", column: int = 1, rule: str = "", remedy: str = ""
    ) -> None:
        """Keep a fault.

        Args:
            line: 1-based, of the file or sheet.
            message: what is wrong; with what to do, where `remedy` does not say it.
            where: the column's name, or the cell's.
            column: 1-based, in characters.
            rule: dotted name for programs, if it has one.
            remedy: what to do.
        """
        self._faults.append(
            Problem(file=self.file, line=line, column=column, where=where, message=message, rule=rule, remedy=remedy)
        )

    def warn(
        self,
        rule: str,
        line: int,
        message: Text,
        *,
        remedy: Text,
        where: str = "",
        example: str = "",
        group: str | None = None,
    ) -> None:
        """Keep a warning; another of the same rule and place in the table is only counted.

        Args:
            rule: dotted name for programs.
            line: 1-based.
            message: of the first such place.
            remedy: what to do.
            where: the column's name, or the cell's; the empty text for the table as a whole.
            example: what stands there, for the first three.
            group: the column's name, where `where` is a cell's.
        """
        key = (rule, where if group is None else group)
        examples = (clipped(example),) if example else ()
        if earlier := self._warnings.get(key):
            both = tuple(dict.fromkeys((*earlier.examples, *examples)))[:EXAMPLES]
            self._warnings[key] = replace(earlier, count=earlier.count + 1, examples=both)
            return
        self._warnings[key] = Problem(
            file=self.file, line=line, column=1, where=where, message=message, is_warning=True, rule=rule,
            remedy=remedy, examples=examples,
        )  # fmt: skip
