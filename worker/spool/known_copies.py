"""Known conflict copies: names that are one only because their original lay beside them, kept when that is taken.

Knows a note for each in the inbox, for other workers and later runs; it goes with the copy.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.durable import make_folder, write_json
from worker.plain_names import is_litter
from worker.spool.conflict_copies import may_be_copy
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

    def keep(self, copies: Iterable[str], listed: Collection[str]) -> None:
        """Let there be a note for each copy that is known by what lies beside it, until it is gone; it never raises.

        Args:
            copies: conflict copies that were told.
            listed: all names in the inbox.
        """
        wanted = {name for name in copies if may_be_copy(name)}
        if self._kept is not None and wanted <= self._kept and all(name in listed for name in self._kept):
            return
        with suppress(OSError):  # tried again after the next scan
            self._kept = frozenset(self._write(wanted, {name for name in listed if may_be_copy(name)}))

    def _write(self, wanted: set[str], possible: set[str]) -> Iterator[str]:
        present, names = notes_in(self._inbox), {note_name(name): name for name in possible}
        for note in present - names.keys():
            remove_file(self._inbox / COPIES / note, below=self._inbox)
        yield from (names[note] for note in present & names.keys())
        for name in sorted(wanted):
            if note_name(name) not in present:
                make_folder(self._inbox / COPIES, below=self._inbox)
                write_json(self._inbox / COPIES / note_name(name), {"name": name}, below=self._inbox)
                yield name
