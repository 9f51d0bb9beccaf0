"""Endings: what a claim's record says of its job's end, and whether the job is still what was read.

Knows the record only; `publishing` makes what is said there true.
"""

from __future__ import annotations

from pathlib import Path

from worker.disk.content import fingerprint
from worker.disk.durable import is_listed, make_mark, write_json
from worker.errors import JobChanged
from worker.records import Claim
from worker.spool.claim_files import folder_of, read_claim_record, texts
from worker.spool.layout import CLAIM_FILE, ENDED_FILE
from worker.translation import gettext


def require_unchanged(claim: Claim) -> None:
    """Let no job end whose files are not those that were read: some program had them open, and wrote on.

    From then on they are compared with what they are now, so that the job can be read again and gone on with.

    Args:
        claim: of the job.

    Raises:
        JobChanged: its files have changed since the record was written.
        NotAJob: there is something other than files and folders in it.
        OSError: the share failed, or the claim is gone.
    """
    record, now = read_claim_record(folder_of(claim)), fingerprint(claim.dropped)
    if record and record["fingerprint"] != now:
        write_json(folder_of(claim) / CLAIM_FILE, {**record, "fingerprint": now})
        raise JobChanged(gettext("a program still writes into its files: close it"))


def ending(claim: Claim) -> tuple[str, str, str] | None:
    """What publishing had written down: names of the root, the staged folder and the target; None before that."""
    noted = texts(read_claim_record(folder_of(claim)).get("ending"))
    return (noted[0], noted[1], noted[2]) if len(noted) == 3 else None


def forget_ending(claim: Claim, *, place: str, staged: Path) -> None:
    """Take that back where the rename did not happen: whoever removes the staged folder now has not taken a job.

    Args:
        claim: of the job.
        place: as it was noted, `outbox` or `failed`.
        staged: folder of the claim there; while it is there, nothing has appeared.

    Raises:
        OSError: the share failed, or the claim is gone.
    """
    record = read_claim_record(folder_of(claim))
    if texts(record.pop("ending", None))[:2] == [place, staged.name] and is_listed(staged):
        write_json(folder_of(claim) / CLAIM_FILE, record)


def note_ended(claim: Claim) -> None:
    """Write down that the job has appeared, and only its claim is left: it is never made again.

    Raises:
        OSError: the share failed, or the claim is gone.
    """
    make_mark(folder_of(claim) / ENDED_FILE)


def has_ended(claim: Claim) -> bool:
    """Whether `note_ended` has been called.

    Raises:
        OSError: the share failed, or the claim is gone.
    """
    return is_listed(folder_of(claim) / ENDED_FILE)
