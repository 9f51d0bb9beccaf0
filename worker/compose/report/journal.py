"""Lets a worker keep the journal of its nights: it hears what the worker's record hears."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial

from worker.compose.bootstrap import Worker
from worker.compose.from_settings import folders_of
from worker.delivery.pages.nights import night_of
from worker.operations.night_journal import ENDING, NightJournal


def keep_journal(worker: Worker, *, zone: tzinfo | None = None) -> NightJournal:
    """From now on the worker's states are taken down; to be called while it holds its lock.

    Args:
        worker: whose states.
        zone: whose noon parts the nights; None: this machine's.
    """
    folders = folders_of(worker.settings)
    journal = NightJournal(
        folders.workers / f"{worker.settings.worker_id}{ENDING}",
        root=folders.inbox,
        now=worker.clock.now,
        monotonic=worker.clock.monotonic,
        night_of=partial(night_of, zone=zone),
    )
    worker.recorder.add_listener(journal.hear)
    return journal
