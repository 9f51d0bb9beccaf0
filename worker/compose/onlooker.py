"""The onlooker: what somebody who has submitted jobs sees of them, from the folders alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from worker import spool
from worker.compose.from_settings import folders_of
from worker.compose.overview.look import overview_reader
from worker.overview_records import Overview
from worker.settings import Settings


class Onlooker:
    """Looks again and again at the same jobs."""

    def __init__(self, settings: Settings, submitted: Sequence[spool.Submitted]) -> None:
        """Keep the places.

        Args:
            settings: name the folders.
            submitted: as `submit` gave them.

        Raises:
            FoldersUnusable: the folders do not serve.
        """
        self._settings = settings
        self._folders = folders_of(settings)
        self._reader = overview_reader(settings, self._folders)
        self._ends = spool.Ends(submitted, self._folders)

    def ended(self) -> list[tuple[spool.Submitted, Path]]:
        """Jobs that have ended since the last look, each with its folder.

        Raises:
            OSError, FoldersAway: the share failed, or is not there: an empty folder in its place shows nothing.
        """
        folders_of(self._settings)
        return self._ends.look()

    def gone(self, names: Collection[str]) -> frozenset[str]:
        """Which of these jobs neither wait nor are any worker's, by their names in the inbox.

        Raises:
            OSError: the share failed.
        """
        return spool.gone(names, self._folders)

    def overview(self) -> Overview:
        """Who works, who paused, and what is in work.

        Raises:
            OSError: the share failed.
        """
        return self._reader.look(most_ended=0)
