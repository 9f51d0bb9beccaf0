"""What commands say on the terminal, in its reader's language: the one door.

Knows the language of this process's terminal: the locale's, until settings name another.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from worker.languages import LanguageSetting, sayable, terminal_language
from worker.translation import Language, translated


@dataclass(slots=True)
class _Terminal:
    """This process's: what is said in any of its threads."""

    language: Language = "en"


_TERMINAL = _Terminal()


@contextmanager
def speaking_as_the_terminal() -> Iterator[None]:
    """Say everything in the terminal's language meanwhile."""
    system = (locale.getlocale()[0] or "") if sys.platform in ("darwin", "win32") else ""
    before = _TERMINAL.language
    _TERMINAL.language = terminal_language(os.environ, encoding=_encoding(), system=system)
    try:
        yield
    finally:
        _TERMINAL.language = before


def speak(setting: LanguageSetting) -> None:
    """From now on say everything as the setting has it; `auto` changes nothing."""
    if setting != "auto":
        _TERMINAL.language = sayable(setting, _encoding())


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def spoken() -> Language:
    """The language in which things are said now."""
    return _TERMINAL.language


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
