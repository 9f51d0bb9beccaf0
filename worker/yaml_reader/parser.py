"""Safe YAML: bytes in, plain text and positions out.

Limits on size, depth and number of nodes keep a hostile file harmless.

The parser's events are read one by one, never its constructors, so that no depth, alias or tag can cost more than
reading the file does. Measured: the worst file of 256 KiB takes half a second with PyYAML's own scanner. The C scanner
is ten times as fast, but is not in every build, takes other texts for YAML and words its errors differently.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from worker.errors import JobInvalid
from worker.problem import Problem, legible
from worker.translation import Text, gettext
from worker.yaml_reader.characters import first_odd, plain, without_invisible
from worker.yaml_reader.document import Data, Document, Misread, Path, Place, clipped, where
from worker.yaml_reader.problems import MAX_PROBLEMS
from worker.yaml_reader.raw_text import UNPRINTABLE, RawText, raw_text, restored, unfit
from worker.yaml_reader.scan import Words
from worker.yaml_reader.syntax import BRACES, begins_braces, complaint_about, explain, lines_of, not_a_mapping

MAX_DEPTH = 20
"""Levels of lists and mappings; a job needs 5."""
MAX_NODES = 15_000
"""Texts, lists and mappings together: 1,000 shots of seven keys. More products than that belong into a CSV file."""

_COLLECTION_AS_KEY = gettext("A list or mapping cannot be a key. If a text begins with `{{` or `[`, put it in quotes.")
NO_WORDS = Words()


def parse_yaml(
    data: bytes, *, file: str, max_bytes: int, example: str = "prompt: a red mug", words: Words = NO_WORDS
) -> Document:
    """Read a YAML file whose top is a mapping.

    Args:
        data: the file's bytes: UTF-8, UTF-16, UTF-32 or GBK.
        file: name to show in problems.
        max_bytes: largest size allowed.
        example: a line to show where there is none.
        words: keys of the language, by which the raw text is judged.

    Raises:
        JobInvalid: when the file cannot be read at all; what else is wrong stands in `Document.problems`.
    """
    problems: list[Problem] = []
    raw: RawText | None = None
    try:
        raw = raw_text(data, file=file, max_bytes=max_bytes, example=example, words=words)
        problems += raw.errors
        return _Builder(file, raw, problems=problems, words=words).document(example)
    except Misread as misread:
        last = misread.problem(file)
        is_explained = raw is not None and bool(raw.errors)
        told = [problem for problem in problems if problem.line != last.line or is_explained]
        raise JobInvalid([*told, *([] if is_explained else [last]), *(raw.warnings if raw else ())]) from None


class _Open:
    """A list or mapping that is being filled."""

    __slots__ = ("container", "key", "path")

    def __init__(self, container: list[Data] | dict[str, Data], *, path: Path) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None
        """Of a mapping: the key whose value comes next."""


class _Builder:
    """Turns the parser's events into a Document, with a stack of its own instead of recursion."""

    def __init__(self, file: str, raw: RawText, *, problems: list[Problem], words: Words) -> None:
        self.file = file
        self.raw = raw
        self.words = words
        self.raw_lines = frozenset(problem.line for problem in problems)
        self.lines = lines_of(raw.text)
        self.problems = problems
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.stack: list[_Open] = []
        self.root: Data | None = None
        self.nodes = 0

    def document(self, example: str) -> Document:
        """Read everything.

        Raises:
            Misread: when the text is not YAML, goes beyond a limit, or its top is not a mapping.
        """
        for event in self._events():
            self._take(event)
        if not isinstance(self.root, dict):
            raise not_a_mapping(self.root, self.lines, example=example)
        return Document(
            file=self.file,
            data=self.root,
            problems=(*self.problems, *self.raw.warnings),
            raw_lines=self.raw_lines,
            values=self.values,
            keys=self.keys,
        )

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.raw.text, Loader=yaml.SafeLoader)
        except Exception as error:  # noqa: BLE001 - PyYAML raises ValueError, KeyError and AttributeError besides its own
            misread = explain(error, self.lines)
            misread.place = self.raw.original(misread.place) if misread.place else None
            raise misread from None

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent() | yaml.ScalarEvent():
                self._count(event)
                self._scalar(event)
            case yaml.CollectionStartEvent():
                self._count(event)
                container: list[Data] | dict[str, Data] = {} if isinstance(event, yaml.MappingStartEvent) else []
                self.stack.append(_Open(container, path=self._add(container, event)))
            case yaml.CollectionEndEvent():
                self.stack.pop()
            case yaml.DocumentStartEvent() if self.root is not None:
                message = gettext("A second YAML document begins here (`---`). Make a file of each.")
                raise Misread(message, self._place(event))

    def _count(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = gettext(
                "There are more than {most} texts, lists and mappings. Split the file into several.",
                most=f"{MAX_NODES:,}",
            )
            raise Misread(message, self._place(event))
        if len(self.stack) >= MAX_DEPTH:
            message = gettext("Lists and mappings are nested more than {most} deep here.", most=MAX_DEPTH)
            raise Misread(message, self._place(event))

    def _scalar(self, event: yaml.ScalarEvent | yaml.AliasEvent) -> None:
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.container, dict) and top.key is None:
            self._key(top, event)
        else:
            self._add("" if isinstance(event, yaml.AliasEvent) else self._meant(restored(event.value), event), event)

    def _key(self, top: _Open, event: yaml.ScalarEvent | yaml.AliasEvent) -> None:
        name = "*" if isinstance(event, yaml.AliasEvent) else self._meant_key(restored(event.value), event)
        top.key = legible(name)
        path = (*top.path, top.key)
        if path in self.keys:
            first = self.keys[path].line
            message = gettext("This key is written twice (first in line {line}). Keep one of them.", line=first)
            self._complain(path, event, message=message)
        elif complaint := complaint_about(event, self.lines, is_key=True) or _unspeakable(name):
            self._complain(path, event, message=complaint)
        self.keys[path] = self._place(event)

    def _meant_key(self, name: str, event: yaml.Event) -> str:
        """The key that is meant: one of the language, or the author's own without what nobody sees."""
        if name.isascii() or name in self.words.keys:
            return name
        meant = plain(name) if plain(name) in self.words.keys else without_invisible(name)
        return self._told(name, meant, event)

    def _meant(self, value: str, event: yaml.Event) -> str:
        """The value that is meant, where a number or a word of a list must stand."""
        top = self.stack[-1] if self.stack else None
        if value.isascii() or top is None:
            return value
        key = top.key if isinstance(top.container, dict) else next((part for part in top.path[-1:]), None)
        if key in self.words.values:
            return self._told(value, plain(value), event)
        return self._told(value, without_invisible(value), event) if key in self.words.names else value

    def _told(self, written: str, meant: str, event: yaml.Event) -> str:
        if meant == written:
            return written
        character = first_odd(written)
        self.raw.faults.tell("written", self._place(event), character=character, written=meant, plain=clipped(meant))
        return meant

    def _add(self, value: Data, event: yaml.NodeEvent) -> Path:
        """Put a value where it belongs, and note what is wrong with it."""
        complaint = complaint_about(event, self.lines)
        if isinstance(value, str):
            complaint = complaint or _unspeakable(value)
            value = legible(value)
        path: Path = ()
        if not self.stack:
            self.root = value
        else:
            top = self.stack[-1]
            if isinstance(top.container, list):
                path = (*top.path, len(top.container))
                top.container.append(value)
            elif top.key is None:
                raise Misread(_COLLECTION_AS_KEY, self._place(event))
            else:
                path = (*top.path, top.key)
                top.container[top.key] = value
                top.key = None
        self.values[path] = self._place(event)
        if begins_braces(event, self.lines):
            self._complain(path[:-1], event, message=BRACES)
        elif complaint:
            self._complain(path, event, message=complaint)
        return path

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return self.raw.original(Place(mark.line + 1, mark.column + 1)) if mark else Place(1, 1)

    def _complain(self, path: Path, event: yaml.Event, *, message: Text) -> None:
        line, column = self._place(event)
        if len(self.problems) >= MAX_PROBLEMS or line in self.raw_lines:
            return
        self.problems.append(Problem(file=self.file, line=line, column=column, where=where(path), message=message))


def _unspeakable(text: str) -> Text | None:
    """What is wrong with characters that came through an escape, such as half of a surrogate pair."""
    bad = UNPRINTABLE.search(text)
    return unfit(bad[0]) if bad else None
