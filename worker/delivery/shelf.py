"""Small versions of a job's pictures, made while each picture is at hand and kept on the local disk until its page.

Knows one temporary file without a name. Must not know pages. To read and shrink every picture once a job is done would
keep the card waiting, 25 ms a picture (measured, 1024x1024); in memory ten thousand would be 40 MB. What is not on the
shelf, as after a restart, is made from the picture's file.
"""

from __future__ import annotations

from contextlib import suppress
from tempfile import TemporaryFile

from worker.delivery.thumbnail import shrunk
from worker.records import Picture


class Shelf:
    """Of one job."""

    def __init__(self, job_id: str, *, longest_px: int) -> None:
        """Begin empty.

        Args:
            job_id: whose pictures it holds.
            longest_px: of a small version's longer edge.
        """
        self.job_id = job_id
        self._longest_px = longest_px
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the shelf, and has no name to clean up
        self._places: dict[str, tuple[int, int]] = {}

    def put(self, name: str, picture: Picture) -> None:
        """Keep a small version; where the local disk has no room for it, none is kept."""
        data = shrunk(picture, longest_px=self._longest_px)
        with suppress(OSError):
            begin = self._file.seek(0, 2)
            self._file.write(data)
            self._file.flush()
            self._places[name] = (begin, len(data))

    def get(self, name: str) -> bytes | None:
        """The small version (WebP), or None."""
        if name not in self._places:
            return None
        begin, size = self._places[name]
        self._file.seek(begin)
        return self._file.read(size)
