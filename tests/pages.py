"""The pages of the project (`*.md`) as tests read them: sections, tables, code blocks, links and anchors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_OURS = {"demo", "build", "dist", "node_modules"}
"""Folders at the root that commands make."""

_FENCE = re.compile(r"^ *(```+).*?^ *\1 *$", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def name(self) -> str:
        """Its path from the root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def prose(self) -> str:
        """Without blocks of code."""
        return _FENCE.sub("", self.text)

    def section(self, title: str) -> str:
        """The text between a heading and the next of any level; `title` with its marks, as in `## Commands`."""
        return re.split(r"\n#+ ", f"\n{self.text}".split(f"\n{title}\n", 1)[1], maxsplit=1)[0]

    def rows(self, title: str) -> list[list[str]]:
        """Cells of the tables in a section, without the lines under their heads."""
        lines = [line for line in self.section(title).splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
        return [row for row in cells if not set(row[0]) <= set("-: ")]

    def first_words(self, title: str) -> dict[str, list[str]]:
        """The rows whose first cell begins with a word of code, by that word."""
        return {code_words(row[0])[0]: row for row in self.rows(title) if row[0].startswith("`")}

    @cached_property
    def code_blocks(self) -> tuple[str, ...]:
        return tuple(block[0] for block in _FENCE.finditer(self.text))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Targets of all links outside of code."""
        return tuple(_LINK.findall(self.prose))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What `#...` may name here, made from the headings as GitHub makes it."""
        seen: Counter[str] = Counter()
        found = set()
        for heading in re.findall(r"^#+ +(.*?) *$", self.prose, re.M):
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
            anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
        return frozenset(found)


def page(name: str) -> Page:
    """By its path from the root."""
    return Page(ROOT / name)


def all_pages() -> list[Page]:
    """Every page, but for what tools leave in hidden folders."""
    found = []
    for path in sorted(ROOT.rglob("*.md")):
        parts = path.relative_to(ROOT).parts
        if parts[0] not in NOT_OURS and not any(part.startswith(".") for part in parts):
            found.append(Page(path))
    return found


def code_words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def command_lines(text: str) -> Iterator[str]:
    """What follows `zimage-worker`, by its name or its path, on the lines of a block of code."""
    for line in text.splitlines():
        found = re.search(r"(?:^\s*|/bin/)zimage-worker( .*)?$", line)
        if found:
            yield re.split(r" (?:#|\||>|2>|&&|;) ?", f"{found[1] or ''} ", maxsplit=1)[0].strip()
