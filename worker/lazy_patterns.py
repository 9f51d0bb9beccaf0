"""Patterns that are compiled when they are first looked for: most texts have no mark for which most patterns exist.

Source: of `check` of a job a fifth was the compiling of 290 patterns (measured), of which a plain prompt needs 40.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property


class LazyPattern:
    """A regular expression; used like one of `re`, with the same methods."""

    def __init__(self, pattern: str, flags: int | re.RegexFlag = 0) -> None:
        """Keep it; a mistake in it shows when it is compiled, which a test does for all.

        Args:
            pattern: as for `re.compile`.
            flags: likewise.
        """
        self.pattern = pattern
        self.flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """What `re` makes of it."""
        return re.compile(self.pattern, self.flags)

    @cached_property
    def search(self) -> Callable[..., re.Match[str] | None]:
        """As of `re`; the compiled pattern's own method, so that no later use costs more."""
        return self.compiled.search

    @cached_property
    def match(self) -> Callable[..., re.Match[str] | None]:
        """Likewise."""
        return self.compiled.match

    @cached_property
    def fullmatch(self) -> Callable[..., re.Match[str] | None]:
        """Likewise."""
        return self.compiled.fullmatch

    @cached_property
    def finditer(self) -> Callable[..., Iterator[re.Match[str]]]:
        """Likewise."""
        return self.compiled.finditer

    @cached_property
    def findall(self) -> Callable[..., list[str]]:
        """Likewise; of a pattern with at most one group."""
        return self.compiled.findall

    @cached_property
    def sub(self) -> Callable[..., str]:
        """Likewise."""
        return self.compiled.sub

    @cached_property
    def split(self) -> Callable[..., list[str]]:
        """Likewise."""
        return self.compiled.split
