"""What commands say on the terminal, in its reader's language: the one door.

Knows the language of this process's terminal: the locale's, until settings name another.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

from worker.languages import LanguageSetting, terminal_language
from worker.translation import Language, translated

_LANGUAGE: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking_as_the_terminal() -> Iterator[None]:
    """Say everything in the terminal's language meanwhile."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    system = (locale.getlocale()[0] or "") if sys.platform in ("darwin", "win32") else ""
    before = _LANGUAGE.set(terminal_language(os.environ, encoding=encoding, system=system))
    try:
        yield
    finally:
        _LANGUAGE.reset(before)


def speak(setting: LanguageSetting) -> None:
    """From now on say everything as the setting has it; `auto` changes nothing."""
    if setting != "auto":
        _LANGUAGE.set(setting)


def spoken() -> Language:
    """The language in which things are said now."""
    return _LANGUAGE.get()


def in_words(text: str) -> str:
    """A text of the catalogue, or any other, as the terminal's reader reads it."""
    return translated(text, spoken())


def say(text: str, *, file: TextIO | None = None, flush: bool = False) -> None:
    """Print a text of the catalogue, or any other, on a line of its own.

    Args:
        text: loses its template in an f-string, so it comes as it is.
        file: standard output, when not given.
        flush: at once.
    """
    print(in_words(text), file=file, flush=flush)
