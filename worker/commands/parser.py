"""A parser of command lines that speaks the terminal's language: argparse, with its own words and ours translated.

Knows argparse's words. It looks them up itself, by the domain and the languages that gettext is told of.
"""

from __future__ import annotations

import argparse
import gettext as standard
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from worker.commands.printing import in_words, spoken
from worker.line_width import wrapped
from worker.translation import DOMAIN, LOCALE_DIR, gettext, ngettext

ARGPARSE_WORDS = (
    gettext("usage: "),
    gettext("positional arguments"),
    gettext("options"),
    gettext("%(heading)s:"),
    gettext("show this help message and exit"),
    gettext("show program's version number and exit"),
    gettext("%(prog)s: error: %(message)s\n"),
    gettext("argument %(argument_name)s: %(message)s"),
    gettext("the following arguments are required: %s"),
    gettext("one of the arguments %s is required"),
    gettext("unrecognized arguments: %s"),
    gettext("ambiguous option: %(option)s could match %(matches)s"),
    gettext("unexpected option string: %s"),
    gettext("ignored explicit argument %r"),
    gettext("not allowed with argument %s"),
    gettext("invalid choice: %(value)r (choose from %(choices)s)"),
    gettext("invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)"),
    gettext("unknown parser %(parser_name)r (choices: %(choices)s)"),
    gettext("invalid %(type)s value: %(value)r"),
    gettext("expected one argument"),
    gettext("expected at most one argument"),
    gettext("expected at least one argument"),
    ngettext("expected %s argument", "expected %s arguments", 2),
)
"""Named here so that the catalogue has them; those of CPython 3.11 to 3.14 that a person can meet."""


class Formatter(argparse.HelpFormatter):
    """Help in which every text of ours is translated and no line is wider than the terminal."""

    def add_text(self, text: str | None) -> None:
        """Add a paragraph."""
        super().add_text(text if text is None or text is argparse.SUPPRESS else in_words(text))

    def start_section(self, heading: str | None) -> None:
        """Begin a section."""
        super().start_section(heading if heading is None else in_words(heading))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.help is None else in_words(action.help)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(f"{indent}{line}" for line in wrapped(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """Satisfies `argparse.ArgumentParser`; its sub-parsers are of this class too."""

    def __init__(self, **options: object) -> None:
        """As argparse's, with our formatter."""
        super().__init__(**{"formatter_class": Formatter, **options})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and this message."""
        super().error(in_words(message))


@contextmanager
def argparse_speaking() -> Iterator[None]:
    """Let argparse find its words in our catalogue meanwhile: parsers are to be made, and used, in here."""
    before, languages = standard.textdomain(), os.environ.get("LANGUAGE")
    standard.bindtextdomain(DOMAIN, str(LOCALE_DIR))
    standard.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = spoken()
    try:
        yield
    finally:
        standard.textdomain(before)
        if languages is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = languages
