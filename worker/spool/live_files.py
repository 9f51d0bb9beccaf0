"""Live files: where people see how a job in work goes, and where it went.

Knows the job's page in its own folder, and its record, which stays in one place whatever becomes of that folder. They
are only for looking: they are written once in a while, not synced, and no error of theirs is anybody's.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from worker.disk.durable import make_folder, replace_pieces
from worker.disk.looks import is_folder
from worker.live_records import LIVE, Shown, live_script, record_name
from worker.spool.layout import Folders

JOB_ID = re.compile(r"[0-9a-f]{1,64}")
"""It becomes a file's name."""


class LiveFiles:
    """Of one spool."""

    def __init__(self, folders: Folders) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
        """
        self._folders = folders
        self._folder = folders.outbox / LIVE

    def show(self, job_id: str, shown: Shown, *, partial: Path) -> None:
        """Write how a job goes. Never raises.

        Args:
            job_id: of the job.
            shown: what is to be seen.
            partial: the folder of its pictures so far; where it is gone, so is the claim or the share.
        """
        with suppress(OSError):
            if not is_folder(partial):
                return
            if shown.page is not None:
                replace_pieces(partial / "index.html", [shown.page], below=partial.parent)
            self._write(job_id, shown.record)

    def went(self, job_id: str, folder: Path) -> None:
        """Write where a job has gone, for whoever has its page open; nothing of one that had none. Never raises.

        Args:
            job_id: of the job.
            folder: in `outbox` or `failed`.
        """
        with suppress(OSError):
            if not (self._folder / record_name(job_id)).is_file():
                return
            page = next((name for name in ("index.html", "error.txt") if (folder / name).is_file()), "index.html")
            way = os.path.relpath(folder / page, self._folders.outbox)
            href, name = quote(f"../{way}", errors="surrogateescape"), f"{folder.parent.name}/{folder.name}"
            self._write(job_id, live_script({"job": job_id, "ended": True, "href": href, "name": name}))

    def _write(self, job_id: str, data: bytes) -> None:
        if JOB_ID.fullmatch(job_id):
            make_folder(self._folder, below=self._folders.outbox)
            replace_pieces(self._folder / record_name(job_id), [data], below=self._folders.outbox)
