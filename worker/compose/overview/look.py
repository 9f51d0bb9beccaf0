"""Looks at everything in the folders of the settings: what reads them, and how much of it the pages tell."""

from __future__ import annotations

from collections.abc import Callable

from worker import spool
from worker.overview_records import Overview
from worker.settings import Settings
from worker.translation import Language

MOST_ENDED = 20_000
"""Jobs that have ended of which the pages tell, the newest."""


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


def look_of(settings: Settings, folders: spool.Folders) -> Callable[[Language], Overview]:
    """What gathers an overview, again and again.

    Args:
        settings: of the worker.
        folders: of the spool.
    """
    reader = overview_reader(settings, folders)
    return lambda language: reader.look(most_ended=MOST_ENDED, language=language)
