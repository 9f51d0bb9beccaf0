"""The files of a claim: its record, the job inside it.

Knows `claims/WORKER/JOB_ID/` and what a damaged one still tells.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from worker.clocks import utc_text
from worker.disk.content import read_record
from worker.disk.durable import is_listed, move_to_free_name, sync_folder
from worker.disk.returned_folder import holds_more
from worker.errors import ClaimLost
from worker.records import Claim
from worker.spool.layout import CLAIM_FILE, DROPPED, NOTE_FILE, numbered
from worker.translation import Text, gettext

NOTE_KEYS = {"job_id", "attempt", "earlier", "submitted_at", "fingerprint"}
RECORD_KEYS = NOTE_KEYS | {"id", "stem"}


def folder_of(claim: Claim) -> Path:
    """The claim's folder."""
    return claim.dropped.parent.parent


def dropped_in(folder: Path) -> Path | None:
    """The job in a claim's folder; None when there is none, or not even its place."""
    try:
        return folder / DROPPED / min(os.listdir(folder / DROPPED))
    except (FileNotFoundError, ValueError):
        return None


def read_claim_record(folder: Path) -> dict[str, object]:
    """The claim's record; empty when it died before it was written, or the record is damaged."""
    record = read_record(folder / CLAIM_FILE)
    return record if record.keys() >= RECORD_KEYS else {}


def claim_in(folder: Path, record: dict[str, object]) -> Claim:
    """The claim as a value.

    Args:
        folder: of the claim.
        record: as `read_claim_record` gave it; empty for a claim without one.

    Raises:
        ClaimLost: it is not there any more.
        OSError: the share failed.
    """
    dropped = dropped_in(folder)
    if dropped is None or not record:
        raise ClaimLost(gettext("The claim {id} is not there any more.", id=folder.name))
    return Claim(
        id=str(record["id"]),
        job_id=str(record["job_id"]),
        stem=str(record["stem"]),
        attempt=whole_number(record["attempt"]),
        dropped=dropped,
        submitted_at=str(record["submitted_at"]),
        earlier=tuple(texts(record["earlier"])),
    )


def lost(stem: str) -> Text:
    """What to say of a job whose claim is not this worker's any more."""
    return gettext("The claim of {job} is not there any more: it was taken over or removed.", job=stem)


def spool_key(spool_file: Path) -> str:
    """Eight characters in the id of every claim of this spool: two inboxes may share an outbox, and even a worker id.

    Args:
        spool_file: holds the spool's id; never made here, as the share may be away.

    Raises:
        OSError: the share failed.
    """
    return hashlib.sha256(str(read_record(spool_file).get("id")).encode(errors="surrogatepass")).hexdigest()[:8]


def whole_number(value: object) -> int:
    """A count from a record; 0 for anything else."""
    return value if isinstance(value, int) else 0


def texts(value: object) -> list[str]:
    """A list from a record; empty for anything else."""
    return [str(one) for one in value] if isinstance(value, list) else []


def folders_in(folder: Path) -> list[Path]:
    """Its subfolders by name, links left out; none when it is not there."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())


def changed_at(path: Path) -> str:
    """When it was last changed, as far as the share tells: ISO 8601, UTC."""
    try:
        changed_s = path.lstat().st_mtime
    except FileNotFoundError:
        changed_s = 0.0
    return utc_text(changed_s)


def remove_empty_claim(folder: Path) -> None:
    """Remove a claim that holds no job.

    Step by step, never as a tree: the share itself refuses while, against all that was seen, a job lies in it. Measured
    on SMB: just after another machine's claim was taken over, its folder looked empty for a moment.

    Raises:
        OSError: there is something in it after all, or the share failed.
    """
    try:
        if is_listed(folder / DROPPED):
            os.rmdir(folder / DROPPED)
        for name in os.listdir(folder):
            if name in (CLAIM_FILE, NOTE_FILE) or name.endswith(".tmp"):
                (folder / name).unlink(missing_ok=True)
        os.rmdir(folder)
    except FileNotFoundError:
        return
    sync_folder(folder.parent)


def keep_pictures(dropped: Path, *, outbox: Path) -> None:
    """A finished folder that was dropped again goes back to the outbox: its pictures are no part of the job.

    Args:
        dropped: the job's file or folder in the claim, whose job has appeared; may be gone.
        outbox: of the spool.

    Raises:
        OSError: the share failed; the call may be repeated.
    """
    number = 1
    while holds_more(dropped):
        move_to_free_name(dropped, outbox / numbered(f"{dropped.name}.before", number))
        number += 1
