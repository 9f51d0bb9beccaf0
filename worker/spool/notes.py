"""What a job keeps while it waits in the inbox again: its id, attempts, former claims.

Knows `returned/HASH.json`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from worker.disk.durable import make_folder, sync_folder, write_json
from worker.disk.json_records import read_record
from worker.spool.claim_files import NOTE_KEYS
from worker.spool.layout import NOTE_FILE, Folders, note_name
from worker.spool.proof_notes import KEY, forget_ends

KEPT_KEYS = ("deaths", "fruitless", "dropped_by", KEY)
"""Kept too, where a record has them: the first two of a job that was begun, the last of one with a proof."""
JOB_ID = re.compile(r"[0-9a-f]{32}")
"""It becomes the name of a folder."""


class Notes:
    """The notes of one spool, by the job's file name."""

    def __init__(self, folders: Folders) -> None:
        """Keep the place."""
        self._folders = folders

    def read(self, name: str) -> dict[str, object] | None:
        """What a job of that name kept when it was given back; a damaged note is none."""
        note = read_record(self._file(name))
        is_whole = note.keys() >= NOTE_KEYS and JOB_ID.fullmatch(str(note["job_id"]))
        return {key: note[key] for key in (*NOTE_KEYS, *KEPT_KEYS) if key in note} if is_whole else None

    def write(self, name: str, record: Mapping[str, object], *, claim: Path) -> None:
        """Keep what a claim knows of a job.

        Args:
            name: of the job's file or folder.
            record: of the claim.
            claim: its folder; what a killed writer leaves goes with it.
        """
        make_folder(self._folders.returned, below=self._folders.inbox)
        kept = {key: record[key] for key in NOTE_KEYS} | {key: record[key] for key in KEPT_KEYS if key in record}
        forget_ends(kept)
        write_json(claim / NOTE_FILE, kept)
        os.rename(claim / NOTE_FILE, self._file(name))
        sync_folder(self._folders.returned)

    def forget(self, name: str, *, job_id: str | None = None) -> None:
        """Remove the note of a job, if there is one.

        Args:
            name: of the job's file or folder.
            job_id: only the note of this job is removed; None for whichever it is.

        Raises:
            OSError: the share failed.
        """
        note = self.read(name)
        if note is not None and job_id in (None, note["job_id"]):
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folders.returned / note_name(name)
