"""Overviews for people and programs: `status`, and whoever looks again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from worker import spool
from worker.compose.from_settings import folders_of
from worker.errors import FoldersFailing
from worker.operations import status
from worker.operations.status_json import status_json
from worker.overview_records import Overview
from worker.settings import Settings
from worker.translation import Language, gettext

MOST_ENDED = 200
"""Jobs that have ended of which `status` tells, the newest; and all since yesterday."""


def overview_reader(settings: Settings, folders: spool.Folders) -> spool.OverviewReader:
    """What looks at a spool; to be kept by whoever looks again.

    Args:
        settings: of this machine.
        folders: known to be usable.
    """
    return spool.OverviewReader(
        folders,
        state_dir=settings.state_dir,
        host=spool.host_name(),
        lease_s=settings.lease_s,
        needs_ready=settings.ready_files,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look for a person at a terminal."""

    overview: Overview
    text: str
    json: str


def statuses(settings: Settings, *, language: Language = "en") -> Callable[[], Status]:
    """What gives the status, from the folders alone, as often as it is called.

    Args:
        settings: name them.
        language: of what workers wrote down for people.

    Raises:
        FoldersUnusable: one is not there, or is no folder.
    """
    folders = folders_of(settings)
    reader = overview_reader(settings, folders)

    def look() -> Status:
        now = datetime.now().astimezone()
        since_s = status.since_yesterday(now).timestamp()
        try:
            seen = reader.look(most_ended=MOST_ENDED, ended_since_s=since_s, language=language)
        except OSError as error:
            raise FoldersFailing(
                gettext(
                    "{path}: cannot be read just now ({why}): check the share.",
                    path=error.filename,
                    why=error.strerror or str(error),
                )
            ) from error
        return Status(
            overview=seen,
            text=status.text(seen, now=now, receipts_folder=str(folders.receipts)),
            json=status_json(seen, language=language).decode(errors="replace"),
        )

    return look
