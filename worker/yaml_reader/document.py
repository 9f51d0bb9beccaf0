"""A YAML file as plain text with positions.

A fault names a path of keys and list positions; here it gets its line and column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from worker.problem import Problem
from worker.problem import clipped as clipped  # noqa: PLC0414 - part of this module for its many callers
from worker.translation import Text

Path = tuple[str | int, ...]
"""Keys and 0-based list positions, from the document's top."""

Data = str | list["Data"] | dict[str, "Data"]
"""What a YAML file holds; every scalar is the author's text."""


class Place(NamedTuple):
    """Where something stands, both 1-based; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong (or pointless) at a path of a document; a Problem that has no position yet."""

    path: Path
    message: Text
    at_key: bool = False
    """Point at the key instead of its value."""
    is_warning: bool = False
    rule: str = ""
    remedy: str = ""
    """Both as in a Problem."""
    count: int = 1
    examples: tuple[str, ...] = ()


class Misread(Exception):
    """Raised when a file cannot be read (on); the problem it becomes ends the reading."""

    def __init__(self, message: Text, place: Place | None = None, *, rule: str = "", remedy: str = "") -> None:
        """Keep what to say.

        Args:
            message: what is wrong and, without a remedy, what to do.
            place: where; None for the file as a whole.
            rule: as in a Problem.
            remedy: as in a Problem.
        """
        super().__init__(message)
        self.message = message
        self.place = place
        self.rule = rule
        self.remedy = remedy

    def problem(self, file: str) -> Problem:
        """The same as a problem of that file."""
        line, column = self.place or (0, 0)
        return Problem(
            file=file, line=line, column=column, where="", message=self.message, rule=self.rule, remedy=self.remedy
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file whose top is a mapping."""

    file: str
    data: dict[str, Data]
    problems: tuple[Problem, ...] = ()
    """What was found while reading and did not stop it: a key written twice, a key without a value, an alias, ...; and,
    as warnings, what is not as it should be written and was read as it is meant."""
    raw_lines: frozenset[int] = frozenset()
    """Lines with an error in the raw text: all else that is found there may be its consequence."""
    values: Mapping[Path, Place] = field(default_factory=dict)
    """Where each value stands."""
    keys: Mapping[Path, Place] = field(default_factory=dict)
    """Where each key stands."""
    written: Mapping[Path, Path] = field(default_factory=dict)
    """As the author wrote it, each path whose keys were put into the language's own words."""

    def place(self, path: Path, *, at_key: bool = False) -> Place:
        """Where the value (or its key) stands; for a path that is not there, the nearest parent's key.

        Args:
            path: of the value, from the document's top.
            at_key: of its key instead.
        """
        if path in self.values and not at_key:
            return self.values[path]
        while path and path not in self.keys:
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return self.keys.get(path, Place(1, 1))

    def as_written(self, path: Path) -> Path:
        """The path in the author's words; the end of one that is not there stays in the language's."""
        known = next((at for at in range(len(path), 0, -1) if path[:at] in self.written), 0)
        return (*self.written.get(path[:known], ()), *path[known:])

    def problem(self, fault: Fault) -> Problem:
        """The fault with its position."""
        place = self.place(fault.path, at_key=fault.at_key)
        return Problem(
            file=self.file,
            line=place.line,
            column=place.column,
            where=where(self.as_written(fault.path)),
            message=fault.message,
            is_warning=fault.is_warning,
            rule=fault.rule,
            remedy=fault.remedy,
            count=fault.count,
            examples=fault.examples,
        )


def where(path: Path) -> str:
    """The path as people read it; list positions count from 1, as shots do: `shots[2].size`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{clipped(part)}" for part in path)
    return "".join(parts).removeprefix(".")
