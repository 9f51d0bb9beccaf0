"""Faults of the raw text: what each is called and what to do, told by the line that an editor counts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from worker.problem import Problem
from worker.text_encodings import LINE_END
from worker.translation import Text, gettext
from worker.yaml_reader.characters import shown
from worker.yaml_reader.document import Place, clipped

MOST_ALIKE = 3
"""More lines than that with the same fault are told once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault: `{character}`, `{plain}` and `{lines}` are filled in."""

    message: Text
    remedy: Text
    is_warning: bool = False
    """What is meant is clear, and is what is read."""
    rule: str = "yaml.character"
    is_one: bool = False
    """All lines that have it are told at once, however few."""


_CHARACTER, _PLAIN, _LINES = "?", "?", "?"

KINDS: Mapping[str, Kind] = {
    "colon": Kind(
        message=gettext("{character} stands after a key; it is read as `: `.", character=_CHARACTER),
        remedy=gettext("Write `: ` (colon and space)."),
        is_warning=True,
    ),
    "no_space": Kind(
        message=gettext("A space is missing after the colon."), remedy=gettext("Write `key: value`."), rule="yaml.space"
    ),
    "dash_space": Kind(
        message=gettext("A space is missing after the dash."),
        remedy=gettext("Write `- ` (hyphen and space)."),
        rule="yaml.space",
    ),
    "indent": Kind(
        message=gettext("{character} stands in the indentation, where YAML takes it for a letter.", character="?"),
        remedy=gettext("Indent with plain spaces."),
    ),
    "tab": Kind(
        message=gettext("This line begins with a tab."), remedy=gettext("Indent with spaces."), rule="yaml.tab"
    ),
    "dash_tab": Kind(
        message=gettext("A tab stands between the dash and the key."),
        remedy=gettext("Write `- ` (hyphen and space)."),
        rule="yaml.tab",
    ),
    "space": Kind(
        message=gettext("{character} stands in place of a plain space; it is read as one.", character=_CHARACTER),
        remedy=gettext("Write a plain space."),
        is_warning=True,
    ),
    "space_hash": Kind(
        message=gettext(
            "{character} stands before `#`, so that YAML takes what follows for a part of the text.", character="?"
        ),
        remedy=gettext("Write a plain space before the comment."),
    ),
    "dash": Kind(
        message=gettext("{character} stands in place of the dash of a list; it is read as `- `.", character=_CHARACTER),
        remedy=gettext("Write `- ` (hyphen and space)."),
        is_warning=True,
    ),
    "hash": Kind(
        message=gettext("{character} stands in place of `#`; the line is read as a comment.", character=_CHARACTER),
        remedy=gettext("Write a plain `#`."),
        is_warning=True,
    ),
    "comma": Kind(
        message=gettext("{character} stands between two entries; it is read as `, `.", character=_CHARACTER),
        remedy=gettext("Write `, ` (comma and space)."),
        is_warning=True,
    ),
    "bracket": Kind(
        message=gettext("{character} stands in place of `{plain}`.", character=_CHARACTER, plain=_PLAIN),
        remedy=gettext("Write `{plain}`.", plain=_PLAIN),
    ),
    "quote": Kind(
        message=gettext("{character} is no quotation mark of YAML; here it is read as one.", character=_CHARACTER),
        remedy=gettext('Write a straight quotation mark (").'),
        is_warning=True,
    ),
    "after_quote": Kind(
        message=gettext("The text goes on after its closing quotation mark."),
        remedy=gettext("Put the whole text in quotes, with the other kind outside: '\"red\" mug'."),
        rule="yaml.quote",
    ),
    "late_quote": Kind(
        message=gettext("This quotation mark is closed only in a line below."),
        remedy=gettext("Close it where its text ends."),
        rule="yaml.quote",
    ),
    "line_end_quoted": Kind(
        message=gettext("{character} stands in this text, which nobody sees; it is kept.", character=_CHARACTER),
        remedy=gettext("Write a blank, or delete it."),
        is_warning=True,
    ),
    "invisible": Kind(
        message=gettext("{character} stands here, which nobody sees; it is left out.", character=_CHARACTER),
        remedy=gettext("Delete it."),
        is_warning=True,
    ),
    "written": Kind(
        message=gettext(
            "`{written}` is written with {character}; it is read as `{plain}`.",
            written="?",
            character=_CHARACTER,
            plain=_PLAIN,
        ),
        remedy=gettext("Write it anew with plain characters."),
        is_warning=True,
    ),
    "line_end": Kind(
        message=gettext("{character} stands here: the end of a line for YAML, and for no editor.", character="?"),
        remedy=gettext("Delete it, or begin a new line."),
    ),
    "line_end_comment": Kind(
        message=gettext(
            "{character} stands in this comment; what follows it is read as a part of the comment.", character="?"
        ),
        remedy=gettext("Delete it, or begin a new line."),
        is_warning=True,
    ),
    "control": Kind(
        message=gettext("There is a character, {character}, that no text may hold.", character=_CHARACTER),
        remedy=gettext("Delete it, or begin a new line."),
    ),
    "fence": Kind(
        message=gettext("This line is a code fence, as chats and web pages write it, and no part of the job."),
        remedy=gettext("Delete {lines}.", lines=_LINES),
        rule="yaml.code_fence",
        is_one=True,
    ),
    "prose": Kind(
        message=gettext("This line is a sentence beside the job, and no part of it."),
        remedy=gettext("Delete {lines}.", lines=_LINES),
        rule="yaml.prose",
        is_one=True,
    ),
    "no_colon": Kind(
        message=gettext("This line has no `: ` (colon and space), so it is no key with a value."),
        remedy=gettext("Write `key: value`; or delete the line, if it is no part of the file."),
        rule="yaml.no_colon",
    ),
    "unindented": Kind(
        message=gettext("This line belongs to the text that `|` or `>` begins, and does not stand further right."),
        remedy=gettext("Begin each line of the text with two spaces more than its key."),
        rule="yaml.block",
    ),
    "cut": Kind(
        message=gettext("`#` begins a comment here, which ends the text before the text is over."),
        remedy=gettext("Put the whole text in quotes, or delete the comment."),
        rule="yaml.comment",
    ),
    "prefix": Kind(
        message=gettext(
            "`{plain}` stands before the line, as quoted mails and comparisons of files (diff) have it.", plain=_PLAIN
        ),
        remedy=gettext("Delete it in {lines}.", lines=_LINES),
        rule="yaml.prefix",
        is_one=True,
    ),
    "dropped": Kind(
        message=gettext("`{written}` is read as a comment and would be dropped.", written="?"),
        remedy=gettext(
            "If it belongs to the text, put the whole text in quotes; if it is a comment, write a space after `#`."
        ),
        rule="yaml.comment",
    ),
    "html": Kind(
        message=gettext("`{written}` is how a web page writes `{plain}`.", written="?", plain=_PLAIN),
        remedy=gettext("Write `{plain}` itself.", plain=_PLAIN),
        rule="yaml.html",
    ),
    "slashes": Kind(
        message=gettext("`{written}` begins no comment in this file.", written="?"),
        remedy=gettext("Write `#`, or delete the comment."),
        rule="yaml.comment",
    ),
    "comma_left": Kind(
        message=gettext("A comma stands after the value, where nothing follows."),
        remedy=gettext("Delete it."),
        rule="yaml.json",
    ),
    "no_comma": Kind(
        message=gettext("A comma is missing before this entry."),
        remedy=gettext("Write one after the entry above."),
        rule="yaml.json",
    ),
    "second_object": Kind(
        message=gettext("A second object begins here: a file holds one job."),
        remedy=gettext("Make a file of each, or write one job with several shots."),
        rule="yaml.json",
    ),
    "marker": Kind(
        message=gettext("{character} stands in place of `---`.", character=_CHARACTER),
        remedy=gettext("Delete the line."),
    ),
}


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
        examples = tuple(gettext("line {line}", line=place.line) for place in at[:3])
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
            "lines {lines} and {number} more", lines=", ".join(map(str, numbers[:3])), number=len(numbers) - 3
        )
    return gettext("lines {lines} and {last}", lines=", ".join(map(str, numbers[:-1])), last=numbers[-1])


def starts_of(text: str) -> list[int]:
    """The offset of each line, as an editor counts them."""
    return [0, *(found.end() for found in LINE_END.finditer(text))]
