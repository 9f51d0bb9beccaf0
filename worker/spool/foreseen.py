"""Receipts of jobs that wait for their turn or are in work: position, times, who works on them, and where to look.

Every worker foresees for itself; what another has written stands as long as it is about the same. They are only for
looking: written by and by within a budget, the first in line first, not synced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.problem import legible
from worker.spool.layout import RECEIPTS
from worker.spool.prospects import Prospect, has_moved, stamped
from worker.spool.receipts import SIGNED, files_in, last_lines, receipt, receipt_name
from worker.translation import Language, gettext, joined, translated

EVERY_S = 15.0
"""Between two rounds."""
MOST = 20
"""Receipts that are opened or written in one round."""
MOST_S = 0.25
"""Seconds after which a round ends, whatever is left: a share may be slow, and pictures wait."""


class Foreseen:
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
        self._known: dict[str, tuple[Prospect, str]] = {}
        """What the receipts say, as last read or written: a forecast, and what of all else."""

    def hurry(self) -> None:
        """Something has changed for all: the next round is due."""
        self._due_s = float("-inf")

    def show(self, prospects: Mapping[str, Prospect], reasons: Mapping[str, str]) -> None:
        """Do a round, if one is due.

        Args:
            prospects: by name in the inbox, the most important first.
            reasons: what else the receipt of a name says, such as warnings.

        Raises:
            OSError: the share failed; to be called again.
        """
        now_s = self._clock()
        if now_s < self._due_s:
            return
        self._due_s = now_s + EVERY_S
        self._known = {name: known for name, known in self._known.items() if name in prospects}
        if not prospects or (present := files_in(self._folder)) is None:
            return
        due = self._due(prospects, reasons, present)
        for number, name in enumerate(due):
            if number >= MOST or self._clock() - now_s > MOST_S:
                self._due_s = self._clock() + EVERY_S
                return
            self._tell(name, prospects[name], reasons.get(name, ""), is_there=receipt_name(name) in present)

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
                replace_file(self._folder / file, text, below=self._outbox)
            told = prospect, _rest(prospect, reason)
        self._known[name] = told


def _is_same(told: tuple[Prospect, str], prospect: Prospect, reason: str) -> bool:
    return told[1] == _rest(prospect, reason) and not has_moved(told[0], prospect)


def _rest(prospect: Prospect, reason: str) -> str:
    """All but figures, in eight digits."""
    said = "\0".join((prospect.worker, prospect.folder, prospect.paused_by, reason))
    return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()[:8]


def _text(name: str, prospect: Prospect, reason: str, *, language: Language) -> str:
    """Beside a reason it is a receipt as others are; alone its last line is another: nobody takes it for one."""
    stamp, foreseen = prospect.stamp(_rest(prospect, reason)), joined(prospect.lines(), "\n")
    if reason:
        whole = receipt(name, joined([legible(reason), foreseen], "\n\n"), language=language).decode()
        return "".join([whole.removesuffix(f"{SIGNED}\r\n"), stamp, "\r\n", SIGNED, "\r\n"])
    title = gettext("`{name}` is on its way:", name=legible(name))
    end = gettext("This note goes away by itself once that no longer holds.")
    text = translated(joined([title, foreseen, end], "\n\n"), language)
    return "\r\n".join([*text.splitlines(), "", stamp, ""])
