"""One thing wrong with what a person wrote, always as text that can be written down.

Knows a problem's place and words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from worker.translation import Text, enumerated, gettext, ngettext, spelt

SHOWN_CHARACTERS = 60
"""How much of an author's text a message repeats."""

_HALF = re.compile("[\ud800-\udfff]")

EXAMPLES = 3
"""How many places or values of one cause are named."""


def legible(text: str) -> str:
    r"""The text with every character that no file and no log can hold spelt out.

    Names on a share may hold bytes that are not UTF-8. Python keeps such a byte as a lone surrogate (0xff as U+DCFF),
    which cannot be encoded again. Ends of lines stay, as a job's texts have them: `printable` is for a name in a line.

    Returns:
        The text itself, but for `\\xff` in place of such a character. One of the catalogue is legible already.
    """
    return text if isinstance(text, Text) else _HALF.sub(lambda found: spelt(found[0]), text)


def clipped(text: str) -> str:
    """The text on one line, cut after SHOWN_CHARACTERS."""
    line = " ".join(text[: 4 * SHOWN_CHARACTERS].split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with (or, as a warning, pointless in) a job or settings file."""

    file: str
    line: int
    """1-based; 0 when the problem is of the file as a whole."""
    column: int
    """1-based, in characters; 0 when the problem is of the file as a whole."""
    where: str
    """Path inside the document, such as `shots[2].size`; empty for the whole document."""
    message: str
    """What is wrong and what is allowed, in one sentence or two; with what to do, where `remedy` does not say it."""
    is_warning: bool = False
    rule: str = ""
    """Names the rule for programs, such as `prompt.too_long`; every warning has one."""
    remedy: str = ""
    """What to do, in a sentence of its own; every warning has one."""
    count: int = 1
    """How many places have this problem; the first of them is the place."""
    examples: tuple[str, ...] = ()
    """The first EXAMPLES of those places or values, where there are several."""

    def __post_init__(self) -> None:
        """Make the texts legible: every name of a file, key or value that people are told comes through here."""
        for name in ("file", "where", "message", "remedy"):
            object.__setattr__(self, name, legible(getattr(self, name)))
        object.__setattr__(self, "examples", tuple(map(legible, self.examples)))

    @property
    def text(self) -> Text:
        """`file:line:column: where: message`, as `check` prints it; the catalogue can say it in another language."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = gettext("{where}: ", where=self.where) if self.where else ""
        message = self.said
        if self.is_warning:
            return gettext("{place}: warning: {where}{message}", place=place, where=where, message=message)
        return gettext("{place}: {where}{message}", place=place, where=where, message=message)

    @property
    def said(self) -> str:
        """What is wrong, what to do, and how often it stands; without the place."""
        said = self.message
        if self.remedy:
            said = gettext("{message} {remedy}", message=said, remedy=self.remedy)
        return gettext("{message} {extent}", message=said, extent=self.extent) if self.extent else said

    @property
    def place(self) -> str:
        """`job.yaml, line 3, column 7, at shots[2].size`, as a page or a letter says it."""
        place: str = self.file
        if self.line:
            place = gettext("{file}, line {line}, column {column}", file=place, line=self.line, column=self.column)
        return gettext("{place}, at {where}", place=place, where=self.where) if self.where else place

    @property
    def extent(self) -> str:
        """`(900 places, such as line 2, line 3, line 4)`; empty for a single place."""
        if self.count < 2:
            return ""
        if not self.examples:
            return ngettext("({count} place)", "({count} places)", self.count)
        examples = enumerated(self.examples)
        if len(self.examples) == self.count:
            return ngettext(
                "({count} place: {examples})", "({count} places: {examples})", self.count, examples=examples
            )
        return ngettext(
            "({count} place, such as {examples})",
            "({count} places, such as {examples})",
            self.count,
            examples=examples,
        )

    def __str__(self) -> str:
        """The same as `text` in English."""
        return self.text


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Those that are no warnings, in their order."""
    return [problem for problem in problems if not problem.is_warning]


def warnings_in(problems: Iterable[Problem]) -> list[Problem]:
    """Those that are warnings, in their order."""
    return [problem for problem in problems if problem.is_warning]
