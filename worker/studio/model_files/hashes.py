"""A hash cache: the SHA-256 of large files, remembered between runs.

Knows when a remembered hash still holds.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from worker.disk.content import read_record
from worker.disk.durable import replace_file


class HashCache:
    """SHA-256 by path, size and time of change. A cache that cannot be read or written only costs time."""

    def __init__(self, file: Path | None) -> None:
        """Read what is remembered.

        Args:
            file: JSON; None remembers nothing.
        """
        self._file = file
        self._hashes: dict[str, str] = {}
        if file is not None:
            with suppress(OSError):
                self._hashes = {key: str(value) for key, value in read_record(file).items()}

    def sha256(self, path: Path) -> str:
        """The file's SHA-256 in hex.

        Args:
            path: of the file.

        Raises:
            OSError: the file cannot be read.
        """
        about = path.stat()
        key = f"{path}|{about.st_size}|{about.st_mtime_ns}"
        if key not in self._hashes:
            with path.open("rb") as file:
                self._hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[key]

    def save(self) -> None:
        """Write what is known now, by rename; two workers on one machine may do so at once."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._file, json.dumps(self._hashes, indent=1))
