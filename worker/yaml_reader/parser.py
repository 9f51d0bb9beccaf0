"""Safe YAML: bytes in, plain text and positions out.

Limits on size, depth and number of nodes keep a hostile file harmless.

The parser's events are read one by one, never its constructors, so that no depth, alias or tag can cost more than
reading the file does. Measured: the worst file of 256 KiB takes half a second with PyYAML's own scanner. The C scanner
is ten times as fast, but is not in every build, takes other texts for YAML and words its errors differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from worker.errors import JobInvalid
from worker.problem import Problem, legible
from worker.translation import Text, gettext
from worker.yaml_reader.document import Data, Document, Misread, Path, Place, where
from worker.yaml_reader.problems import MAX_PROBLEMS
from worker.yaml_reader.syntax import BRACES, begins_braces, complaint_about, explain, lines_of, not_a_mapping

MAX_DEPTH = 20
"""Levels of lists and mappings; a job needs 5."""
MAX_NODES = 15_000
"""Texts, lists and mappings together: 1,000 shots of seven keys. More products than that belong into a CSV file."""

_COLLECTION_AS_KEY = gettext("A list or mapping cannot be a key. If a text begins with `{{` or `[`, put it in quotes.")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_yaml(data: bytes, *, file: str, max_bytes: int, example: str = "prompt: a red mug") -> Document:
    """Read a YAML file whose top is a mapping.

    Args:
        data: the file's bytes: UTF-8, with or without a byte-order mark, or UTF-16 with one.
        file: name to show in problems.
        max_bytes: largest size allowed.
        example: a line to show where there is none.

    Raises:
        JobInvalid: when the file cannot be read at all; what else is wrong stands in `Document.problems`.
    """
    problems: list[Problem] = []
    try:
        text = decode(data, max_bytes=max_bytes, example=example)
        return _Builder(file, text, problems=problems).document(example)
    except Misread as misread:
        last = misread.problem(file)
        raise JobInvalid([*(problem for problem in problems if problem.line != last.line), last]) from None


def decode(data: bytes, *, max_bytes: int, example: str) -> str:
    """The file's text without byte-order mark.

    Args:
        data: the file's bytes.
        max_bytes: largest size allowed.
        example: a line to show where there is none.

    Raises:
        Misread: too large, empty, all zero bytes, of another encoding, or with a control character.
    """
    if len(data) > max_bytes:
        size, most = f"{len(data):,}", f"{max_bytes:,}"
        raise Misread(gettext("The file has {size} bytes; at most {most} are allowed.", size=size, most=most))
    if not data.strip():
        raise Misread(gettext("The file is empty. Write at least one line, such as `{example}`.", example=example))
    if not data.strip(b"\0"):
        raise Misread(gettext("The file holds nothing but zero bytes: its copy was never finished. Copy it once more."))
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        message = gettext(
            "This is not UTF-8 text. Save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)."
        )
        raise Misread(message, Place(data[: error.start].count(b"\n") + 1, 1)) from None
    if bad := _UNPRINTABLE.search(text):
        raise Misread(_unfit(bad[0]), _place_of(text, bad.start()))
    return text


def _unfit(character: str) -> Text:
    code = f"U+{ord(character):04X}"
    return gettext(
        "There is a character ({code}) that no text may hold. Delete it, or copy the file once more.", code=code
    )


def _place_of(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))


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

    def __init__(self, file: str, text: str, *, problems: list[Problem]) -> None:
        self.file = file
        self.text = text
        self.lines = lines_of(text)
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
            file=self.file, data=self.root, problems=tuple(self.problems), values=self.values, keys=self.keys
        )

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, Loader=yaml.SafeLoader)
        except Exception as error:  # noqa: BLE001 - PyYAML raises ValueError, KeyError and AttributeError besides its own
            raise explain(error, self.lines) from None

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
                raise Misread(message, _place(event))

    def _count(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = gettext(
                "There are more than {most} texts, lists and mappings. Split the file into several.",
                most=f"{MAX_NODES:,}",
            )
            raise Misread(message, _place(event))
        if len(self.stack) >= MAX_DEPTH:
            message = gettext("Lists and mappings are nested more than {most} deep here.", most=MAX_DEPTH)
            raise Misread(message, _place(event))

    def _scalar(self, event: yaml.ScalarEvent | yaml.AliasEvent) -> None:
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.container, dict) and top.key is None:
            self._key(top, event)
        else:
            self._add("" if isinstance(event, yaml.AliasEvent) else event.value, event)

    def _key(self, top: _Open, event: yaml.ScalarEvent | yaml.AliasEvent) -> None:
        name = "*" if isinstance(event, yaml.AliasEvent) else event.value
        top.key = legible(name)
        path = (*top.path, top.key)
        if path in self.keys:
            first = self.keys[path].line
            message = gettext("This key is written twice (first in line {line}). Keep one of them.", line=first)
            self._complain(path, event, message=message)
        elif complaint := complaint_about(event, self.lines, is_key=True) or _unspeakable(name):
            self._complain(path, event, message=complaint)
        self.keys[path] = _place(event)

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
                raise Misread(_COLLECTION_AS_KEY, _place(event))
            else:
                path = (*top.path, top.key)
                top.container[top.key] = value
                top.key = None
        self.values[path] = _place(event)
        if begins_braces(event, self.lines):
            self._complain(path[:-1], event, message=BRACES)
        elif complaint:
            self._complain(path, event, message=complaint)
        return path

    def _complain(self, path: Path, event: yaml.Event, *, message: Text) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            return
        line, column = _place(event)
        self.problems.append(Problem(file=self.file, line=line, column=column, where=where(path), message=message))


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _unspeakable(text: str) -> Text | None:
    """What is wrong with characters that came through an escape, such as half of a surrogate pair."""
    bad = _UNPRINTABLE.search(text)
    return _unfit(bad[0]) if bad else None
