"""Cancels: which job a cancel file means, and what becomes of one that was followed, or means nothing.

Knows what waits and what is in work by its names, and tells people of a file that cancels nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

import structlog

from worker.records import Candidate, Claim
from worker.spool.claim_files import folders_in, read_claim_record
from worker.spool.control_files import meant_by
from worker.spool.layout import PARTIAL, Folders
from worker.spool.listing import InboxNames, found_in
from worker.spool.obeyed import Obeyed
from worker.translation import Text, gettext, ngettext

log = structlog.get_logger()

CANCEL_TOLD_S = 60.0
"""A cancel file may come before its job; one that matches nothing for so long is told."""
CANCEL_EXPIRES_S = 600.0
"""One that matches nothing for so long is removed: it must not meet a job that comes hours later."""


class Cancels:
    """The cancel files of one inbox, as one worker sees them."""

    def __init__(self, folders: Folders, obeyed: Obeyed, names: InboxNames, *, clock: Callable[[], float]) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            obeyed: ends a file, and knows those that could not be removed.
            names: in its inbox.
            clock: monotonic seconds.
        """
        self._folders = folders
        self._obeyed = obeyed
        self._names = names
        self._clock = clock
        self._live: dict[str, str] = {}
        """By what they mean, as of the last look."""
        self._over: list[str] = []
        self._matched: set[str] = set()
        """Files that meant a waiting job when they were last asked for."""
        self._followed: set[str] = set()
        """Files by which a job in work was ended: they must not meet the next one of that name."""
        self._unmatched_s: dict[str, float] = {}
        """Since when a file matches nothing."""

    def look(self, names: Iterable[str]) -> None:
        """Take down what lies there now.

        Args:
            names: of the inbox.

        Raises:
            OSError: the share failed.
        """
        self._over = self._obeyed.over(names)
        self._live = self._obeyed.live(names)

    def meaning(self, job: Claim | Candidate, *, shown: str | None) -> str | None:
        """Name of the file by which a person cancels this job, or None.

        Args:
            job: in work, for which is looked anew; or waiting, of which the last look tells.
            shown: its shown name, where that is known.
        """
        if isinstance(job, Claim):
            live, called, met = self._obeyed.live(self._recent()), meant_by(job.dropped.name, job.stem), self._followed
        elif not self._live:  # thousands may wait
            return None
        else:
            live, called, met = self._live, meant_by(job.path.name, job.stem), self._matched
        cancel = next((live[one] for one in called | meant_by(shown) if one in live), None)
        if cancel is not None:
            met.add(cancel)
        return cancel

    def reasons(self) -> dict[str, Text]:
        """Files that cancel nothing, to be told; those that are of no use any more are removed.

        Raises:
            OSError: the share failed.
        """
        matched, self._matched = self._matched, set()
        self._followed.intersection_update(self._live.values())
        now_s, former, self._unmatched_s = self._clock(), self._unmatched_s, {}
        over = dict.fromkeys(self._over, _OVER)
        if not self._live:
            return over
        known = self._called()
        for called, name in self._live.items():
            if name in matched or called in known:
                continue
            since_s = former.get(name, now_s)
            is_due = name in self._followed or now_s - since_s >= CANCEL_EXPIRES_S
            if not is_due:
                self._unmatched_s[name] = since_s
            elif not self._is_removed(name):
                over[name] = _OVER
        told = {name: _UNMATCHED for name, since_s in self._unmatched_s.items() if now_s - since_s >= CANCEL_TOLD_S}
        return {**told, **over}

    def _called(self) -> set[str]:
        """What cancel files may say for all that waits, and for all that any worker has in work.

        Raises:
            OSError: the share failed.
        """
        called: set[str] = set()
        for one in found_in(self._folders.inbox, self._names.recent(), needs_ready=False):
            called |= meant_by(one.name, one.stem)
        for worker in folders_in(self._folders.claims):
            with suppress(PermissionError):  # another account's: their folders in the outbox name those jobs
                for claim in folders_in(worker):
                    called |= meant_by(str(read_claim_record(claim).get("stem", "")))
        for name in os.listdir(self._folders.outbox):
            if name.endswith(PARTIAL):  # NAME.CLAIM.partial, where NAME is the shown one; either may hold dots
                parts = name.split(".")
                called |= meant_by(*(".".join(parts[:count]) for count in range(1, len(parts) - 1)))
        return called

    def _is_removed(self, name: str) -> bool:
        if not self._obeyed.end(name):
            return False
        if name not in self._followed:
            log.warning("cancel.expired", file=name, after_s=CANCEL_EXPIRES_S)
        self._followed.discard(name)
        return True

    def _recent(self) -> Collection[str]:
        try:
            return self._names.recent()
        except OSError:
            return ()


_UNMATCHED = ngettext(
    "it matches no job that waits or is in work: name it after the job's file, or after its shown name."
    " It is removed after {count} minute.",
    "it matches no job that waits or is in work: name it after the job's file, or after its shown name."
    " It is removed after {count} minutes.",
    round(CANCEL_EXPIRES_S / 60),
)
_OVER = gettext(
    "it has been obeyed, or has matched no job for too long, and cancels nothing any more; the worker may not remove"
    " it: delete it, and write it anew to cancel another job"
)
