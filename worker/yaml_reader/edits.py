"""Edits of a raw text: what is put in place of what, and where a place of the new text stood in the old one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from worker.yaml_reader.document import Place


@dataclass(slots=True)
class Edits:
    """Pieces that are replaced; none of them holds the end of a line."""

    pieces: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By offset: how many characters go, and what comes."""

    def put(self, at: int, length: int, new: str) -> None:
        """Replace characters.

        Args:
            at: offset of the first.
            length: how many.
            new: what stands there instead.
        """
        self.pieces.setdefault(at, (length, new))

    def applied(self, text: str) -> str:
        """The text with every piece replaced; of two that overlap, the first counts."""
        return "".join(self._parts(text))

    def _parts(self, text: str) -> Iterator[str]:
        at = 0
        for start, (length, new) in sorted(self.pieces.items()):
            if start >= at:
                yield text[at:start]
                yield new
                at = start + length
        yield text[at:]

    def shifts(self, starts: list[int]) -> dict[int, list[tuple[int, int]]]:
        """By line: from which new column on (1-based) how many characters more there are, in all, than in the old line.

        Args:
            starts: offset of each line in the old text.
        """
        found: dict[int, list[tuple[int, int]]] = {}
        line, at = 0, 0
        for start, (length, new) in sorted(self.pieces.items()):
            if start < at:
                continue
            at = start + length
            if len(new) == length:
                continue
            while line < len(starts) and starts[line] <= start:
                line += 1
            shifts = found.setdefault(line, [])
            before = shifts[-1][1] if shifts else 0
            shifts.append((start - starts[line - 1] + 1 + before + len(new), before + len(new) - length))
        return found


def original(place: Place, shifts: dict[int, list[tuple[int, int]]]) -> Place:
    """Where a place of the new text stood in the old one.

    Args:
        place: in the new text.
        shifts: from `Edits.shifts`.
    """
    of_line = shifts.get(place.line, [])
    number = bisect_right(of_line, place.column, key=itemgetter(0))
    return Place(place.line, max(place.column - (of_line[number - 1][1] if number else 0), 1))
