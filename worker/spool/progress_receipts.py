"""Receipts of jobs that wait for their turn or are in work: position, times, who works on them, and where to look.

Every worker foresees for itself; what another has written stands as long as it is about the same. They are only for
looking: written by and by within a budget, the first in line first, not synced.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from worker.disk.durable import make_folder, replace_pieces
from worker.overview_records import WaitingJob
from worker.problem import legible
from worker.spool.layout import RECEIPTS
from worker.spool.prospects import Prospect, has_moved, stamped, waiting_prospect
from worker.spool.receipts import PASSING, files_in, last_lines, note, receipt, receipt_name
from worker.spool_ports import WARNING_MARK
from worker.translation import Language, gettext, joined

EVERY_S = 15.0
"""Between two rounds."""
TOLD_AFTER_S = 15.0
"""A job that is taken sooner needs no receipt of its turn."""
MOST_IN_LINE = 200
MOST = 20
"""Receipts that are opened or written in one round."""
MOST_S = 0.25
"""Seconds after which a round ends, whatever is left: a share may be slow, and pictures wait."""


class ProgressReceipts:
    """Of one inbox."""

    def __init__(
        self, outbox: Path, *, clock: Callable[[], float], language_of: Callable[[str], Language] = lambda _: "en"
    ) -> None:
        """Keep the place; nothing is touched.

        Args:
            outbox: folder of finished jobs.
            clock: monotonic seconds.
            language_of: a name's reader; the same for every worker.
        """
        self._outbox = outbox
        self._folder = outbox / RECEIPTS
        self._clock = clock
        self._language_of = language_of
        self._due_s = float("-inf")
        self._line: Mapping[str, Prospect] = {}
        """Jobs that wait for their turn, in the order in which they are taken."""
        self._line_since_s: dict[str, float] = {}
        """Since when each is in line."""
        self._paused_by = ""
        self._known: dict[str, tuple[Prospect, str]] = {}
        """What the receipts say, as last read or written: a forecast, and what of all else."""

    def foresee(self, queue: Sequence[WaitingJob]) -> None:
        """Take down when turns come.

        Args:
            queue: in the order in which jobs are taken.
        """
        now_s, former = self._clock(), self._line_since_s
        first = [job for job in queue if job.state == "waiting"][:MOST_IN_LINE]
        self._line_since_s = {job.name: former.get(job.name, now_s) for job in first}
        told = [job for job in first if now_s - self._line_since_s[job.name] >= TOLD_AFTER_S]
        self._line = {job.name: waiting_prospect(job, at_s=time.time()) for job in told}

    def taken(self, name: str) -> None:
        """Somebody works on it: it is in line no more.

        Args:
            name: in the inbox.
        """
        self._line = {other: prospect for other, prospect in self._line.items() if other != name}

    def pause(self, by: str) -> None:
        """All workers wait, or go on; the next round is due.

        Args:
            by: name of the file in the inbox that asks for it; empty where none does.
        """
        self._paused_by, self._due_s = by, float("-inf")

    def show(self, in_work: Mapping[str, Prospect], reasons: Mapping[str, str]) -> frozenset[str]:
        """Do a round, if one is due.

        Args:
            in_work: jobs that this worker has in work, by name in the inbox.
            reasons: what else is to be said of a name: warnings stand in the same receipt; of what is not done, only
                that is said.

        Returns:
            The names whose receipts say it, or will.

        Raises:
            OSError: the share failed; to be called again.
        """
        prospects = {
            name: replace(prospect, paused_by=self._paused_by)
            for name, prospect in {**in_work, **self._line}.items()
            if name not in reasons or f"\n{WARNING_MARK}" in reasons[name]
        }
        now_s = self._clock()
        if now_s >= self._due_s:
            self._due_s = now_s + EVERY_S
            self._known = {name: known for name, known in self._known.items() if name in prospects}
            self._round(prospects, reasons, ends_s=now_s + MOST_S)
        return frozenset(prospects)

    def _round(self, prospects: Mapping[str, Prospect], reasons: Mapping[str, str], *, ends_s: float) -> None:
        if not prospects or (present := files_in(self._folder)) is None:
            return
        for name in islice(self._due(prospects, reasons, present), MOST):
            self._tell(name, prospects[name], reasons.get(name, ""), is_there=receipt_name(name) in present)
            if self._clock() > ends_s:
                return

    def _due(
        self, prospects: Mapping[str, Prospect], reasons: Mapping[str, str], present: Collection[str]
    ) -> Iterator[str]:
        for name, prospect in prospects.items():
            known = self._known.get(name)
            is_there = known is not None and receipt_name(name) in present
            if known is None or not is_there or not _is_same(known, prospect, reasons.get(name, "")):
                yield name

    def _tell(self, name: str, prospect: Prospect, reason: str, *, is_there: bool) -> None:
        """Write it, unless another worker has told about the same."""
        file = receipt_name(name)
        lines = last_lines(file, outbox=self._outbox) if is_there else ()
        told = next((said for line in lines if (said := stamped(line)) is not None), None)
        if told is None or not _is_same(told, prospect, reason):
            make_folder(self._folder, below=self._outbox)
            text = _text(name, prospect, reason, language=self._language_of(name))
            with suppress(IsADirectoryError):
                replace_pieces(self._folder / file, [text], below=self._outbox)
            told = prospect, _rest(prospect, reason)
        self._known[name] = told


def _is_same(told: tuple[Prospect, str], prospect: Prospect, reason: str) -> bool:
    return told[1] == _rest(prospect, reason) and not has_moved(told[0], prospect)


def _rest(prospect: Prospect, reason: str) -> str:
    """All but figures, in eight digits."""
    said = "\0".join((prospect.worker, prospect.folder, prospect.paused_by, reason))
    return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()[:8]


def _text(name: str, prospect: Prospect, reason: str, *, language: Language) -> bytes:
    """Beside a reason it is a receipt as others are; alone its last line is another: nobody takes it for one."""
    stamp, foreseen = prospect.stamp(_rest(prospect, reason)), joined(prospect.lines(), "\n")
    if reason:
        return receipt(name, joined([legible(reason), foreseen], "\n\n"), language=language, stamps=[stamp])
    title = gettext("`{name}` is on its way:", name=legible(name))
    return note([title, foreseen, PASSING], last=[stamp], language=language)
