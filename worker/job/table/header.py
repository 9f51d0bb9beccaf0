"""The header of a table: which line names the columns, and how a column's name is written in braces."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.job.placeholders import is_plain_name
from worker.job.table.cells import without_invisible
from worker.job.table.findings import Findings
from worker.job.table.grid import Line
from worker.job.table.id_names import OBVIOUS, is_plainly_an_id, rank_of
from worker.plain_names import composed
from worker.translation import gettext
from worker.yaml_reader.document import clipped

LONGEST_NAME = 60
"""Of a column; what is longer is a text."""
LONGEST_ID_NAME = 20
"""Of a column with ids, where its name stands once more among the ids."""
TITLE_LINES = 10
"""How far down the line is looked for that names the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a table."""

    line: int
    names: tuple[str, ...]
    """By position, each once: a second of a name is called `name (2)`, one without a name `column 3`."""
    nameless: frozenset[str] = frozenset()
    """Those whose header is blank."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """By what stands in braces: the column, `Product_Title` for `Product Title`."""
    twice: frozenset[str] = frozenset()
    """What could be in braces, but stands for several columns."""
    cells: tuple[str, ...] = ()
    """As written, without what nobody sees."""

    @property
    def last(self) -> int:
        """Position of the last column that has a name."""
        return max(at for at, name in enumerate(self.names) if name not in self.nameless)

    def is_repeated_in(self, line: Line) -> bool:
        """Whether a line names the columns once more: the same names, or an id column's name where ids stand."""
        if cleaned(line.cells[0]).casefold() == self.cells[0].casefold():
            return [cleaned(cell).casefold() for cell in line.cells] == [cell.casefold() for cell in self.cells]
        at = self.id_at
        cell = line.cells[at] if at is not None and at < len(line.cells) else ""
        rank = rank_of(cell) if 0 < len(cell) <= LONGEST_ID_NAME and not any(map(str.isdigit, cell)) else None
        return rank is not None and rank <= OBVIOUS

    @property
    def id_at(self) -> int | None:
        """Position of the first column whose name means nothing but an id."""
        return next((at for at, cell in enumerate(self.cells) if is_plainly_an_id(cell)), None)


def in_braces(name: str) -> str:
    """How a column's name is written in braces: itself where it is plain, else with `_` for all else.

    Returns:
        A plain name: `Body_HTML` for `Body (HTML)`, `column_2nd` for `2nd`.
    """
    if is_plain_name(name):
        return name
    plain = "_".join("".join(c if c.isalnum() else " " for c in name).split())[:40]
    return plain if is_plain_name(plain) else f"column_{plain}"[:40]


def loosely(name: str) -> str:
    """A column's name as people take it for the same: `product_title`, `Product Title` and `PRODUCT-TITLE` are one."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LMN")


def with_near_names(header: Header, asked: Collection[str]) -> Header:
    """The header with a column for each name that is written otherwise, where it can stand for one column only.

    Args:
        header: of the table.
        asked: names in braces that a column must fill.
    """
    near: dict[str, set[str]] = {}
    for column in header.placeholders.values():
        near.setdefault(loosely(column), set()).add(column)
    found = {name: near.get(loosely(name) or name, set()) for name in sorted(set(asked) - header.placeholders.keys())}
    one = {name: min(columns) for name, columns in found.items() if len(columns) == 1}
    return replace(header, placeholders={**header.placeholders, **one})


def cleaned(name: str) -> str:
    """A column's name without what nobody sees, on one line, in the composed form of its letters."""
    return " ".join(composed(without_invisible(name)).split())


def header_at(lines: Sequence[Line], used: Collection[str], findings: Findings) -> int | None:
    """Position of the line that names the columns.

    Args:
        lines: of the table, at least one.
        used: placeholders of the job.
        findings: gets a warning of titles that are passed over, or the fault that the first line names nothing.

    Returns:
        0, more where titles stand above, None with a fault.
    """
    wanted = {loosely(name) for name in used}
    scores = [_known(line, wanted) for line in lines[:TITLE_LINES]]
    best = max(scores)
    for at, line in enumerate(lines[:TITLE_LINES]):
        is_narrower = all(_filled(above) < _filled(line) for above in lines[:at])
        if not best or scores[at] != best or (at and best < 2 and not is_narrower):
            continue
        if at:
            _tell_titles(lines[0], line, findings)
        return at
    if not any(cleaned(cell) for cell in lines[0].cells):
        findings.fault(lines[0].number, gettext("This line names no column. Write names such as `sku,subject,colour`."))
        return None
    if _filled(lines[0]) == 1 and len(lines) > 1 and _filled(lines[1]) > 1:
        message = gettext(
            "This line has one cell, the next has {number}. If it is a title, remove it: the first line names the"
            " columns, such as `sku,subject,colour`.",
            number=_filled(lines[1]),
        )
        findings.fault(lines[0].number, message)
        return None
    return 0


def _tell_titles(title: Line, line: Line, findings: Findings) -> None:
    message = gettext(
        "Line {line} is read as the names of the columns; what stands above it, `{title}`, as a title.",
        line=line.number,
        title=clipped(next(cell for cell in title.cells if cell.strip())),
    )
    remedy = gettext("Remove the lines above the columns' names.")
    findings.warn("table.title_lines", title.number, message, remedy=remedy)


def _filled(line: Line) -> int:
    return sum(bool(cell.strip()) for cell in line.cells)


def _known(line: Line, wanted: set[str]) -> int:
    """How many names a line has that a job uses, and one more where a name means an id."""
    names = [cleaned(cell) for cell in line.cells if cell.strip() and len(cell) <= LONGEST_NAME]
    used = {loosely(name) for name in names} & wanted
    return len(used) + any(rank_of(name) is not None for name in names)


def header_of(line: Line) -> Header:
    """The columns that a line names."""
    cells = [cleaned(cell) for cell in line.cells]
    names = _each_once(cells)
    plain = {cell for cell in cells if is_plain_name(cell)}
    braces: dict[str, str] = {}
    twice: set[str] = set()
    for cell, name in zip(cells, names, strict=True):
        written = in_braces(cell)
        if not cell or (written in plain and written != cell):
            continue  # `{colour_code}` means the column of that very name, not `colour code`
        if written in braces:
            twice.add(written)
        braces.setdefault(written, name)
    nameless = frozenset(name for cell, name in zip(cells, names, strict=True) if not cell)
    return Header(
        line=line.number,
        names=tuple(names),
        nameless=nameless,
        placeholders=braces,
        twice=frozenset(twice),
        cells=tuple(cells),
    )


def _each_once(cells: Sequence[str]) -> list[str]:
    """A name for each column that no other has, however many are called alike."""
    copies: dict[str, int] = {}
    taken: set[str] = set()
    names = []
    for number, cell in enumerate(cells, start=1):
        name, copy = cell or f"column {number}", copies.get(cell, 2)
        while name in taken:
            name, copy = f"{cell} ({copy})", copy + 1
        copies[cell] = copy
        taken.add(name)
        names.append(name)
    return names
