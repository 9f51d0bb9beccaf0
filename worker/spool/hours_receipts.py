"""The receipt of a worker's hours, `outbox/receipts/hours-WORKER.txt`: what fits into the window that is on, or next.

Knows when it is worth writing anew: not at every picture. It goes away like an answer, a day after the last word.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from worker.disk.durable import make_folder, write_file
from worker.moments import with_zone
from worker.spool.answers import ANSWERED
from worker.spool.layout import Folders
from worker.spool.listing import find
from worker.spool.readers import Readers
from worker.spool.receipts import ENDING, FOR_A_DAY, files_in, last_lines, note
from worker.translation import Language, gettext
from worker.window_outlook import WindowOutlook, outlook_lines

STAMP = "(zimage-worker hours 1)"
"""The line before the last one: by it the file is known to be one of these."""
AGAIN_S = 600.0
"""Least time between two versions of the same window."""
MOVE_PART = 0.02
"""They differ by so much of the pictures that fit, too."""


class HoursReceipt:
    """Of one worker."""

    def __init__(
        self,
        folders: Folders,
        readers: Readers,
        *,
        worker_id: str,
        clock: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            readers: tells what people read who drop jobs.
            worker_id: of this worker.
            clock: monotonic seconds.
            wall: seconds since 1970.
        """
        self._folders = folders
        self._readers = readers
        self._worker_id = worker_id
        self._clock = clock
        self._wall = wall
        self._told: WindowOutlook | None = None
        self._told_s = 0.0

    def show(self, outlook: WindowOutlook) -> None:
        """Write it, if it says something else than before. Never raises: nobody waits for a note.

        Args:
            outlook: as of now.
        """
        if not self._is_news(outlook):
            return
        self._told, self._told_s = outlook, self._clock()
        file = f"hours-{self._worker_id}{ENDING}"
        with suppress(OSError):
            present = files_in(self._folders.receipts)
            is_ours = present is not None and (file not in present or self._is_one(file))
            if is_ours:
                make_folder(self._folders.receipts, below=self._folders.outbox)
                write_file(self._folders.receipts / file, self._text(outlook), below=self._folders.outbox)

    def _is_news(self, outlook: WindowOutlook) -> bool:
        told = self._told
        if told is None or (told.is_on, told.begins_at, told.ends_at) != (
            outlook.is_on, outlook.begins_at, outlook.ends_at,
        ):  # fmt: skip
            return True
        if told.fit is None and outlook.fit is not None:
            return True  # the first forecast of a window, which people wait for
        if self._clock() - self._told_s < AGAIN_S or (told.fit, told.pictures) == (outlook.fit, outlook.pictures):
            return False
        if told.fit is None or outlook.fit is None or told.left is None or outlook.left is None:
            return told.fit != outlook.fit or told.pictures != outlook.pictures
        least = MOVE_PART * max(told.fit, outlook.fit)
        return abs(told.fit - outlook.fit) > least or abs(told.left - outlook.left) > least

    def _text(self, outlook: WindowOutlook) -> bytes:
        now_s = self._wall()
        title = gettext("Hours of the worker {id}, as of {time}:", id=self._worker_id, time=with_zone(now_s))
        lines = outlook_lines(outlook, now=datetime.fromtimestamp(now_s, UTC))
        return note([title, *lines, FOR_A_DAY], last=[STAMP, ANSWERED], language=self._language())

    def _language(self) -> Language:
        """What people read whose jobs lie there."""
        first = next((one.name for one in find(self._folders.inbox)), "hours")
        return self._readers.language_of(self._folders.inbox / first)

    def _is_one(self, file: str) -> bool:
        return last_lines(file, outbox=self._folders.outbox) == [ANSWERED, STAMP]
