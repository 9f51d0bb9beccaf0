"""Pictures of ended jobs for the page of everything: read once from each job's contact sheet, kept while it is new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from worker.delivery.pages.sheet_pictures import SheetPicture, sheet_pictures
from worker.disk.content import NotAJob, opened
from worker.overview_records import EndedJob

PIECE_BYTES = 256 * 1024
"""Read of a contact sheet at a time: four pictures stand in the first of them, unless failures stand before them."""
MOST_BYTES = 4 * 1024 * 1024
"""Of a contact sheet."""


class OverviewPictures:
    """Of one outbox."""

    def __init__(self, outbox: Path, *, most: int) -> None:
        """Keep the place; nothing is read.

        Args:
            outbox: where the finished folders lie.
            most: pictures of each job.
        """
        self._outbox = outbox
        self._most = most
        self._known: dict[tuple[str, str | None], Sequence[SheetPicture]] = {}

    def of(self, jobs: Iterable[EndedJob]) -> dict[str, Sequence[SheetPicture]]:
        """The first pictures of each, by the name of its folder; none where they cannot be read.

        Args:
            jobs: of the outbox; what was read of any other is forgotten.
        """
        known = self._known
        self._known = {key: self._read(job, known.get(key)) for job in jobs for key in [(job.name, job.ended_at)]}
        return {name: pictures for (name, _), pictures in self._known.items()}

    def _read(self, job: EndedJob, known: Sequence[SheetPicture] | None) -> Sequence[SheetPicture]:
        if known is not None:
            return known
        found: Sequence[SheetPicture] = ()
        try:
            with opened(self._outbox / job.name / "index.html", below=self._outbox) as file:
                page = b""
                while len(found) < min(self._most, job.made) and len(page) < MOST_BYTES:
                    piece = file.read(PIECE_BYTES)
                    if not piece:
                        break
                    page += piece
                    found = sheet_pictures(page, most=self._most)
        except (OSError, NotAJob):  # moved away, locked by a person's program, or nobody's business
            return ()
        return found
