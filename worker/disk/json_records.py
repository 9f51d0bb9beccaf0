"""JSON that programs of ours wrote, read back: the whole of a small record, or what stands at the head of a large one.

Whatever else lies there is nothing; only a share that failed is an error.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from worker.disk.content import NO_PLAIN_FILE, NotAJob, opened

RECORD_BYTES = 1024 * 1024
"""Of a record of our own; more is none of ours."""
MANIFEST_BYTES = 64 * 1024 * 1024
"""Of a manifest of 20,000 pictures."""
HEAD_BYTES = 64 * 1024
"""Of a manifest: what it says of the job as a whole stands there, before the pictures."""


def read_record(path: Path, *, below: Path | None = None, most_bytes: int = RECORD_BYTES) -> dict[str, object]:
    """A JSON object that one of our own programs wrote; empty when there is none, or anything else.

    Args:
        path: may be missing, damaged, or somebody's trap; larger than `most_bytes` it is none of ours.
        below: as `opened`.
        most_bytes: of the file.

    Raises:
        OSError: the share failed; what lies there is not known.
    """
    data = _beginning(path, most_bytes + 1, below=below)
    try:
        record = json.loads(data) if len(data) <= most_bytes else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


_MEMBER = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9]+|true|false|null)\s*[,}]')


def read_head(
    path: Path | str, *, folder: int | None = None, below: Path | None = None, most_bytes: int = HEAD_BYTES
) -> dict[str, object]:
    """The plain values at the head of a JSON object, up to the first list or object in it; empty for anything else.

    Args:
        path: of a file of any size, such as a manifest of 10,000 pictures.
        folder: as `opened`.
        below: as `opened`.
        most_bytes: read of it.

    Raises:
        OSError: the share failed; what lies there is not known.
    """
    text = _beginning(path, most_bytes, folder=folder, below=below).decode(errors="ignore").lstrip()
    head: dict[str, object] = {}
    end = 1 if text.startswith("{") else len(text)
    try:
        while member := _MEMBER.match(text, end):
            head[str(_plain(member[1]))] = _plain(member[2])
            end = member.end()
    except ValueError:
        return {}
    return head


def _plain(said: str) -> object:
    """A value that is no list or object; a text without escapes as it stands, since thousands are read."""
    return said[1:-1] if said.startswith('"') and "\\" not in said and said.isprintable() else json.loads(said)


def _beginning(path: Path | str, most_bytes: int, *, folder: int | None = None, below: Path | None = None) -> bytes:
    """The first bytes of a file; none where there is no plain file, or it is not for this user."""
    try:
        with opened(path, folder=folder, below=below) as file:
            return file.read(most_bytes)
    except (FileNotFoundError, IsADirectoryError, PermissionError, NotAJob):
        return b""
    except OSError as error:
        if error.errno in NO_PLAIN_FILE:
            return b""
        raise
