"""The file of figures: replaced whole, readable for everybody, in a thread that nothing waits for."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from worker.disk.beneath import NEW_FLAGS
from worker.disk.temporaries import remove_temporaries_of, temporary_name

log = structlog.get_logger()

MODE = 0o644
"""node_exporter runs as another account."""


class MetricsFile:
    """One file, for its only writer."""

    def __init__(self, path: Path) -> None:
        """Keep the place; nothing is touched.

        Args:
            path: of the file; its folder must be there.
        """
        self._path = path
        self._told = ""
        self._is_swept = False

    def write(self, data: bytes) -> bool:
        """Write it whole; never raises: what the disk refuses is told once, and tried again at the next turn.

        Returns:
            Whether it was written.
        """
        try:
            if not self._is_swept:
                remove_temporaries_of(self._path)
                self._is_swept = True
            self._replace(data)
        except OSError as error:
            why = error.strerror or str(error)
            if why != self._told:
                self._told = why
                log.warning("metrics.not_written", path=str(self._path), error=why)
            return False
        self._told = ""
        return True

    def _replace(self, data: bytes) -> None:
        temporary = self._path.with_name(temporary_name(self._path.name))
        descriptor = os.open(temporary, NEW_FLAGS, MODE)
        is_whole = False
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), MODE)  # whatever the umask says
                file.write(data)
            temporary.replace(self._path)
            is_whole = True
        finally:
            if not is_whole:
                temporary.unlink(missing_ok=True)
