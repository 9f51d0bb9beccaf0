"""Checksum files beside a model: `SHA256SUMS`, `NAME.sha256` and their like, by whomever they were written.

Knows the lines of sha256sum (text, binary, escaped), of BSD and openssl, and a lone hash in a file named after another.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.records import plain_files, small_file
from worker.translation import gettext

NAMED = re.compile(r"(?:.*[._-])?(?:sha256(?:sums?)?|checksums?)(?:[._-]sha256)?(?:\.txt)?", re.IGNORECASE)
LINES = (
    re.compile(r"(?P<escaped>\\?)(?P<hash>[0-9a-fA-F]{64}) [ *]?(?P<name>.+)"),
    re.compile(r"(?P<escaped>\\?)SHA(?:2-)?256 ?\((?P<name>.+)\) ?= ?(?P<hash>[0-9a-fA-F]{64})"),
)
ALONE = re.compile(r"[0-9a-fA-F]{64}")
MOST_BYTES = 1024**2
MOST_FILES = 100
"""Checksum files in a folder that are read."""
FOLDERS = 3
"""That may hold one: the part's, the model's, and the one in which the model lies."""


class ChecksumFiles:
    """Every checksum file is read once, however many files ask."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._known: dict[Path, Mapping[Path, tuple[str, Path]]] = {}

    def expected(self, file: Path) -> Expected | None:
        """What a checksum file beside or above the file says of it."""
        for folder in file.parents[:FOLDERS]:
            if folder not in self._known:
                self._known[folder] = dict(_told_in(folder))
            if file in self._known[folder]:
                digest, record = self._known[folder][file]
                remedy = gettext("Delete it and download it again from where it came from.")
                return Expected(digests=frozenset({digest}), record=record, remedy=remedy)
        return None


def _told_in(folder: Path) -> Iterator[tuple[Path, tuple[str, Path]]]:
    """File, hash, and where that stands, by all checksum files of a folder."""
    named = (entry for entry in plain_files(folder) if NAMED.fullmatch(entry.name))
    for entry in islice(named, MOST_FILES):
        record = Path(entry.path)
        for line in _text(small_file(record, MOST_BYTES) or b"").splitlines():
            for name, digest in _read_line(line.strip(), record=record):
                yield Path(os.path.normpath(folder / name)), (digest.lower(), record)


def _read_line(line: str, *, record: Path) -> Iterator[tuple[str, str]]:
    """File name and hash, if the line holds any."""
    if ALONE.fullmatch(line):
        yield re.sub(r"\.sha256(sums?)?(\.txt)?$", "", record.name, flags=re.IGNORECASE), line
    for form in LINES:
        if told := form.fullmatch(line):
            name = told["name"].replace("\\\\", "\\") if told["escaped"] else told["name"]
            yield name.replace("\\", "/"), told["hash"]


def _text(data: bytes) -> str:
    """As Windows and Unix write it; PowerShell's `>` writes UTF-16."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return data.decode(encoding, "replace").lstrip("\ufeff")
