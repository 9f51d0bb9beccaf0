"""Broken runs: how often in a row this worker has ended because picture after picture failed, and how long it rests.

Knows one small file in the state folder, which outlives the process; a service that is started again every half minute
must not load the model all night.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from worker.disk.content import read_record
from worker.disk.durable import make_folder, replace_file
from worker.errors import RendererBroken

FIRST_REST_S = 120.0
"""After the second broken run in a row; the service's own pause is enough after the first."""
LONGEST_REST_S = 3_600.0
"""About ten more tries in a night."""


def rest_s(count: int) -> float:
    """How long a worker rests before it loads the model again.

    Args:
        count: broken runs in a row.
    """
    return 0.0 if count < 2 else min(FIRST_REST_S * 4.0 ** (count - 2), LONGEST_REST_S)


class BrokenRuns:
    """The count of one worker."""

    def __init__(self, file: Path) -> None:
        """Keep the place.

        Args:
            file: JSON, on the local disk.
        """
        self._file = file

    def read(self) -> tuple[int, str]:
        """How many there were in a row, and why the last one broke; none where nothing can be read."""
        record: dict[str, object] = {}
        with suppress(OSError):
            record = read_record(self._file)
        count = record.get("count")
        return (count if isinstance(count, int) and count > 0 else 0), str(record.get("why", ""))

    def add(self, broken: RendererBroken) -> None:
        """Count one more; a run that made pictures begins the row anew."""
        count = 1 if broken.has_made else self.read()[0] + 1
        with suppress(OSError):
            make_folder(self._file.parent)
            replace_file(self._file, json.dumps({"count": count, "why": str(broken)}))

    def forget(self) -> None:
        """A run ended otherwise."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
