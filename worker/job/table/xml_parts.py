"""XML parts of a workbook, read as a stream: no tree is built, and what one file may cost is bounded.

Knows expat and its limits; what the tags mean is the asker's.

Source: openpyxl keeps every element that it does not know until the part ends (3,000,000 nested ones: 19 s, 820 MiB),
and expat before 2.6 begins a tag anew with each piece that it gets (CVE-2023-52425).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

from worker.translation import Text, gettext
from worker.yaml_reader.document import Misread, clipped

ELEMENTS = 2_500_000
"""Most elements of a whole workbook that are looked at: 10,000 products with 125 columns come to as many."""
CHARACTERS = 40_000_000
"""Most characters in all cells that are looked at: 10,000 products with 4,000 each."""
LONGEST_CELL = 100_000
"""Characters; Excel itself ends at 32,767."""
DEPTH = 64
"""Of elements in one another; workbooks have about ten."""
FREE_ATTRIBUTES = 12
"""Of an element; each more counts as another one."""
LONGEST_TAG_BYTES = 1_048_576
"""From the beginning of a tag to the next, with the text between them."""
PIECE_BYTES = 65_536

_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?[^?>]*\?>|<!--[^-]*(?:-[^-]+)*-->)*<[A-Za-z_]")
"""How a part of a workbook begins: with no DOCTYPE, so with no entities."""
_UNUSUAL = re.compile(rb"<!(?!\[CDATA\[)|<\?")
"""Comments, declarations and instructions: no spreadsheet writes one behind a part's beginning."""

Starts = Mapping[str, Callable[[Mapping[str, str]], None]]
"""By an element's name without its prefix: what is done with its attributes."""
Ends = Mapping[str, Callable[[], None]]


class Budget:
    """What is left of a workbook's limits, however many of its parts are read, and how often."""

    def __init__(self, elements: int = ELEMENTS, characters: int = CHARACTERS) -> None:
        """Begin with all of it.

        Args:
            elements: most elements.
            characters: most characters in cells.
        """
        self._elements = elements
        self._characters = characters

    def take(self, elements: int) -> None:
        """Count elements.

        Raises:
            Misread: there are too many.
        """
        self._elements -= elements
        if self._elements < 0:
            raise Misread(_too_much())

    def take_text(self, length: int) -> None:
        """Count characters.

        Raises:
            Misread: there are too many.
        """
        self._characters -= length
        if self._characters < 0:
            raise Misread(_too_much())


def _too_much() -> Text:
    return gettext(
        "This workbook holds more cells, formats and text than are read. Put the table of products into a workbook of"
        " its own: copy the cells, and paste them as values."
    )


def _unlike_a_spreadsheet(part: str) -> Misread:
    return Misread(
        gettext(
            "The part `{part}` of this workbook is not as a spreadsheet writes it. Open the workbook and save it anew"
            " as .xlsx.",
            part=clipped(part),
        )
    )


def refuse_entities(archive: zipfile.ZipFile) -> None:
    """Look at how each part begins.

    Raises:
        Misread: one declares a document type, by which entities come, or is no XML.
    """
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                head = part.read(PIECE_BYTES)
            if head and not _PROLOGUE.match(head):
                raise _unlike_a_spreadsheet(entry.filename)


def walk(
    archive: zipfile.ZipFile,
    part: str,
    budget: Budget,
    *,
    starts: Starts,
    ends: Ends,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Read a part; what was told of it so far may be used at each step, and the rest left unread.

    Args:
        archive: the workbook.
        part: its name there.
        budget: of the workbook.
        starts: told of these elements as they begin.
        ends: as they end.
        text: gets all text between tags, in pieces.

    Yields:
        After each piece of PIECE_BYTES.

    Raises:
        Misread: it holds too much, or what no spreadsheet writes.
        expat.ExpatError: it is no XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    told = _Told(parser, part, starts, ends)
    if text:
        parser.CharacterDataHandler = text
    with archive.open(part) as file:
        for piece in _pieces(iter(lambda: file.read(PIECE_BYTES), b""), part):
            parser.Parse(piece, False)
            budget.take(told.counted())
            yield
    parser.Parse(b"", True)
    yield


class _Told:
    """What expat calls: it counts the elements, and passes on those that are asked for."""

    def __init__(self, parser: expat.XMLParserType, part: str, starts: Starts, ends: Ends) -> None:
        self._parser, self._part = parser, part
        self._starts, self._ends = starts, ends
        self._depth = self._count = 0
        parser.StartElementHandler, parser.EndElementHandler = self._first, self._end

    def counted(self) -> int:
        """Elements since it was asked last."""
        count, self._count = self._count, 0
        return count

    def _first(self, tag: str, attributes: dict[str, str]) -> None:
        prefix = tag[: tag.rfind(":") + 1]  # the same for all elements of a part
        self._starts = {prefix + name: told for name, told in self._starts.items()}
        self._ends = {prefix + name: told for name, told in self._ends.items()}
        self._parser.StartElementHandler = self._start
        self._start(tag, attributes)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1 if len(attributes) <= FREE_ATTRIBUTES else len(attributes)
        if self._depth > DEPTH:
            raise _unlike_a_spreadsheet(self._part)
        if told := self._starts.get(tag):
            told(attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if told := self._ends.get(tag):
            told()


def _pieces(pieces: Iterator[bytes], part: str) -> Iterator[bytes]:
    """The same pieces, while each tag is short and no unusual one is there.

    Raises:
        Misread: one is not.
    """
    before, open_for = b"", 0
    for number, piece in enumerate(pieces):
        looked_at = before + piece
        if number == 0:
            begin = _PROLOGUE.match(piece)
            if begin is None:
                raise _unlike_a_spreadsheet(part)
            looked_at = piece[begin.end() :]
        opened = piece.rfind(b"<")
        open_for = open_for + len(piece) if opened < 0 else len(piece) - opened
        if _UNUSUAL.search(looked_at) or open_for > LONGEST_TAG_BYTES:
            raise _unlike_a_spreadsheet(part)
        before = piece[-2:]
        yield piece
