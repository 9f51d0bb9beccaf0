"""What `status` says, as often as somebody looks: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from worker import spool
from worker.compose.from_settings import failing, folders_of
from worker.compose.overview.look import overview_reader
from worker.operations import status
from worker.operations.status_json import status_json
from worker.overview_records import Overview
from worker.settings import Settings
from worker.translation import Language

MOST_ENDED = 200
"""Jobs that have ended of which `status` tells, the newest; and all since yesterday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look for a person at a terminal."""

    overview: Overview
    text: str
    json: str


def statuses(settings: Settings, *, language: Language = "en") -> Callable[[], Status]:
    """What gives the status, from the folders alone, as often as it is called.

    It raises FoldersUnusable: one of them is of a wrong type; FoldersAway: it is not there or cannot be read just now.

    Args:
        settings: name them.
        language: of what workers wrote down for people.
    """
    readers: list[spool.OverviewReader] = []

    def look() -> Status:
        now, folders = datetime.now().astimezone(), folders_of(settings)
        reader = readers[0] if readers else overview_reader(settings, folders)
        readers[:] = [reader]
        since_s = status.since_yesterday(now).timestamp() - status.CLOCK_SLACK_S
        try:
            seen = reader.look(most_ended=MOST_ENDED, ended_since_s=since_s, language=language)
        except OSError as error:
            raise failing(error) from error
        return Status(
            overview=seen,
            text=status.text(seen, now=now, receipts_folder=str(folders.receipts)),
            json=status_json(seen, language=language).decode().rstrip(),
        )

    return look
