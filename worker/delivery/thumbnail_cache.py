"""Thumbnail cache: small versions of a job's pictures, made while each is at hand, on the local disk until its page.

It is one temporary file without a name. To read and shrink every picture once a job is done would keep the card
waiting, 25 ms a picture (measured, 1024x1024); in memory ten thousand would be 40 MB. What is not there, as
after a restart or where the local disk is full, is made from the picture's file.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from tempfile import TemporaryFile

from worker.delivery.thumbnail import shrink, thumbnail
from worker.records import Picture

SMALLER_PX = 192
"""Of versions for a page that is written again and again: shown some 150 CSS pixels wide."""
MOST_SMALLER = 32
"""Kept in memory: as many as such a page shows, and some."""


class ThumbnailCache:
    """Of one job. Trouble with the local disk costs work later, and is never an error: it says nothing of the share."""

    def __init__(self, job_id: str, *, longest_px: int) -> None:
        """Begin empty.

        Args:
            job_id: whose pictures it holds.
            longest_px: of a small version's longer edge.
        """
        self.job_id = job_id
        self._longest_px = longest_px
        self._file: io.FileIO | None = None
        self._size = 0
        self._places: dict[str, tuple[int, int]] = {}
        self._smaller: dict[str, str] = {}
        with suppress(OSError):
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the cache

    def put(self, name: str, picture: Picture) -> None:
        """Keep a small version; where there is no room for it, none is kept.

        Args:
            name: of the picture's file.
            picture: as it was decoded.
        """
        if self._file is None:
            return
        data = shrink(picture, longest_px=self._longest_px)
        with suppress(OSError):
            if os.pwrite(self._file.fileno(), data, self._size) == len(data):
                self._places[name] = (self._size, len(data))
                self._size += len(data)

    def get(self, name: str) -> bytes | None:
        """The small version (WebP), or None."""
        if self._file is None or name not in self._places:
            return None
        begin, size = self._places[name]
        with suppress(OSError):
            data = os.pread(self._file.fileno(), size, begin)
            return data if len(data) == size else None
        return None

    def smaller(self, name: str) -> str | None:
        """A still smaller version as a data URI, or None: of a picture that an earlier run has made there is none.

        Args:
            name: of the picture's file; the last ones asked for are kept.
        """
        if name in self._smaller:
            return self._smaller[name]
        data = self.get(name)
        if data is None:
            return None
        while len(self._smaller) >= MOST_SMALLER:
            del self._smaller[next(iter(self._smaller))]
        return self._smaller.setdefault(name, thumbnail(data, longest_px=SMALLER_PX))

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            self._file.close()
            self._file = None
