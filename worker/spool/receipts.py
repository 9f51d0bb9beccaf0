"""Receipts: for whatever lies in the inbox and is not taken, refused or obeyed, or rests, a small file that says why.

Knows their folder in the outbox, where the people are who can see only the share. The same facts give the same text,
and what says it in another language is left alone, so that several workers on one inbox agree about them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

from worker.disk.beneath import remove_file
from worker.disk.content import NotAJob, opened
from worker.disk.durable import make_folder, write_file
from worker.disk.returned_folder import MARKS
from worker.plain_names import alike
from worker.problem import legible
from worker.spool.layout import RECEIPTS
from worker.spool.names import plain_name
from worker.spool.steering import is_steering
from worker.spool_ports import WARNING_MARK
from worker.translation import Language, gettext, joined, translated

LOOK_AGAIN_S = 60.0
"""Between two looks at the folder while nothing changes: what others left there, or took away, is noticed by then."""
ENDING = ".txt"
SIGNED = "(zimage-worker receipt 1)"
"""Last line of every receipt: a file without it is none, and is left alone."""
PROGRESS = "(zimage-worker progress 1 "
"""Begins the last line of a receipt that only says how a job goes: a worker of an older version leaves it alone."""
RECEIPT_BYTES = 262_144
"""Read of one; a hundred warnings in Chinese come to a quarter of it."""
PASSING = gettext("This note goes away by itself once that no longer holds.")
FOR_A_DAY = gettext("This note goes away by itself after a day.")
"""Ends of what is told in files."""
HASHED = re.compile(r"-[0-9a-f]{8}$")


@lru_cache(maxsize=65_536)
def receipt_name(name: str) -> str:
    """Name of the receipt's file: never the same for two names of an inbox, on any share.

    Args:
        name: in the inbox.
    """
    plain = plain_name(name)
    if plain == name == alike(name) and not HASHED.search(name):
        return f"{name}{ENDING}"
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{plain or 'name'}-{digest}{ENDING}"


def note(paragraphs: Iterable[str], *, last: Sequence[str], language: Language) -> bytes:
    """The bytes of what is told in a file; lines end in CR LF, for old Windows editors.

    Args:
        paragraphs: of the text.
        last: lines at its end, by which workers know it.
        language: of the text.
    """
    text = translated(joined([*paragraphs], "\n\n"), language)
    return "\r\n".join([*text.splitlines(), "", *last, ""]).encode(errors="backslashreplace")


def receipt(name: str, why: str, *, language: Language = "en", stamps: Sequence[str] = ()) -> bytes:
    """The bytes of a receipt.

    Args:
        name: in the inbox.
        why: the reason and the remedy.
        language: of the text.
        stamps: lines for other workers above the last one.
    """
    if is_steering(name):
        title = gettext("`{name}` has been read:", name=legible(name))
    elif f"\n{WARNING_MARK}" in why:
        title = gettext("`{name}` is on its way:", name=legible(name))
    else:
        title = gettext("`{name}` is not done, because:", name=legible(name))
    return note([title, legible(why), PASSING], last=[*stamps, SIGNED], language=language)


def files_in(folder: Path) -> set[str] | None:
    """Names in the folder of receipts; None where it is a link, or a job's finished folder of that name.

    Args:
        folder: need not be there.

    Raises:
        OSError: the share failed.
    """
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return None
        names = set(os.listdir(folder))
    except FileNotFoundError:
        return set()
    return None if names & MARKS else names


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptText:
    """What a receipt says."""

    file: str
    """Its name."""
    why: str
    """The first line of the reason."""
    warnings: int
    """Of a job that is rendered all the same: how many there are. 0 for any other."""


def read_receipt(file: str, *, outbox: Path) -> ReceiptText:
    """Read a receipt; what cannot be read says nothing.

    Args:
        file: its name.
        outbox: in which the receipts lie.
    """
    lines = _read(file, outbox=outbox).decode(errors="replace").splitlines()
    said = [line for line in lines[1:] if line.strip()] if lines[-1:] == [SIGNED] else []
    warnings = sum(line.startswith(WARNING_MARK) for line in said)
    return ReceiptText(file=file, why=next(iter(said), ""), warnings=warnings)


def last_lines(file: str, *, outbox: Path) -> list[str]:
    """The last two lines of a receipt, the last first: by them it is known. Nothing where it cannot be read.

    Args:
        file: its name.
        outbox: in which the receipts lie.
    """
    return _read(file, outbox=outbox).decode(errors="replace").splitlines()[:-3:-1]


def _read(file: str, *, outbox: Path) -> bytes:
    try:
        with opened(outbox / RECEIPTS / file, below=outbox) as held:
            return held.read(RECEIPT_BYTES)
    except (OSError, NotAJob):
        return b""


def _says(written: bytes, wanted: bytes, *, name: str, why: str) -> bool:
    """Whether a receipt says this, also in another language: workers whose settings differ leave each other's alone."""
    return written == wanted or any(written == receipt(name, why, language=one) for one in get_args(Language))


