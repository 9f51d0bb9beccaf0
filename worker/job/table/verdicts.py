"""Verdicts on single cells: whether what a spreadsheet did to one is refused or told, and with which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from worker.job.table import cells as spoilt
from worker.job.table.error_names import is_sum
from worker.job.table.escapes import escape_in
from worker.job.table.id_names import is_plainly_an_id
from worker.job.table.mojibake import what_is_lost
from worker.lazy_patterns import LazyPattern
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

_REPLACED = LazyPattern(r"(?<=[^\W\d_])\?+(?=[^\W\d_])|(?<!\S)\?{2,}(?=\w)")


class Verdict(NamedTuple):
    """What is wrong with a cell, and what to do."""

    is_fault: bool
    """Whether it is refused; else it is told."""
    rule: str
    message: Text
    remedy: Text


NEVER_SAVED = Verdict(
    True,
    "table.formula",
    gettext("This cell is a formula whose value was never saved."),
    gettext("Open the workbook in Excel, WPS or LibreOffice and save it, or paste the values."),
)


def _absent(cell: str) -> Text:
    return gettext("`{cell}` says that there is no value; here it is a word.", cell=clipped(cell))


def _ditto(cell: str) -> Text:
    return gettext("`{cell}` only points to another cell; here it is a word.", cell=clipped(cell))


def _boolean(cell: str) -> Text:
    return gettext("`{cell}` is a spreadsheet's yes or no; here it is a word.", cell=clipped(cell))


def _listed(cell: str) -> Text:
    return gettext("`{cell}` is a list as programs write it; here it is part of the text.", cell=clipped(cell))


def _within(cell: str) -> Text:
    return gettext("`{cell}` holds what a spreadsheet shows in the place of a value.", cell=clipped(cell))


_WRITE_OR_EMPTY = gettext("Leave the cell empty, or write the value that is meant.")
_WORDLESS: Mapping[str, tuple[Callable[[str], Text], Text]] = {
    "absent": (_absent, _WRITE_OR_EMPTY),
    "ditto": (_ditto, gettext("Write the value itself: each row is read by itself.")),
    "boolean": (_boolean, _WRITE_OR_EMPTY),
    "within": (_within, gettext("Write the value that is meant.")),
    "list": (_listed, gettext("Write the words alone, without brackets and quotation marks.")),
}
"""What is said, and what to do, of cells that hold no word of a picture."""


def without_value(cell: str, kind: spoilt.Damage | None) -> Verdict | None:
    """A cell that stands for a value it has not: an error, a formula, lost characters.

    Args:
        cell: as it was read.
        kind: what was done to it.
    """
    if kind in ("error", "hashes"):
        message = gettext("`{cell}` stands where a spreadsheet had no value to show.", cell=clipped(cell))
        return Verdict(True, "table.spoilt_cell", message, gettext("Write the value that is meant."))
    if kind == "leftover":
        message = gettext("`{cell}` is what a program writes for no value; here it is a word.", cell=clipped(cell))
        return Verdict(False, "table.spoilt_cell", message, _WRITE_OR_EMPTY)
    if kind is not None and kind in _WORDLESS:
        said, what_to_do = _WORDLESS[kind]
        return Verdict(False, "table.spoilt_cell", said(cell), what_to_do)
    if kind == "formula":
        message = gettext("`{cell}` is a formula, not its value.", cell=clipped(cell))
        remedy = gettext("Save the table with the values: in Excel, copy and paste as values, then save.")
        return Verdict(True, "table.formula", message, remedy)
    if (lost := what_is_lost(cell)) is not None:
        return Verdict(True, "table.mojibake", lost, gettext("Write the cell anew, and save as CSV UTF-8."))
    return None


def as_no_product(cell: str) -> Verdict | None:
    """What stands where an id does in a line that is no product: a sum, or the columns' names in another language.

    Args:
        cell: of the column with the ids.
    """
    if is_sum(cell.strip()):
        message = gettext("`{cell}` is what a sum below a table is called, and no id.", cell=clipped(cell))
        return Verdict(False, "table.empty_line", message, gettext("Remove the line."))
    if cell.strip() and is_plainly_an_id(cell):
        message = gettext("`{cell}` is the name of a column, and no id.", cell=clipped(cell))
        return Verdict(False, "table.repeated_header", message, gettext("Remove the line."))
    return None


def as_replaced(cell: str) -> Verdict | None:
    """Question marks where letters were, as programs write them for those that an encoding has not: `Gr?n`, `??杯`.

    Args:
        cell: as it was read.
    """
    if "?" not in cell or not _REPLACED.search(cell) or "/" in cell or "=" in cell:
        return None
    message = gettext("In `{cell}` a question mark stands where a letter may have been lost.", cell=clipped(cell))
    return Verdict(False, "table.mojibake", message, gettext("Write the cell anew, and save as CSV UTF-8."))


def as_escaped(cell: str) -> Verdict | None:
    """A cell that spells a character as web pages or programs do."""
    found = escape_in(cell)
    if not found:
        return None
    spelt, meant = found
    message = gettext(
        "`{spelt}` in `{cell}` is how web pages and programs spell one character; here it is part of the text.",
        spelt=clipped(spelt),
        cell=clipped(cell),
    )
    remedy = gettext("Leave it out; blanks and ends of lines need no spelling.")
    if meant.strip() and meant.isprintable():
        message = gettext(
            "`{spelt}` in `{cell}` is how web pages and programs spell `{meant}`; here it is part of the text.",
            spelt=clipped(spelt),
            cell=clipped(cell),
            meant=clipped(meant),
        )
        remedy = gettext("Write `{meant}`.", meant=clipped(meant))
    return Verdict(False, "table.escaped", message, remedy)


def as_number(cell: str, kind: spoilt.Damage | None, *, is_id: bool) -> Verdict | None:
    """A long number that a spreadsheet shortened; digits of an id are lost for good.

    Args:
        cell: as it was read.
        kind: what was done to it.
        is_id: whether the cell names a product.
    """
    remedy = gettext("Format the column as text, write the numbers anew in full, and save.")
    if kind == "scientific":
        message = gettext("`{cell}` is what a spreadsheet makes of a long number: digits are lost.", cell=clipped(cell))
        return Verdict(is_id, "table.spoilt_cell", message, remedy)
    if kind == "rounded" and is_id:
        message = gettext(
            "`{cell}` ends in zeros after its 15th digit, as a spreadsheet rounds long numbers.", cell=clipped(cell)
        )
        return Verdict(False, "table.spoilt_cell", message, remedy)
    if kind == "decimal" and is_id:
        message = gettext("`{cell}` is what programs make of a whole number when a cell of it is empty.", cell=cell)
        return Verdict(False, "table.spoilt_cell", message, remedy)
    return None


def as_date(cell: str) -> Verdict:
    """A date that was something else.

    Args:
        cell: as it was read.
    """
    message = gettext(
        "`{cell}` looks like a date that a spreadsheet made of something else, such as a size or an id.",
        cell=clipped(cell),
    )
    remedy = gettext("If so, format the column as text and write the cell anew.")
    return Verdict(False, "table.spoilt_cell", message, remedy)
