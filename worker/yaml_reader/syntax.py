"""What YAML means by a line, in plain words, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from worker.text_encodings.judged import LINE_END
from worker.translation import Text, gettext
from worker.yaml_reader.document import Data, Misread, Place, clipped

_BEFORE_VALUE = r"^\s*(?:- +)*(?:[^\s:#\"'{\[][^:#]*:\s+)?"
"""Indentation, dashes and a key."""

_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})

BRACES = gettext(
    "A text that begins with `{{` or `[` is read as a mapping or a list. Put the whole text in quotes:"
    ' "{{angle}}, soft light".'
)
_RULES: Sequence[tuple[str, Text]] = (
    (
        _BEFORE_VALUE + r"((?:\"[^\"]*\"|'[^']*')\s*[^\s#,\]}:].*)",
        gettext(
            "The text goes on after its closing quotation mark. Put the whole text in quotes, with the other kind"
            " outside: '\"red\" mug'."
        ),
    ),
    (
        _BEFORE_VALUE + r"([@`%*&!])",
        gettext(
            "A text cannot begin with `@`, `%`, `*`, `&`, `!` or a backtick unless it is in quotes. Put the whole text"
            " in quotes."
        ),
    ),
    (
        _BEFORE_VALUE + r"([{\[])",
        BRACES,
    ),
    (
        r"^\s*(?:- +)*\w[\w ]*:\s+([^\"'\s].*?:\s.*)",
        gettext(
            "The text holds a colon followed by a space, which YAML takes for another key. Put the whole text in"
            " quotes: {quoted}.",
            quoted="...",
        ),
    ),
    (
        _BEFORE_VALUE + r"([|>][^\s].*|[|>] +\S.*)",
        gettext("A text cannot begin with `|` or `>`. Put the whole text in quotes."),
    ),
    (
        r"^\s*(?:- +)*\w[\w ]*:\s+([-?] .*)",
        gettext("A text cannot begin with a dash or a question mark. Put the whole text in quotes."),
    ),
    (
        r"^\s*(?:- +)*\w+(:)(?=\S)",
        gettext("A space is missing after the colon. Write `key: value`."),
    ),
)
"""Look of a line (the group is where to point) and what to say, in which `{quoted}` becomes the author's own text; the
first that fits counts."""


def lines_of(text: str) -> list[str]:
    """The text's lines, as an editor counts them."""
    return LINE_END.split(text)


