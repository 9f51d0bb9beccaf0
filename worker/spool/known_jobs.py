"""Which jobs there are to ask something of: those that wait, are in work, or have ended; by what a person calls them.

Knows names only; nothing of a job is read.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from worker.kept_records import Retry
from worker.plain_names import is_litter
from worker.spool.claim_files import folders_in, read_claim_record
from worker.spool.layout import DROPPED, OURS, PARTIAL, Folders
from worker.spool.listing import InboxNames, found_in
from worker.spool.retry_notes import retry_in
from worker.spool.steering import called, meant_by


def waiting_jobs(
    inbox: Path, listed: Mapping[str, bool | None], shown: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """The jobs that wait; what no job can be made of is none.

    Args:
        inbox: that was listed.
        listed: as `InboxNames` gives it.
        shown: the shown name of those that were read, by the name of their file.
    """
    found: dict[str, str] = {}
    for one in (one for one in found_in(inbox, listed, needs_ready=False) if one.remedy is None):
        for said in meant_by(one.name, one.stem, (shown or {}).get(one.name)):
            found.setdefault(said, one.name)
    return found


def jobs_in_work(folders: Folders) -> dict[str, str]:
    """The jobs that any worker has in work.

    Raises:
        OSError: the share failed.
    """
    found: dict[str, str] = {}
    for name in os.listdir(folders.outbox):
        if name.endswith(PARTIAL):  # NAME.CLAIM.partial, where NAME is the shown one; either may hold dots
            parts = name.split(".")
            heads = [".".join(parts[:count]) for count in range(1, len(parts) - 1)]
            found |= {called(head): head for head in heads}
    for worker in folders_in(folders.claims):
        with suppress(PermissionError):  # another account's: their folders in the outbox name those jobs
            for claim in folders_in(worker):
                record = read_claim_record(claim)
                stem, dropped = str(record.get("stem", "")), record.get("dropped")
                found |= dict.fromkeys(meant_by(stem, dropped if isinstance(dropped, str) else None), stem)
    found.pop("", None)
    return found


def is_in_hand(retry: Retry, job: str, folders: Folders) -> bool:
    """Whether a job that makes exactly that again waits or is in work already, as far as can be told.

    Args:
        retry: what would be made again, whoever asks.
        job: name of its folder.
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    places = [folders.inbox]
    for worker in folders_in(folders.claims):
        with suppress(PermissionError):  # another account's
            places += [claim / DROPPED for claim in folders_in(worker)]
    found = [retry_in(place / job) for place in places]
    return any(one is not None and replace(one, asked_by=None) == retry for one in found)


def ended_jobs(folders: Folders) -> dict[str, list[Path]]:
    """Folders of jobs that have ended, by what they are called: `Mugs` may lie in the outbox and in `failed`.

    Raises:
        OSError: the share failed.
    """
    found: dict[str, list[Path]] = {}
    for root in (folders.outbox, folders.failed):
        for name in _folders_of(root):
            if root != folders.outbox or name not in OURS:
                found.setdefault(called(name), []).append(root / name)
    return found


def _folders_of(root: Path) -> Iterator[str]:
    with os.scandir(root) as entries:  # what an entry is, it says without another question
        for entry in entries:
            if not (entry.name.endswith(PARTIAL) or is_litter(entry.name)):
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        yield entry.name


class Known:
    """All jobs by what they are called, each kind looked for when it is first asked for."""

    def __init__(self, folders: Folders, names: InboxNames, shown: Mapping[str, str | None]) -> None:
        """Keep the places; nothing is listed.

        Args:
            folders: of the spool.
            names: in its inbox.
            shown: the shown names of waiting jobs.
        """
        self._folders = folders
        self._names = names
        self._shown = shown
        self._open: dict[str, str] | None = None  # no `cached_property`: its lock would be held while a share is asked
        self._ended: dict[str, list[Path]] | None = None

    @property
    def open(self) -> dict[str, str]:
        """Jobs that wait or are in work."""
        if self._open is None:
            waiting = waiting_jobs(self._folders.inbox, self._names.recent(), self._shown)
            self._open = jobs_in_work(self._folders) | waiting
        return self._open

    @property
    def ended(self) -> dict[str, list[Path]]:
        """Folders of jobs that have ended."""
        if self._ended is None:
            self._ended = ended_jobs(self._folders)
        return self._ended


def like(meaning: str, names: Iterable[str], *, most: int = 3) -> Sequence[str]:
    """Names that may have been meant, the likeliest first.

    Args:
        meaning: as `called` spells it.
        names: of jobs, as people see them.
        most: names wanted.
    """
    spelt = {called(name): name for name in names}
    return [spelt[one] for one in difflib.get_close_matches(meaning[:200], [*spelt][:2_000], n=most, cutoff=0.6)]
