"""A JSON object whose last value is a long list, read an entry at a time: a manifest of any size costs little memory.

Whoever may write on the share may have written anything there: what is too large, or no such object, ends the reading.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path

from worker.disk.content import NO_PLAIN_FILE, NotAJob, opened
from worker.disk.json_records import MANIFEST_BYTES

PIECE_BYTES = 256 * 1024
HEAD_CHARACTERS = 4 * 1024 * 1024
"""Before the list: of a manifest its warnings stand there."""
ENTRY_CHARACTERS = 1024 * 1024
"""Of one entry; more is none of ours."""
MOST_ENTRIES = 20_000
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def read_stream(
    path: Path,
    key: str,
    take: Callable[[Mapping[str, object]], object],
    *,
    below: Path,
    most_bytes: int = MANIFEST_BYTES,
) -> dict[str, object]:
    """Hand over the objects of the last list one by one; what stands before it comes back, empty for anything else.

    Args:
        path: of the file; may be missing, damaged, or somebody's trap.
        key: of the list in the object.
        take: is handed each of the first `MOST_ENTRIES` objects.
        below: as `opened`.
        most_bytes: read of the file.

    Raises:
        OSError: the share failed.
    """
    try:
        with opened(path, below=below) as file:
            return _read(_Text(file, most_bytes), key, take)
    except (FileNotFoundError, IsADirectoryError, PermissionError, NotAJob):
        return {}
    except OSError as error:
        if error.errno in NO_PLAIN_FILE:
            return {}
        raise


class _Text:
    """What was read of a file and is still needed."""

    def __init__(self, file: BufferedReader, most_bytes: int) -> None:
        self._file = file
        self._left = most_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.text = ""

    def more(self, *, at: int = 0) -> bool:
        """Read another piece, and forget what stands before `at`; whether there was one."""
        data = self._file.read(min(PIECE_BYTES, self._left))
        self._left -= len(data)
        self.text = self.text[at:] + self._decoder.decode(data)
        return bool(data)


def _read(file: _Text, key: str, take: Callable[[Mapping[str, object]], object]) -> dict[str, object]:
    begins = re.compile(rf'"{re.escape(key)}"\s*:\s*\[')  # in a string its quotation marks would be escaped
    while (found := begins.search(file.text)) is None:
        if len(file.text) > HEAD_CHARACTERS or not file.more():
            return {}
    try:
        head = json.loads(f"{file.text[: found.end()]}]}}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(head, dict):
        return {}
    _entries(file, found.end(), take)
    return head


def _entries(file: _Text, at: int, take: Callable[[Mapping[str, object]], object]) -> None:
    for _ in range(MOST_ENTRIES):
        while (entry := _entry(file.text, at)) is None:
            if len(file.text) - at > ENTRY_CHARACTERS or not file.more(at=at):
                return
            at = 0
        value, at = entry
        if isinstance(value, dict):
            take(value)


def _entry(text: str, at: int) -> tuple[object, int] | None:
    """The value that stands there, and where it ends; None where it is not whole, or none."""
    begins = _BETWEEN.match(text, at)
    try:
        return _DECODER.raw_decode(text, begins.end() if begins else at) if text[at:] else None
    except (ValueError, RecursionError):
        return None
