"""From a file's bytes to text that YAML reads as its author sees it, with what was odd in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from worker.problem import Problem
from worker.text_encodings.judge import judged
from worker.text_encodings.judged import NAMES, Judged, line_and_column
from worker.translation import Text, gettext
from worker.yaml_reader.characters import LINE_ENDS
from worker.yaml_reader.document import Misread, Place, clipped
from worker.yaml_reader.edits import original
from worker.yaml_reader.line_scan import LineScan
from worker.yaml_reader.raw_faults import Faults, starts_of
from worker.yaml_reader.scan import Scan, Words
from worker.yaml_reader.value_scan import TAB

UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
READ = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"})
"""Encodings that are read; the others are refused by their names."""

_LINE_END = re.compile("[\x85\u2028\u2029]")
_HIDDEN = dict(zip([*LINE_ENDS, "\t"], ["\U0010fff1", "\U0010fff2", "\U0010fff3", TAB], strict=True))
_RESTORED = str.maketrans({hidden: character for character, hidden in _HIDDEN.items()})
"""What stands for characters that PyYAML takes for ends of lines, or takes not at all, until it has read the text."""
_RESERVED = re.compile(f"[{''.join(_HIDDEN.values())}]")
_CHANGED = re.compile(f"[{''.join(_HIDDEN.values())}\ud800-\udfff]")
_AS_UTF8 = gettext("Save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8).")

_COPY = gettext("Copy the file once more.")


@dataclass(slots=True, kw_only=True)
class RawText:
    """A text for YAML, and how it comes from the author's."""

    text: str
    faults: Faults
    shifts: dict[int, list[tuple[int, int]]]
    encoding_warning: Problem | None = None

    @property
    def errors(self) -> list[Problem]:
        """What must be mended."""
        return [problem for problem in self.faults.problems if not problem.is_warning]

    @property
    def warnings(self) -> list[Problem]:
        """What was read as it is meant."""
        first = [self.encoding_warning] if self.encoding_warning else []
        return [*first, *(problem for problem in self.faults.problems if problem.is_warning)]

    def original(self, place: Place) -> Place:
        """Where a place of this text stands in the author's."""
        return original(place, self.shifts) if place.line in self.shifts else place


def raw_text(data: bytes, *, file: str, max_bytes: int, example: str, words: Words) -> RawText:
    """Read a file's text, and put right what looks like YAML's marks and is none.

    Args:
        data: the file's bytes.
        file: name to show in problems.
        max_bytes: largest size allowed.
        example: a line to show where there is none.
        words: keys of the language.

    Raises:
        Misread: too large, empty, of an encoding that is not read, or with a control character.
    """
    found = decoded(data, max_bytes=max_bytes, example=example)
    text = found.text
    faults = Faults(file=file, starts=starts_of(text))
    scan = Scan(text=text, words=words, faults=faults)
    LineScan(scan).read()
    _controls(scan)
    _line_ends(scan)
    warning = None if found.is_certain else _encoding_warning(found, file)
    shifts = scan.edits.shifts(faults.starts)
    return RawText(text=scan.edits.applied(text), faults=faults, shifts=shifts, encoding_warning=warning)


def decoded(data: bytes, *, max_bytes: int, example: str) -> Judged:
    """The file's text without byte-order mark.

    Args:
        data: the file's bytes.
        max_bytes: largest size allowed.
        example: a line to show where there is none.

    Raises:
        Misread: too large, empty, all zero bytes, or of an encoding that is not read.
    """
    if len(data) > max_bytes:
        size, most = f"{len(data):,}", f"{max_bytes:,}"
        raise Misread(gettext("The file has {size} bytes; at most {most} are allowed.", size=size, most=most))
    if data.strip(b"\0") == b"" != data:
        raise Misread(gettext("The file holds nothing but zero bytes: its copy was never finished. Copy it once more."))
    found = judged(data)
    if not isinstance(found, Judged):
        remedy = _COPY if found.reason == "zeros" else _AS_UTF8
        raise Misread(found.message, Place(found.line, found.column), rule="yaml.encoding", remedy=remedy)
    if found.encoding not in READ:
        message = gettext("This looks like {name} text, and is not UTF-8.", name=NAMES[found.encoding])
        raise Misread(message, _first_letter(found.text), rule="yaml.encoding", remedy=_AS_UTF8)
    if not found.text.strip("\ufeff \t\r\n"):
        raise Misread(gettext("The file is empty. Write at least one line, such as `{example}`.", example=example))
    return found


def _first_letter(text: str) -> Place:
    """Where the first letter stands that is not ASCII."""
    at = next((number for number, c in enumerate(text) if not c.isascii()), 0)
    return Place(*line_and_column(text[:at]))


def _encoding_warning(found: Judged, file: str) -> Problem:
    line, column = _first_letter(found.text)
    at = starts_of(found.text)[line - 1] + column - 1
    text = found.text[at : at + 200].splitlines()[0]
    return Problem(
        file=file,
        line=line,
        column=column,
        where="",
        message=gettext("The file is not UTF-8; it was read as {name}: `{text}`.", name=found.name, text=clipped(text)),
        is_warning=True,
        rule="yaml.encoding",
        remedy=_AS_UTF8,
    )


def _controls(scan: Scan) -> None:
    """Characters that no text may hold.

    Raises:
        Misread: one that no program writes into a text on purpose.
    """
    for found in UNPRINTABLE.finditer(scan.text):
        if found[0] not in "\v\f":
            raise Misread(unfit(found[0]), scan.faults.place(found.start()))
        scan.faults.tell("control", found.start(), character=found[0])
        scan.edits.put(found.start(), 1, " ")
    if found_reserved := _RESERVED.search(scan.text):
        raise Misread(unfit(found_reserved[0]), scan.faults.place(found_reserved.start()))


def unfit(character: str) -> Text:
    """What to say of a character that no text may hold."""
    code = f"U+{ord(character):04X}"
    return gettext(
        "There is a character ({code}) that no text may hold. Delete it, or copy the file once more.", code=code
    )


def _line_ends(scan: Scan) -> None:
    """Ends of lines that no editor counts: an author's own in quotes, else told; YAML never sees them."""
    quoted, comments = sorted(scan.quoted), sorted(scan.comments)
    for found in _LINE_END.finditer(scan.text):
        at = found.start()
        if not _is_within(at, quoted):
            kind = "line_end_comment" if _is_within(at, comments) else "line_end"
            scan.faults.tell(kind, at, character=found[0])
        elif found[0] == "\x85":  # the others are told with the prompts' invisible characters
            scan.faults.tell("line_end_quoted", at, character=found[0])
        scan.edits.put(at, 1, _HIDDEN[found[0]])


def _is_within(at: int, regions: list[tuple[int, int]]) -> bool:
    number = bisect_right(regions, (at, len(regions) and regions[-1][1])) - 1
    return number >= 0 and at < regions[number][1]


def restored(text: str) -> str:
    r"""A text as the author wrote it, once YAML has read it; halves of a character, as JSON writes it, are joined.

    `\\ud83d\\ude00` is one character in JSON, and two halves for PyYAML.
    """
    if text.isascii() or not _CHANGED.search(text):
        return text
    text = text.translate(_RESTORED)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
