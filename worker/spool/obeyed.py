"""Control files that have been obeyed, or have expired, and may not be removed: they mean no other job.

Knows them by name, inode and time of change, so that the same name written anew is a new wish; in memory, and in the
inbox for other workers and later runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import structlog

from worker.disk.beneath import remove_file
from worker.disk.durable import make_folder, write_json
from worker.disk.json_records import read_record
from worker.plain_names import is_litter
from worker.spool.control_files import is_removed
from worker.spool.layout import Folders, note_name
from worker.spool.listing import InboxNames
from worker.spool.steering import Control, controls_in, meant_by

log = structlog.get_logger()


class Obeyed:
    """Of one inbox."""

    def __init__(self, folders: Folders, names: InboxNames) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            names: in its inbox.
        """
        self._folders = folders
        self._names = names
        self._known: dict[str, str] = {}
        """Stamps by name, of this run."""
        self._has_notes = True
        """Unless the last look found none."""

    def end_of(self, *names: str | None) -> list[str]:
        """End what cancels a job: it has been followed, and must not meet the next job of that name.

        Args:
            names: of the job's file or folder, its stem, its shown name.

        Returns:
            Names of these files; those that may not be removed are among them.

        Raises:
            OSError: the share failed.
        """
        called = meant_by(*names)
        live = self.live(self._names.recent())
        cancels = [one.name for one in live if one.verb == "cancel" and one.meaning in called]
        for name in cancels:
            self.end(name)
        return cancels

    def end(self, name: str) -> bool:
        """Remove a control file; one that may not be removed means nothing from now on.

        Args:
            name: in the inbox.

        Returns:
            False where it stays.

        Raises:
            OSError: the share failed.
        """
        stamp = self._stamp(name)
        if is_removed(self._folders.inbox / name):
            self._known.pop(name, None)
            self._names.forget()
            return True
        if stamp and self._known.get(name) != stamp:
            self._known[name] = stamp
            log.warning("control.kept", file=name, note="it may not be removed; it means nothing any more")
            with suppress(OSError):  # then only this run knows it
                make_folder(self._folders.obeyed, below=self._folders.inbox)
                write_json(self._folders.obeyed / note_name(name), {"stamp": stamp}, below=self._folders.inbox)
                self._has_notes = True
        return False

    def live(self, names: Iterable[str]) -> list[Control]:
        """The control files that still mean something.

        Args:
            names: of the inbox.
        """
        return [one for one in controls_in(names) if not self._is_over(one.name)]

    def over(self, names: Iterable[str]) -> list[str]:
        """Those that mean nothing any more and still lie there; what is noted of others is forgotten.

        Args:
            names: of the inbox.

        Raises:
            OSError: the share failed.
        """
        controls = [one.name for one in controls_in(names)]
        if not controls and not self._has_notes:
            return []
        notes = self._notes()
        for note in notes.difference(map(note_name, controls)):
            with suppress(OSError):  # one that stays harms nothing
                remove_file(self._folders.obeyed / note, below=self._folders.inbox)
        self._known = {name: stamp for name, stamp in self._known.items() if name in controls}
        self._has_notes = bool(notes.intersection(map(note_name, controls)))
        return [name for name in controls if self._is_over(name)]

    def _notes(self) -> set[str]:
        try:
            names = os.listdir(self._folders.obeyed)
            return {name for name in names if not (name.startswith(".") or is_litter(name))}
        except FileNotFoundError:
            return set()

    def _is_over(self, name: str) -> bool:
        if not (self._has_notes or name in self._known):
            return False
        stamp = self._stamp(name)
        if stamp and name not in self._known:
            with suppress(OSError):  # then it is not known to be over
                note = read_record(self._folders.obeyed / note_name(name), below=self._folders.inbox)
                if note.get("stamp") == stamp:
                    self._known[name] = stamp
        return bool(stamp) and self._known.get(name) == stamp

    def _stamp(self, name: str) -> str:
        """Differs for another file of that name; empty where nothing is known."""
        try:
            status = (self._folders.inbox / name).lstat()
        except OSError:
            return ""
        return f"{status.st_ino} {status.st_mtime_ns}"
