"""Known conflict copies: names that are one only because their original lay beside them, kept when that is taken.

Knows a note for each in the inbox, for other workers and later runs; it goes with the copy.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.durable import make_folder, write_json
from worker.plain_names import is_litter
from worker.spool.conflict_copies import original_of
from worker.spool.layout import COPIES, note_name


def notes_in(inbox: Path) -> frozenset[str]:
    """The notes that are there, by `note_name`.

    Args:
        inbox: where jobs wait; a share that is away shows in its own listing, and gives no note here.
    """
    with suppress(OSError):
        return frozenset(name for name in os.listdir(inbox / COPIES) if not is_litter(name))
    return frozenset()


class KnownCopies:
    """Writes the notes of one inbox."""

    def __init__(self, inbox: Path) -> None:
        """Keep the place; nothing is touched.

        Args:
            inbox: where jobs wait.
        """
        self._inbox = inbox
        self._kept: frozenset[str] | None = None
        """Names of which notes are there; None before the first look."""

    def keep(self, names: Iterable[str]) -> None:
        """Let there be a note for each copy that is known by what lies beside it, and no other; it never raises.

        Args:
            names: all conflict copies in the inbox, as of the last scan.
        """
        copies = frozenset(name for name in names if original_of(name))
        if copies == self._kept:
            return
        with suppress(OSError):  # tried again after the next scan
            self._write({note_name(name): name for name in copies})
            self._kept = copies

    def _write(self, wanted: dict[str, str]) -> None:
        present = notes_in(self._inbox)
        if wanted.keys() - present:
            make_folder(self._inbox / COPIES, below=self._inbox)
        for note in wanted.keys() - present:
            write_json(self._inbox / COPIES / note, {"name": wanted[note]}, below=self._inbox)
        for note in present - wanted.keys():
            remove_file(self._inbox / COPIES / note, below=self._inbox)
