"""Claimed jobs: why each rests or waits, and how it goes, for the receipts.

Knows the claims as folders. A job is told by the name under which it was dropped, a claim that cannot be read by its
own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from worker.overview_records import RunningJob
from worker.spool.claim_files import dropped_in, folders_in, read_claim_record
from worker.spool.layout import DROPPED, Folders
from worker.spool.prospects import Prospect, running_prospect
from worker.spool.readers import Readers
from worker.translation import Language


class Resting:
    """What one worker knows of claims that do not go on."""

    def __init__(self, folders: Folders, *, worker_id: str, readers: Readers) -> None:
        """Keep the place; nothing is touched.

        Args:
            folders: of the spool.
            worker_id: of this worker.
            readers: tells what whoever dropped something reads.
        """
        self._inbox = folders.inbox
        self._readers = readers
        self._claims = folders.claims
        self._worker_id = worker_id
        self._why: dict[Path, tuple[str, str]] = {}
        """Name and reason by the claim's folder."""
        self._passed_over: dict[Path, tuple[str, str]] = {}
        self._held: Mapping[Path, tuple[str, str]] = {}
        """Likewise of jobs whose proof waits for approval."""
        self._foreseen: dict[Path, tuple[str, Prospect]] = {}
        """Likewise of jobs in work: how each goes."""

    def tell(self, folder: Path, name: str, why: str | None) -> bool:
        """Take down that a claim rests, or that it goes on.

        Args:
            folder: of the claim.
            name: of the job as it was dropped.
            why: the reason and what comes next, for a person; None once it goes on.

        Returns:
            Whether that is news.
        """
        former = self._why.pop(folder, None)
        was_foreseen = self._foreseen.pop(folder, None) is not None
        if why is not None:
            self._why[folder] = name, why
        return was_foreseen or self._why.get(folder) != former

    def tell_all(self, why: str | None) -> bool:
        """The same of all claims of this worker.

        Args:
            why: as `tell`.

        Raises:
            OSError: the share failed.
        """
        news = [self.tell(folder, _name_in(folder), why) for folder in folders_in(self._claims / self._worker_id)]
        return any(news)

    def pass_over(self, reasons: Mapping[Path, str]) -> bool:
        """Take down which claims cannot be dealt with, as of the last look at all of them; likewise.

        Args:
            reasons: by the folder of a claim, or of all claims of a worker.
        """
        former = self._passed_over
        self._passed_over = {folder: (_name_in(folder), why) for folder, why in reasons.items()}
        return self._passed_over != former

    def hold(self, held: Mapping[Path, tuple[str, str]]) -> None:
        """Take down which jobs wait for approval of their proof.

        Args:
            held: name and reason by the folder that holds the job.
        """
        self._held = held

    def reasons(self) -> dict[str, str]:
        """Why, by name, of all whose claim is still there."""
        told = {**self._passed_over, **self._why}
        held = dict(self._held.values())
        return held | {name: why for folder, (name, why) in told.items() if _is_there(folder)}

    def foresee(self, folder: Path, name: str, job: RunningJob) -> None:
        """Take down how a job in work goes.

        Args:
            folder: of the claim; once it is gone, nothing is said any more.
            name: of the job as it was dropped.
            job: what is foreseen.
        """
        self._foreseen[folder] = name, running_prospect(job, at_s=time.time())

    def foreseen(self) -> dict[str, Prospect]:
        """How jobs in work go, by name."""
        self._foreseen = {folder: told for folder, told in self._foreseen.items() if _is_there(folder)}
        return dict(self._foreseen.values())

    def language_of(self, name: str) -> Language:
        """What the person reads who dropped it, whether it is claimed by now or still lies in the inbox.

        Args:
            name: in the inbox.
        """
        told = {**self._foreseen, **self._passed_over, **self._held, **self._why}
        claimed = (folder / DROPPED / name for folder, (dropped, _) in told.items() if dropped == name)
        return self._readers.language_of(next(claimed, self._inbox / name))

    def others(self) -> set[str]:
        """Names of which other workers may tell: the jobs in their claims, and the claims themselves.

        Raises:
            OSError: the share failed.
        """
        names: set[str] = set()
        for worker in folders_in(self._claims):
            if worker.name != self._worker_id:
                names |= {worker.name, *_names_in(worker)}
        return names


def _names_in(worker: Path) -> Iterator[str]:
    with suppress(PermissionError):
        for claim in folders_in(worker):
            yield claim.name
            with suppress(PermissionError, FileNotFoundError, NotADirectoryError):
                yield from os.listdir(claim / DROPPED)


def _is_there(folder: Path) -> bool:
    """Whether a claim is there, as far as one may look."""
    try:
        folder.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _name_in(folder: Path) -> str:
    """The job's name as it was dropped; by its record where it cannot be looked for, by its claim's where both fail."""
    noted = None
    try:
        record = read_claim_record(folder)
        noted = record.get("dropped")
        dropped = dropped_in(folder, record)
    except OSError:
        return noted if isinstance(noted, str) else folder.name
    return folder.name if dropped is None else dropped.name
