"""Sightings: since when something has been seen to belong to nobody, also by runs before this one.

Knows one local file. Its times are of a clock that begins with the machine, so those of another start mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from worker.disk.durable import replace_file
from worker.disk.json_records import read_record
from worker.spool.alive.heartbeats import boot_id

MOST_KEPT = 2_000
"""Written down: the file stays small; the rest is remembered for the length of a run."""
Sighting = tuple[str, str, str]
"""Kind, path, and what differs whenever somebody has worked on it."""


class Sightings:
    """Of one worker."""

    def __init__(self, file: Path, *, clock: Callable[[], float]) -> None:
        """Keep the place; nothing is touched.

        Args:
            file: on a local disk; its folder may be missing.
            clock: seconds that no one sets, since the machine's start.
        """
        self._file = file
        self._clock = clock
        self._since_s: dict[Sighting, float] | None = None
        """None until the file was read."""

    def see(self, seen: Iterable[Sighting]) -> None:
        """Take down what belongs to nobody now; whatever is not among it is forgotten.

        Args:
            seen: by one look.
        """
        now_s = self._clock()
        former = self._read(now_s) if self._since_s is None else self._since_s
        self._since_s = {one: former.get(one, now_s) for one in seen}
        if self._since_s != former:
            self._write(self._since_s)

    def alone_s(self, one: Sighting) -> float:
        """How long ago it was first seen as it is.

        Args:
            one: among those seen by the last look.
        """
        return self._clock() - (self._since_s or {})[one]

    def _read(self, now_s: float) -> dict[Sighting, float]:
        """What a former run wrote; nothing where that is damaged, or of another start of the machine."""
        found: dict[Sighting, float] = {}
        with suppress(OSError):
            record = read_record(self._file)
            rows = record.get("seen") if record.get("boot") == boot_id() != "" else None
            for row in rows if isinstance(rows, list) else []:
                match row:
                    case [str(kind), str(path), str(stamp), float() | int() as since_s] if since_s <= now_s:
                        found[kind, path, stamp] = since_s
        return found

    def _write(self, since_s: dict[Sighting, float]) -> None:
        """A disk that takes nothing costs the next run an hour more."""
        seen = [[*one, begun_s] for one, begun_s in since_s.items()]
        with suppress(OSError):
            replace_file(self._file, json.dumps({"boot": boot_id(), "seen": seen[:MOST_KEPT]}))
