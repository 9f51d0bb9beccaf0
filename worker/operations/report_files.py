"""The files of night reports in the outbox: a page and a JSON file each, written whole, and nobody else's replaced."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.durable import make_folder
from worker.operations.overview_files import NotOurs, OverviewFiles
from worker.operations.report_json import night_in

MOST_REPORTS = 400
"""That are kept, the newest: more than a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a report that is there was made of."""

    digest: str
    is_over: bool
    """Whether the night was."""
    jobs: int
    """That had ended."""

    def __str__(self) -> str:
        """As it stands in the page's mark."""
        return f"{'over' if self.is_over else 'now'}-{self.jobs}"


class ReportFiles:
    """Those of one outbox."""

    def __init__(self, outbox: Path, *, folder: str) -> None:
        """Keep the places; nothing is touched.

        Args:
            outbox: of the spool.
            folder: name of the folder in it that holds the reports.
        """
        self._outbox = outbox
        self._folder = folder
        self.path = outbox / folder

    def nights(self) -> frozenset[date]:
        """Of which there are reports; none where something else lies in the folder's place.

        Raises:
            OSError: the share failed.
        """
        files = OverviewFiles(self._outbox, folder=self._folder)
        if not files.has_folder():
            return frozenset()
        return frozenset(night for name in files.present if (night := night_in(name.replace(".html", ".json"))))

    def is_usable(self) -> bool:
        """Whether the folder is there, or can be made.

        Raises:
            OSError: the share failed.
        """
        return OverviewFiles(self._outbox, folder=self._folder).has_folder()

    def standing(self, night: date) -> Standing | None:
        """What the report of a night was made of; None where none is.

        Args:
            night: on which it began.

        Raises:
            NotOurs: somebody else's file lies there.
            OSError: the share failed.
        """
        marks = OverviewFiles(self._outbox, folder=self._folder, front=self._page(night)).standing()
        if marks is None:
            return None
        word, _, jobs = marks.progress.partition("-")
        return Standing(digest=marks.state, is_over=word == "over", jobs=int(jobs) if jobs.isdecimal() else 0)

    def write(self, night: date, *, data: bytes, page: Iterable[bytes]) -> int:
        """Replace a report; the page's size in bytes. The page comes last: its mark says that both are there.

        Args:
            night: on which it began.
            data: of the JSON file.
            page: of the page, in pieces.

        Raises:
            OSError: one could not be written; the former one stands.
        """
        make_folder(self.path, below=self._outbox)
        files = OverviewFiles(self._outbox, folder=self._folder, front=self._page(night))
        files.write_beside(f"{self._folder}/{night}.json", data)
        return files.write_front(page)

    def keep(self, *, most: int = MOST_REPORTS) -> None:
        """Remove the oldest, beyond the number that is kept.

        Args:
            most: are kept.

        Raises:
            OSError: the share failed.
        """
        for night in sorted(self.nights(), reverse=True)[most:]:
            with suppress(NotOurs):
                if self.standing(night) is not None:
                    remove_file(self.path / f"{night}.html", below=self._outbox)
                    remove_file(self.path / f"{night}.json", below=self._outbox)

    def _page(self, night: date) -> str:
        return f"{self._folder}/{night}.html"
