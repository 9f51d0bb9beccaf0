"""Answers: what came of a request, in a receipt that stays for a day after the control file has gone.

The receipt is all there is: every worker knows an answer by its last line, and leaves it until it is old.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from worker.disk.beneath import remove_file
from worker.disk.durable import make_folder, write_file
from worker.problem import legible
from worker.spool.layout import Folders
from worker.spool.readers import Readers
from worker.spool.receipts import ENDING, FOR_A_DAY, files_in, last_lines, note, receipt_name
from worker.translation import Language, gettext

log = structlog.get_logger()

ANSWERED = "(zimage-worker answer 1)"
"""Last line of every answer; no worker takes it for a receipt of what is not done."""
KEPT_S = 86_400.0
SWEPT_EVERY_S = 600.0


def answer_text(name: str, answer: str, *, language: Language) -> bytes:
    """The bytes of an answer.

    Args:
        name: of the control file.
        answer: what came of it.
        language: of the text.
    """
    title = gettext("`{name}` has been read:", name=legible(name))
    return note([title, legible(answer), FOR_A_DAY], last=[ANSWERED], language=language)


class Answers:
    """Of one spool."""

    def __init__(
        self, folders: Folders, readers: Readers, *, clock: Callable[[], float], wall: Callable[[], float] = time.time
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            readers: tells what the person reads who asked.
            clock: monotonic seconds.
            wall: seconds since 1970, as the share's files have them.
        """
        self._folders = folders
        self._readers = readers
        self._clock = clock
        self._wall = wall
        self._sweep_at_s = float("-inf")

    def give(self, name: str, answer: str, *, of: Path | None = None, is_logged: bool = True) -> None:
        """Say what came of a control file. Never raises: nobody waits for a note.

        Args:
            name: of the file, in the inbox.
            answer: for a person.
            of: the job or its folder, whose language is its author's; else the control file's name tells.
            is_logged: not for what the job's own line in the log tells.
        """
        if is_logged:
            log.info("control.obeyed", file=name, answer=answer)
        language = self._readers.language_of(of or self._folders.inbox / name)
        with suppress(OSError):
            if files_in(self._folders.receipts) is not None:
                make_folder(self._folders.receipts, below=self._folders.outbox)
                file = self._folders.receipts / receipt_name(name)
                write_file(file, answer_text(name, answer, language=language), below=self._folders.outbox)

    def sweep(self) -> None:
        """Remove answers that are a day old, if it is time to look. Never raises."""
        if self._clock() < self._sweep_at_s:
            return
        self._sweep_at_s = self._clock() + SWEPT_EVERY_S
        with suppress(OSError):
            for name in files_in(self._folders.receipts) or ():
                path = self._folders.receipts / name
                with suppress(OSError, ValueError):
                    is_old = self._wall() - path.lstat().st_mtime >= KEPT_S
                    if is_old and name.endswith(ENDING) and is_answer(name, outbox=self._folders.outbox):
                        remove_file(path, below=self._folders.outbox)


def is_answer(file: str, *, outbox: Path) -> bool:
    """Whether a receipt's file is an answer, by its last line; False for whatever cannot be read.

    Args:
        file: its name.
        outbox: in which the receipts lie.
    """
    return last_lines(file, outbox=outbox)[:1] == [ANSWERED]
