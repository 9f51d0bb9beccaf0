"""What a job that is made of an ended one says of that: whose finished pictures it keeps, and which it leaves out.

It stands in the `error.json` of the job's folder, which every version takes for a folder that was dropped again.
Whatever else lies there is not trusted: a folder is named by a plain name in the outbox or in `failed`, nowhere else.
"""

from __future__ import annotations

import json
from pathlib import Path

from worker.disk.json_records import RECORD_BYTES, read_record
from worker.disk.looks import is_folder
from worker.disk.owners import one_name
from worker.disk.record_fields import moment_in
from worker.kept_records import Retry
from worker.plain_names import is_plain_file_name

NOTE_FILE = "error.json"
KEY = "retry"


def note_bytes(retry: Retry, *, name: str) -> bytes:
    """The file.

    Args:
        retry: what the job keeps.
        name: the job's shown name, which it keeps too.
    """
    left_out = list(retry.left_out)
    while True:
        said = {"place": retry.place, "folder": retry.folder, "left_out": left_out, "kept": retry.kept,
                "asked_by": retry.asked_by, "approved_at": retry.approved_at}  # fmt: skip
        data = json.dumps({"schema": 1, "name": name, KEY: said}, ensure_ascii=False).encode(errors="backslashreplace")
        if len(data) <= RECORD_BYTES or not left_out:
            return data
        left_out = []  # too many names for a record: they are made again


def retry_in(job: Path) -> Retry | None:
    """What a job's folder says of it; None for any other job.

    Args:
        job: its file or folder.

    Raises:
        OSError: the share failed; nothing is known.
    """
    if not is_folder(job):
        return None
    said = read_record(job / NOTE_FILE, below=job.parent).get(KEY)
    if not isinstance(said, dict):
        return None
    place, folder, left_out = said.get("place"), said.get("folder"), said.get("left_out")
    if not isinstance(folder, str) or not is_plain_file_name(folder) or place not in ("outbox", "failed"):
        return None
    names = [name for name in left_out if isinstance(name, str)] if isinstance(left_out, list) else []
    kept = said.get("kept")
    return Retry(
        place=place, folder=folder, left_out=tuple(names), kept=max(0, kept) if isinstance(kept, int) else 0,
        asked_by=one_name(said.get("asked_by")), approved_at=moment_in(said, "approved_at"),
    )  # fmt: skip
