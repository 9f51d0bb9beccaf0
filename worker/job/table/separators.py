"""Separators: a text as lines of cells, whatever parts them, as nearly all of its lines agree."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from worker.job.table.findings import Findings
from worker.job.table.grid import Line
from worker.translation import Text, gettext

USUAL = ",;\t"
FULL_WIDTH = "，；｜、،"
SEPARATORS = f"{USUAL}|{FULL_WIDTH}"
SAMPLE_LINES = 40
SAMPLE_CHARACTERS = 200_000
"""Both by which the separator is told."""

_SAID = re.compile(rf'\s*"?sep=([{SEPARATORS}])"? *(?=[\r\n]|\Z)', re.IGNORECASE)
"""A first line by which Excel is told the separator."""
_RULE = re.compile(r"(?=[\s:|]*-)[\s:|-]+")
"""The line below the header of a table in Markdown."""


def lines_of(text: str, findings: Findings, *, most_lines: int) -> list[Line]:
    """Each line that is not blank, as cells.

    Args:
        text: of the whole file.
        findings: gets the faults, and a warning of a separator that no spreadsheet writes.
        most_lines: how many are wanted; one more is read.
    """
    text = text.removesuffix("\x1a").lstrip("\ufeff").removeprefix("ï»¿")  # DOS ends a file so
    separator, said = _separator(text)
    findings.separator = separator
    read: Iterator[Line] = islice(_lines(text, separator, findings), 1 if said else 0, None)
    if separator == "|":
        read = (line for line in read if not _RULE.fullmatch("|".join(line.cells)))
    lines = list(islice(read, most_lines + 1))
    if separator == "|":
        lines = _without_frame(lines)
    if separator in USUAL:
        return [_split_anew(line, lines, findings) for line in lines]
    if lines and not said:
        message = gettext("The columns are separated by `{separator}`.", separator=separator)
        remedy = gettext("They were read so. To be sure, save the table as CSV UTF-8, or as .xlsx.")
        findings.warn("table.separator", lines[0].number, message, remedy=remedy)
    return lines


def _separator(text: str) -> tuple[str, bool]:
    """What parts the cells, and whether the first line says so."""
    if said := _SAID.match(text):
        return said[1], True
    usual = [(_agreement(text, separator), separator) for separator in (*USUAL, "|")]
    best = max(usual, key=lambda found: found[0])
    if best[0][1] > 1:
        return best[1], False
    odd = max(((_agreement(text, separator), separator) for separator in FULL_WIDTH), key=lambda found: found[0])
    return (odd[1], False) if odd[0][1] > 1 else (",", False)


def _agreement(text: str, separator: str) -> tuple[float, int]:
    """How many of the first lines have as many cells as most have, and how many those are: 0 and 1 when one only."""
    reader = csv.reader(io.StringIO(text[:SAMPLE_CHARACTERS], newline=""), delimiter=separator)
    widths: list[int] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) == SAMPLE_LINES:
                break
    except csv.Error:
        pass  # the lines so far tell; what is wrong is told when the whole is read
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0, 1
    width, count = max(wide.items(), key=lambda found: (found[1], found[0]))
    in_head = widths[0] > 1
    return count / len(widths) + (0.5 if in_head else 0), width


def _lines(text: str, separator: str, findings: Findings) -> Iterator[Line]:
    has_blanks = separator != "\t" and _has_blanks_before_quotes(text[:SAMPLE_CHARACTERS], separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=has_blanks)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number=before + 1, cells=cells)
            before = reader.line_num
    except csv.Error as error:
        findings.fault(before + 1, _unreadable(error))


def _has_blanks_before_quotes(text: str, separator: str) -> bool:
    """Whether people wrote `"a", "b, c"`: a blank stands between separator and quotes wherever quotes begin a cell."""
    behind = re.findall(rf'{re.escape(separator)} +"[^"\r\n]*"(.?)', text)
    return bool(behind) and all(sign in ("", separator, '"', "\r") for sign in behind)


def _split_anew(line: Line, lines: list[Line], findings: Findings) -> Line:
    """A line of one cell that a full-width sign parts into as many cells as a neighbour has."""
    if len(line.cells) > 1 or not any(sign in line.cells[0] for sign in FULL_WIDTH):
        return line
    widths = {len(other.cells) for other in (lines[0], *lines[1:SAMPLE_LINES])} - {1}
    for sign in FULL_WIDTH:
        cells = [cell.strip() for cell in line.cells[0].split(sign)]
        if len(cells) in widths:
            message = gettext("The cells of this line are separated by `{separator}`.", separator=sign)
            remedy = gettext("They were read so. Write the separator of the other lines there.")
            findings.warn("table.separator", line.number, message, remedy=remedy, example=line.cells[0])
            return Line(number=line.number, cells=cells)
    return line


def _without_frame(lines: list[Line]) -> list[Line]:
    """The lines of a table that is drawn with `|`, as Markdown has it, without what only draws it."""
    framed = all(len(line.cells) > 2 and not line.cells[0].strip() and not line.cells[-1].strip() for line in lines)
    cut = slice(1, -1) if framed else slice(None)
    return [Line(number=line.number, cells=[cell.strip() for cell in line.cells[cut]]) for line in lines]


def _unreadable(error: csv.Error) -> Text:
    if "field limit" in str(error):
        most = f"{csv.field_size_limit():,}"
        return gettext("A cell has more than {most} characters. Perhaps a quotation mark is not closed.", most=most)
    return gettext(
        "A quotation mark is not closed, or text follows the closing one. A cell that holds quotes stands in quotes,"
        ' with each of its own written twice: "a ""red"" mug".'
    )