def explain(error: Exception, lines: Sequence[str]) -> Misread:
    """The parser's complaint in plain words.

    Args:
        error: whatever PyYAML raised.
        lines: of the whole text.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Misread(gettext("This is not YAML that can be read. Write it anew in a plain text editor."))
    problem = error.problem or ""
    began, here = error.context_mark or error.problem_mark, error.problem_mark
    if found := _of_a_mark(problem, error.context or "", began, here):
        return found
    if "document start" in problem:
        return _after_the_end(here, lines)
    for mark in (here, began):
        if found := _too_far_right(problem, mark.line, lines) or _by_look(mark.line, lines):
            return found
    return Misread(_otherwise(problem), _place(here))


def _of_a_mark(problem: str, context: str, began: yaml.Mark, here: yaml.Mark) -> Misread | None:
    """What to say where a quotation mark, an escape or a bracket is wrong; None for all else."""
    if "quoted scalar" in context and ("end of stream" in problem or "document separator" in problem):
        message = gettext("This quotation mark is never closed. Close it, or write a quote inside a text twice ('').")
        return Misread(message, _place(began))
    if "escape" in problem or "double-quoted" in context:
        message = gettext("In double quotes `\\` begins an escape. Write `\\\\`, or put the text in single quotes.")
        return Misread(message, _place(here))
    if "stream end" in problem:
        message = gettext("A bracket is opened here and never closed. Close it, or copy the file once more.")
        return Misread(message, _place(began))
    if "flow" in context:
        message = gettext(
            "Within the brackets that begin in line {line}, a comma, a colon or a quotation mark is missing or too many"
            " here, or in the line above.",
            line=began.line + 1,
        )
        return Misread(message, _place(here))
    return None


def _after_the_end(here: yaml.Mark, lines: Sequence[str]) -> Misread:
    """What to say of text after the one text or bracket that a file holds, or of a line of `%`."""
    if here.line < len(lines) and lines[here.line].startswith("%"):
        return Misread(gettext("A line cannot begin with `%`. Put the text in quotes, after a key."), _place(here))
    if found := _by_look(here.line, lines):
        return found
    directive = next((n for n, text in enumerate(lines[: here.line]) if text.startswith("%")), None)
    if directive is not None:
        message = gettext("A line cannot begin with `%`. Put the text in quotes, after a key.")
        return Misread(message, Place(directive + 1, 1))
    return Misread(
        gettext("The file goes on here after its end. Delete what follows, or make it a part of a key's value."),
        _place(here),
    )


def _too_far_right(problem: str, number: int, lines: Sequence[str]) -> Misread | None:
    """What to say of a key that stands further right than a key with a value above it."""
    if number >= len(lines) or not ("mapping values" in problem or "block mapping start" in problem):
        return None
    above = next((line for line in reversed(lines[:number]) if line.strip() and not line.lstrip().startswith("#")), "")
    has_value = re.match(r"\s*(?:- +)*\w[\w ]*:\s+[^\s#|>]", above)
    is_key = re.match(r" *(?:- +)*\w+:(\s|$)", lines[number])
    if not (has_value and is_key and _indent(lines[number]) > _indent(above)):
        return None
    message = gettext(
        "This key stands further right than the one above it, so YAML takes it for a part of that one's text. Begin it"
        " in column {column}, or put the whole text in quotes.",
        column=_indent(above) + 1,
    )
    return Misread(message, Place(number + 1, _indent(lines[number]) + 1))


def _indent(line: str) -> int:
    """Characters before a line's key or text; a list's dash counts as indentation."""
    found = re.match(r"\s*(?:- +)*", line)
    return found.end() if found else 0


def _by_look(number: int, lines: Sequence[str]) -> Misread | None:
    line = lines[number] if number < len(lines) else ""
    for look, message in _RULES:
        if found := re.search(look, line[:2000]):
            place = Place(number + 1, found.start(found.lastindex or 0) + 1)
            return Misread(message.filled(quoted=_quoted(found[found.lastindex or 0])), place)
    return None


def _quoted(text: str) -> str:
    mark = "'" if '"' in text else '"'
    return f"{mark}{clipped(text)}{mark}"


def _otherwise(problem: str) -> Text:
    if "<block end>" in problem or "block mapping" in problem:
        return gettext(
            "This line does not fit the lines above it: keys of one level begin in the same column, and what belongs"
            " to a key stands further right."
        )
    if "mapping values" in problem:
        return gettext(
            "A colon followed by a space stands here within a text, which YAML takes for another key. Put the whole"
            " text in quotes; or begin the line in the column of the key that it follows."
        )
    if "expected ':'" in problem:
        return gettext("The line before this has no `: ` (colon and space). Write `key: value`.")
    return gettext(
        "This is not YAML ({problem}). If it belongs to a text, put the whole text in quotes.", problem=problem
    )


def not_a_mapping(root: Data | None, lines: Sequence[str], *, example: str) -> Misread:
    """What to say when the top of a file is no mapping.

    Args:
        root: what YAML read; None for nothing.
        lines: of the file.
        example: a line to show.
    """
    remedy = gettext("Write keys with values, such as `{example}`.", example=example)
    if root is None or root == "":
        return Misread(gettext("The file holds only comments or blank lines. {remedy}", remedy=remedy))
    if isinstance(root, list):
        return Misread(gettext("The file begins with a list that has no key. {remedy}", remedy=remedy), Place(1, 1))
    number = next(n for n, line in enumerate(lines) if line.strip(" \t") and not line.lstrip(" \t").startswith("#"))
    return _by_look(number, lines) or Misread(
        gettext("This is text without a key. {remedy}", remedy=remedy), Place(number + 1, 1)
    )


def _unused(event: yaml.NodeEvent) -> Text | None:
    """What to say of an alias, an anchor or a tag."""
    is_program_s = False
    if isinstance(event, yaml.AliasEvent):
        what = gettext("`*{name}` is a YAML alias", name=str(event.anchor)[:40])
        is_program_s = bool(_NUMBERED.fullmatch(str(event.anchor)))
    elif event.anchor is not None:
        what = gettext("`&{name}` is a YAML anchor", name=event.anchor[:40])
        is_program_s = bool(_NUMBERED.fullmatch(event.anchor))
    elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        what = gettext("`!` begins a YAML tag")
        is_program_s = event.tag.startswith("tag:yaml.org,2002:")
    else:
        return None
    if is_program_s and isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        return gettext(
            "{what}, which is not used here. Write the plain value; a program writes it so when it is given plain texts"
            " and numbers only.",
            what=what,
        )
    if is_program_s:
        return gettext(
            "{what}, which is not used here: a program wrote it for a part that stands here twice. Let it write each"
            " part out (PyYAML: a Dumper whose `ignore_aliases` returns True), or write JSON.",
            what=what,
        )
    return gettext("{what}, which is not used here. If it is text, put it in quotes.", what=what)


_NUMBERED = re.compile(r"(?:id|a|o|ref_?|anchor_?)?[0-9]+")
"""Names that programs give to anchors: PyYAML's `id001`, js-yaml's `ref_0`, `a1`, `1`."""


def complaint_about(event: yaml.NodeEvent, lines: Sequence[str], *, is_key: bool = False) -> Text | None:
    """What is wrong with a value (or key) that YAML accepts but would change or drop.

    Args:
        event: of YAML's parser.
        lines: of the file.
        is_key: whether it stands for a key.
    """
    if unused := _unused(event):
        return unused
    if not isinstance(event, yaml.ScalarEvent) or event.style is not None:
        return None
    if is_key:
        is_merge = event.value == "<<"
        return gettext("YAML merge keys (`<<`) are not used here. Write the keys out.") if is_merge else None
    return _dropped(event.value, _rest_of_line(event, lines))


def begins_braces(event: yaml.NodeEvent, lines: Sequence[str]) -> bool:
    """Whether this is the value that `{angle}` without quotes lacks when it is read as a mapping.

    Args:
        event: of YAML's parser.
        lines: of the file.
    """
    return (
        isinstance(event, yaml.ScalarEvent)
        and not event.value
        and event.style is None
        and _rest_of_line(event, lines)[:1] == "}"
    )


def _rest_of_line(event: yaml.ScalarEvent, lines: Sequence[str]) -> str:
    mark = event.end_mark
    return lines[mark.line][mark.column :] if mark and mark.line < len(lines) else ""


def _dropped(value: str, rest: str) -> Text | None:
    """What to say about an empty value, or one whose end YAML takes for a comment."""
    comment = rest.lstrip() if "#" in rest else ""
    text = comment[:40].rstrip() if comment.startswith("#") else ""
    if value in _EMPTY and text:
        return gettext(
            'There is no value: `#` begins a comment. If it belongs to the text, put it in quotes: "{text}".', text=text
        )
    if value in _EMPTY:
        written = gettext(" (`{value}` means none)", value=value) if value else ""
        return gettext("There is no value{written}. Write one, or remove the key.", written=written)
    if re.match(r"#[^\s#]", text):
        return gettext(
            "`{text}` is read as a comment and would be dropped. If it belongs to the text, put the whole text in"
            " quotes; if it is a comment, write a space after `#`.",
            text=text,
        )
    return None


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)
