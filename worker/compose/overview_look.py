"""One look at everything in the folders of the settings."""

from __future__ import annotations

from collections.abc import Callable

from worker import spool
from worker.compose.overviews import overview_reader
from worker.overview_records import Overview
from worker.settings import Settings
from worker.translation import Language

MOST_ENDED = 20_000
"""Jobs that have ended of which the pages tell, the newest."""


def look_of(settings: Settings, folders: spool.Folders) -> Callable[[Language], Overview]:
    """What gathers an overview, again and again.

    Args:
        settings: of the worker.
        folders: of the spool.
    """
    reader = overview_reader(settings, folders)
    return lambda language: reader.look(most_ended=MOST_ENDED, language=language)
