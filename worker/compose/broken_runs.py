"""Broken runs: how often in a row this worker has ended because picture after picture failed, and how long it rests.

Knows one small file in the state folder, which outlives the process; a service that is started again every half minute
must not load the model all night.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import structlog

from worker.compose.passing_trouble import PassingTrouble
from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.errors import RendererBroken, StopAsked
from worker.settings import Settings
from worker.translation import gettext, packed, unpacked

log = structlog.get_logger()

FIRST_REST_S = 120.0
"""After the second broken run in a row; the service's own pause is enough after the first."""
LONGEST_REST_S = 3_600.0
"""About ten more tries in a night."""
OVER_S = 4 * LONGEST_REST_S
"""A run that began within the longest rest and has lasted since has made pictures."""


def rest_s(count: int) -> float:
    """How long a worker rests before it loads the model again.

    Args:
        count: broken runs in a row.
    """
    return 0.0 if count < 2 else min(FIRST_REST_S * 4.0 ** min(count - 2, 8), LONGEST_REST_S)


class BrokenRuns:
    """The count of one worker."""

    def __init__(self, file: Path) -> None:
        """Keep the place.

        Args:
            file: JSON, on the local disk.
        """
        self._file = file

    def read(self) -> tuple[int, str]:
        """How many there were in a row, and why the last one broke; none where nothing tells, or it is long ago."""
        record: dict[str, object] = {}
        with suppress(OSError):
            if time.time() - self._file.stat().st_mtime < OVER_S:
                record = read_record(self._file)
        count = record.get("count")
        return (count if isinstance(count, int) and count > 0 else 0), unpacked(record.get("why", ""))

    def add(self, broken: RendererBroken) -> None:
        """Count one more; a run that made pictures begins the row anew."""
        count = 1 if broken.has_made else self.read()[0] + 1
        with suppress(OSError):
            make_folder(self._file.parent)
            replace_file(self._file, json.dumps({"count": count, "why": packed(broken.text)}))

    def forget(self) -> None:
        """A run ended otherwise."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def broken_runs_of(settings: Settings) -> BrokenRuns:
    """The count of a worker.

    Args:
        settings: of the worker.
    """
    return BrokenRuns(settings.state_dir / f"{settings.worker_id}.broken-runs.json")


def rest(runs: BrokenRuns, trouble: PassingTrouble) -> None:
    """Wait before the model is loaded again, where run after run has broken; people are told meanwhile.

    Args:
        runs: of this worker.
        trouble: waits, and tells people.

    Raises:
        StopAsked: the worker was asked to stop meanwhile.
    """
    count, why = runs.read()
    seconds = rest_s(count)
    if seconds:
        log.warning("run.delayed", broken_runs=count, seconds=seconds, reason=why)
        minutes = f"{seconds / 60:.0f}"
        try:
            trouble.rest(seconds, gettext("rests for {minutes} minutes: {why}", minutes=minutes, why=why))
        except StopAsked:  # by a person, who may have mended it
            runs.forget()
            raise