class Receipts:
    """The receipts of one inbox."""

    def __init__(
        self, outbox: Path, *, clock: Callable[[], float], language_of: Callable[[str], Language] = lambda _: "en"
    ) -> None:
        """Keep the place; nothing is touched.

        Args:
            outbox: folder of finished jobs.
            clock: monotonic seconds.
            language_of: a name's reader.
        """
        self._language_of = language_of
        self._outbox = outbox
        self._folder = outbox / RECEIPTS
        self._clock = clock
        self._shown: tuple[Mapping[str, str], object] | None = None
        self._read_s: float | None = None
        """When the receipts were last compared with what they should say."""

    def show(
        self,
        reasons: Mapping[str, str],
        *,
        undecided: Callable[[], Collection[str]],
        seen: object,
        lying: Collection[str] = (),
    ) -> None:
        """Let there be a receipt for each of these names, and for no other.

        Args:
            reasons: by name in the inbox.
            undecided: names of which this worker knows nothing yet; another's receipt for them stays.
            seen: what the reasons and those names come from: while it is equal, and they are, nothing is done.
            lying: names that lie in the inbox: what only says when their turn comes stays, whoever wrote it.

        Raises:
            OSError: it could not be written, or the share failed; to be called again.
        """
        now_s = self._clock()
        is_due = self._read_s is None or now_s - self._read_s >= LOOK_AGAIN_S
        former, self._shown = self._shown, (dict(reasons), seen)
        if self._shown == former and not is_due:
            return
        self._read_s = now_s if is_due else self._read_s  # also where it fails: not tried at every look
        present = files_in(self._folder)
        if present is None or not (present or reasons):
            return
        known = former[0] if former is not None and not is_due else {}
        wanted = {receipt_name(name) for name in reasons}
        self._write({name: why for name, why in reasons.items() if known.get(name) != why}, reasons, present=present)
        if strange := present - wanted:
            self._remove(strange - {receipt_name(name) for name in undecided()}, lying=set(map(receipt_name, lying)))
        if not wanted:
            with suppress(OSError):  # another's are in it
                self._folder.rmdir()

    def _write(self, unknown: Collection[str], reasons: Mapping[str, str], *, present: Collection[str]) -> None:
        """Write what is not there, and what says something else.

        Args:
            unknown: names whose receipt, if it is there, this worker has not compared yet.
            reasons: of all names.
            present: files that are there.
        """
        if reasons:
            make_folder(self._folder, below=self._outbox)
        for name, why in reasons.items():
            file = receipt_name(name)
            if file in present and name not in unknown:
                continue
            data = receipt(name, why, language=self._language_of(name))
            if file not in present or not _says(_read(file, outbox=self._outbox), data, name=name, why=why):
                with suppress(IsADirectoryError):  # a folder of that name: the others are told all the same
                    write_file(self._folder / file, data, below=self._outbox)

    def _remove(self, files: Iterable[str], *, lying: Collection[str]) -> None:
        for file in files:
            last = last_lines(file, outbox=self._outbox)[:1] if file.endswith(ENDING) else []
            if last == [SIGNED] or (last and last[0].startswith(PROGRESS) and file not in lying):
                remove_file(self._folder / file, below=self._outbox)
