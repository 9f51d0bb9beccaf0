"""Faults of the raw text, told by the line that an editor counts; many alike at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from worker.problem import EXAMPLES, Problem
from worker.text_encodings.judged import LINE_END
from worker.translation import Text, enumerated, gettext
from worker.yaml_reader.characters import shown
from worker.yaml_reader.document import Place, clipped
from worker.yaml_reader.raw_kinds import KINDS

MOST_ALIKE = 3
"""More lines than that with the same fault are told once."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """What was found in a raw text."""

    file: str
    starts: list[int]
    """Offset of each line."""
    found: dict[tuple[str, str, str, str], list[Place]] = field(default_factory=dict)
    """Places, a line each, by kind, character, what is written and what is meant."""

    def tell(self, kind: str, at: int | Place, *, character: str = "", written: str = "", plain: str = "") -> None:
        """Note a fault, once a line.

        Args:
            kind: a key of KINDS.
            at: offset in the text, or the place itself.
            character: that is not what it looks like.
            written: as the author has it.
            plain: what is meant.
        """
        places = self.found.setdefault((kind, character, written, plain), [])
        place = self.place(at) if isinstance(at, int) else at
        if not places or places[-1].line != place.line:
            places.append(place)

    def place(self, at: int) -> Place:
        """Line and column of an offset."""
        line = bisect_right(self.starts, at)
        return Place(line, at - self.starts[line - 1] + 1)

    @property
    def problems(self) -> list[Problem]:
        """All of them, in the order of the text."""
        words: dict[tuple[str, str], list[tuple[str, str, str, str]]] = {}
        for key in self.found:
            words.setdefault(key[:2], []).append(key)
        told = [problem for keys in words.values() for problem in self._told_together(keys)]
        return sorted(told, key=lambda problem: (problem.line, problem.column))

    def _told_together(self, keys: list[tuple[str, str, str, str]]) -> Iterator[Problem]:
        """What one character does; where it does so in many words, with the first of them."""
        places = [self.found[key] for key in keys]
        if keys[0][1] and len(keys) > MOST_ALIKE:
            keys, places = keys[:1], [list({place.line: place for at in places for place in reversed(at)}.values())]
        for key, at in zip(keys, places, strict=True):
            yield from self._told(*key, at=sorted(at))

    def _told(self, kind: str, character: str, written: str, plain: str, *, at: list[Place]) -> list[Problem]:
        values = {"character": shown(character) if character else "", "written": clipped(written), "plain": plain}
        is_one = KINDS[kind].is_one or len(at) > MOST_ALIKE
        count = len(at) if is_one and not KINDS[kind].is_one else 1  # what is told at once names its lines itself
        lines = _lines([place.line for place in at])
        message = KINDS[kind].message.filled(**values)
        examples = tuple(gettext("line {line}", line=place.line) for place in at[:EXAMPLES])
        return [
            Problem(
                file=self.file,
                line=place.line,
                column=place.column,
                where="",
                message=message,
                is_warning=KINDS[kind].is_warning,
                rule=KINDS[kind].rule,
                remedy=KINDS[kind].remedy.filled(lines=lines, **values),
                count=count,
                examples=examples if count > 1 else (),
            )
            for place in (at[:1] if is_one else at)
        ]


def _lines(numbers: list[int]) -> Text:
    """`line 3`, `lines 1 and 4`, `lines 1 to 3`, `lines 1, 2, 3 and 12 more`."""
    if len(numbers) == 1:
        return gettext("line {line}", line=numbers[0])
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2:
        return gettext("lines {first} to {last}", first=numbers[0], last=numbers[-1])
    if len(numbers) > 6:
        return gettext(
            "lines {lines} and {number} more", lines=enumerated(map(str, numbers[:3])), number=len(numbers) - 3
        )
    return gettext("lines {lines} and {last}", lines=enumerated(map(str, numbers[:-1])), last=numbers[-1])


def starts_of(text: str) -> list[int]:
    """The offset of each line, as an editor counts them."""
    return [0, *(found.end() for found in LINE_END.finditer(text))]
