"""A hash cache: the SHA-256 of large files, remembered between runs.

Knows when a remembered hash still holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from worker.disk.content import read_record
from worker.disk.durable import replace_file

log = structlog.get_logger()

PIECE_BYTES = 8 * 1024**2
"""Read at a time; a slow disk gives a few a second."""
LARGE_BYTES = 256 * 1024**2
"""Hashing a file of this size takes long enough to be told."""


class HashCache:
    """SHA-256 by path, size and time of change. A cache that cannot be read or written only costs time."""

    def __init__(self, file: Path | None, *, between: Callable[[], object] = lambda: None) -> None:
        """Read what is remembered.

        Args:
            file: JSON; None remembers nothing.
            between: called between two pieces of a file; whatever it raises ends the hashing.
        """
        self._file = file
        self._between = between
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
            self._hashes[key] = self._hashed(path)
            if about.st_size >= LARGE_BYTES:
                log.info("model.hashed", file=path.name, mib=about.st_size // 1024**2)
                self.save()  # what is interrupted goes on with the next file
        return self._hashes[key]

    def _hashed(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
                self._between()
        return digest.hexdigest()

    def save(self) -> None:
        """Write what is known now, by rename; two workers on one machine may do so at once."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._file, json.dumps(self._hashes, indent=1))
