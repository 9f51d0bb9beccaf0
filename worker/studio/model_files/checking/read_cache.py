"""What passes over files found, remembered between runs: 20 GB are read once, not at each start.

Knows when what is remembered still holds, and keeps it file by file: who is killed goes on with the next file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from worker.disk.durable import replace_file
from worker.disk.json_records import RECORD_BYTES, read_record
from worker.lazy_names import LazyLog
from worker.studio.model_files.checking.damage import Damage
from worker.studio.model_files.checking.one_pass import OtherHash, ReadFile, Stamp, read_once
from worker.studio.units import MIB

log = LazyLog()

TOLD_EVERY_S = 10.0
"""While files are read."""
ASKED_EVERY_S = 0.2
"""Whether somebody wants to end it, and that the reading gets on: each is a word to another process."""


class ReadCache:
    """What is known of files by path and stamp. A cache that cannot be read or written only costs time."""

    def __init__(
        self,
        file: Path | None,
        *,
        between: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read what is remembered.

        Args:
            file: JSON; None remembers nothing.
            between: called between two pieces of a file, a few times a second; whatever it raises ends the reading.
            monotonic: the clock.
        """
        self._file = file
        self._between = between
        self._monotonic = monotonic
        self._known = self._remembered()
        self._taken: dict[Path, ReadFile] = {}

    def known(self, path: Path, *, also: Collection[OtherHash] = ()) -> ReadFile | None:
        """What is remembered of a file as it is now, or None; nothing is read.

        Args:
            path: of the file.
            also: hashes that must be known beside the SHA-256.

        Raises:
            OSError: the file is not there, or cannot be asked.
        """
        stamp = Stamp.of(path.stat())
        told = (_parsed(self._known.get(str(path))), self._taken.get(path))
        held = (read for read in told if read and read.stamp == stamp)
        return next((read for read in held if all(getattr(read, name) for name in also)), None)

    def take(self, told: Mapping[Path, ReadFile]) -> None:
        """Believe what another record says of files, for this run: it is not written down.

        Args:
            told: what is in them, with the stamps that they had.
        """
        self._taken |= told

    def read(self, files: Mapping[Path, Collection[OtherHash]]) -> Mapping[Path, ReadFile]:
        """What is in files, reading those of which nothing is known, each byte once.

        Args:
            files: with the hashes that are wanted of each beside the SHA-256.

        Raises:
            OSError: a file is not there, or cannot be read.
        """
        known = {path: self.known(path, also=also) for path, also in files.items()}
        reading = _Reading((path for path, read in known.items() if read is None), self._between, self._monotonic)
        done: dict[Path, ReadFile] = {}
        for path, read in known.items():
            done[path] = read or read_once(path, on_piece=reading.passed, also=files[path])
            if read is None:
                self.remember(path, done[path])
        reading.ended()
        return done

    def remember(self, path: Path, read: ReadFile) -> None:
        """Write it down at once, by rename, with what another worker of this machine may have written meanwhile.

        Args:
            path: of a file.
            read: what is in it.
        """
        known = {**self._known, **self._remembered()}
        known.pop(str(path), None)  # the newest comes last
        self._known = _bounded({**known, str(path): asdict(read)})
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._file, json.dumps(self._known, indent=1))

    def _remembered(self) -> dict[str, object]:
        with suppress(OSError):
            return read_record(self._file) if self._file else {}
        return {}


def _bounded(known: dict[str, object]) -> dict[str, object]:
    """Of files that are still there, the newest, as far as they may be read again."""
    kept: dict[str, object] = {}
    room = RECORD_BYTES
    for path, read in reversed(known.items()):
        if not _is_gone(Path(path)):
            room -= len(json.dumps({path: read}, indent=1))
            if room < 0:
                break
            kept[path] = read
    return dict(reversed(kept.items()))


def _is_gone(path: Path) -> bool:
    with suppress(OSError):  # a share that fails now says nothing
        return not path.exists()
    return False


class _Reading:
    """The reading of files: whom it asks whether to go on, and what it tells."""

    def __init__(self, files: Iterable[Path], between: Callable[[], object], monotonic: Callable[[], float]) -> None:
        sizes = [path.stat().st_size for path in files]
        self._count, self._total = len(sizes), sum(sizes)
        self._between, self._monotonic = between, monotonic
        self._done = 0
        self._began = self._told = monotonic()
        self._asked = float("-inf")

    def passed(self, piece: bytes) -> None:
        """A piece was read."""
        self._done += len(piece)
        now = self._monotonic()
        if now - self._asked >= ASKED_EVERY_S:
            self._between()
            self._asked = now
        if now - self._told >= TOLD_EVERY_S:
            log.info("model.reading", mib=self._done // MIB, of_mib=self._total // MIB, mib_per_s=self._rate(now))
            self._told = now

    def ended(self) -> None:
        """All files were read."""
        now = self._monotonic()
        if now - self._began >= TOLD_EVERY_S:
            log.info("model.hashed", files=self._count, mib=self._total // MIB, mib_per_s=self._rate(now))

    def _rate(self, now: float) -> int:
        return round(self._done / MIB / max(now - self._began, 1e-9))


def _parsed(entry: Any) -> ReadFile | None:  # noqa: ANN401 - whatever JSON holds
    """An entry of the file as it was written; None for any other."""
    try:
        damage = tuple(Damage(**one) for one in entry["damage"])
        return ReadFile(**{**entry, "stamp": Stamp(**entry["stamp"]), "damage": damage})
    except (TypeError, KeyError):
        return None
