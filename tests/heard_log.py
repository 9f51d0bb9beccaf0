"""The log of a test, as events with their facts, heard by listeners as in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO

import structlog

from worker.operations import events

Told = list[tuple[str, Mapping[str, object]]]


@contextmanager
def heard_log() -> Iterator[Told]:
    """Every event that is logged meanwhile, in its order."""
    told: Told = []
    events.configure("json", StringIO())
    try:
        with events.heard_by(lambda event, facts: told.append((event, facts))):
            yield told
    finally:
        structlog.reset_defaults()
