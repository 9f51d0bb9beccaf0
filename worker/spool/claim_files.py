"""The files of a claim: its record, the job inside it.

Knows `claims/WORKER/JOB_ID/` and what a damaged one still tells.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from worker.clocks import utc_text
from worker.disk.beneath import remove_file
from worker.disk.content import NotAJob, fingerprint, opened, pieces
from worker.disk.durable import is_listed, make_folder, remove_tree, sync_folder, write_pieces
from worker.disk.json_records import read_record
from worker.disk.lone_table import TEMPLATES, template_for
from worker.disk.looks import is_folder
from worker.disk.moves import move_to_free_name
from worker.disk.owners import one_name
from worker.disk.returned_folder import holds_more
from worker.errors import ClaimLost
from worker.plain_names import composed, is_litter
from worker.records import JOB_FILE, Claim
from worker.spool.across_disks import copied_to_free_name
from worker.spool.layout import CLAIM_FILE, DROPPED, ENDED_FILE, NOTE_FILE, WORK_FILE, numbered
from worker.spool.names import kind_of, stem_of
from worker.spool.proof_notes import proof_in
from worker.spool.retry_notes import retry_in
from worker.translation import gettext

NOTE_KEYS = {"job_id", "attempt", "earlier", "submitted_at", "fingerprint"}
RECORD_KEYS = NOTE_KEYS | {"id", "stem"}


def folder_of(claim: Claim) -> Path:
    """The claim's folder."""
    return claim.dropped.parent.parent


def dropped_in(folder: Path, record: Mapping[str, object]) -> Path | None:
    """The job in a claim's folder; None when there is none, or not even its place.

    Args:
        folder: of the claim.
        record: names the job; where it does not, whatever is named like a job is it.

    Raises:
        OSError: the place cannot be listed.
    """
    place = folder / DROPPED
    try:
        names = sorted(name for name in os.listdir(place) if not is_litter(name))
    except (FileNotFoundError, NotADirectoryError):
        return None
    if isinstance(record.get("dropped"), str):
        found = [name for name in names if written_name(name) == record["dropped"]]
    else:
        found = [name for name in names if kind_of(name, is_folder=(place / name).is_dir()) in ("job", "table")]
    return place / found[0] if found else None


def written_name(name: str) -> str:
    """A file's name as a record has it: the same for composed and decomposed letters, and never undecodable."""
    return composed(name.encode(errors="replace").decode())


def is_there(folder: Path, *, inbox: Path) -> bool:
    """Whether a claim is still there, by a fresh listing.

    Args:
        folder: of the claim.
        inbox: of the spool, which tells a claim that is gone from a share that is away.

    Raises:
        OSError: the share failed; nothing is known.
    """
    try:
        return is_listed(folder)
    except (FileNotFoundError, NotADirectoryError):
        if inbox.is_dir():
            return False
        raise


def read_claim_record(folder: Path) -> dict[str, object]:
    """The claim's record; empty when it died before it was written, or the record is damaged."""
    record = read_record(folder / CLAIM_FILE)
    return record if record.keys() >= RECORD_KEYS else {}


def record_anew(folder: Path, dropped: Path) -> dict[str, object]:
    """A record for a job whose own is damaged: its attempts are counted anew.

    Args:
        folder: of the claim.
        dropped: the job in it.

    Raises:
        OSError: the job cannot be read.
    """
    return {
        "job_id": folder.name, "stem": stem_of(dropped.name, is_folder=dropped.is_dir()), "attempt": 0, "earlier": [],
        "submitted_at": changed_at(dropped), "fingerprint": fingerprint(dropped), "dropped": written_name(dropped.name),
    }  # fmt: skip


def require_readable(folder: Path) -> None:
    """Make sure that a record that gave nothing is damaged or missing, not another account's.

    Raises:
        PermissionError: it may not be read.
    """
    try:
        with opened(folder / CLAIM_FILE):
            return
    except PermissionError:
        raise
    except (OSError, NotAJob):
        return


def claim_in(folder: Path, record: dict[str, object]) -> Claim:
    """The claim as a value.

    Args:
        folder: of the claim.
        record: as `read_claim_record` gave it; empty for a claim without one.

    Raises:
        ClaimLost: it is not there any more.
        OSError: the share failed.
    """
    dropped = dropped_in(folder, record)
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
        deaths=deaths_in(record),
        fruitless=whole_number(record.get("fruitless")),
        retry=retry_in(dropped),
        proof=proof_in(record),
        dropped_by=one_name(record.get("dropped_by")),
    )


def deaths_in(record: Mapping[str, object]) -> tuple[tuple[str, ...], ...]:
    """The pictures in work at each death that is counted, oldest first."""
    deaths = record.get("deaths")
    return tuple(tuple(texts(death)) for death in deaths) if isinstance(deaths, list) else ()


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
    """Its subfolders by name, without litter and links; none when it is not there.

    Raises:
        OSError: it cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:  # what an entry is, it says without another question
            names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
    return [folder / name for name in names if not is_litter(name)]


def changed_at(path: Path) -> str:
    """When it was last changed, as far as the share tells and a calendar has it: ISO 8601, UTC."""
    try:
        changed_s = path.lstat().st_mtime
    except FileNotFoundError:
        changed_s = 0.0
    return utc_text(changed_s)


def remove_empty_claim(folder: Path) -> None:
    """Remove a claim that holds no job, with the litter in it.

    Step by step, never as a tree: the share itself refuses while, against all that was seen, a job lies in it. Measured
    on SMB: just after another machine's claim was taken over, its folder looked empty for a moment.

    Raises:
        OSError: there is something in it after all, or the share failed.
    """
    try:
        if is_listed(folder / DROPPED):
            _remove_litter(folder / DROPPED)
            if os.listdir(folder / DROPPED) == [TEMPLATES]:  # a listing that shows it would show the table
                remove_tree(folder / DROPPED / TEMPLATES)
            os.rmdir(folder / DROPPED)
        _remove_litter(folder)
        for name in (CLAIM_FILE, NOTE_FILE, WORK_FILE, ENDED_FILE):
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
        target = outbox / numbered(f"{dropped.name}.before", number)
        try:
            move_to_free_name(dropped, target)
        except OSError as error:
            if error.errno != errno.EXDEV:  # inbox and outbox may lie on two disks
                raise
            if copied_to_free_name(dropped, target):
                remove_file(dropped / JOB_FILE, below=dropped.parent)  # then it holds no more
        number += 1


def _remove_litter(folder: Path) -> None:
    for path in [folder / name for name in os.listdir(folder) if is_litter(name)]:
        if is_folder(path):
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)


def moved(source: Path, target: Path) -> bool:
    """Rename; an error is resolved by looking, since a share may rename and report a failure (measured on NFS).

    A lone table's template is copied first, so that a claim that holds the table holds both.

    Args:
        source: a job in the inbox.
        target: its place in a claim.

    Returns:
        False when the source was gone: somebody was faster.

    Raises:
        NotAJob: the template is no plain file.
        OSError: it was not moved, or the share failed.
    """
    _keep_template(source, target)
    try:
        os.rename(source, target)
    except OSError:
        if not is_listed(target):
            if is_listed(source):
                raise
            return False
    sync_folder(target.parent)
    sync_folder(source.parent)
    return True


def _keep_template(table: Path, place: Path) -> None:
    """Copy the template of a lone table in the inbox beside the place to which the table goes."""
    inbox, template = table.parent, template_for(table)
    if template is not None:
        make_folder(place.parent / TEMPLATES, below=inbox)
        with suppress(FileNotFoundError):  # it went since: then this is another job, and goes back
            write_pieces(place.parent / TEMPLATES / template.name, pieces(template, below=inbox), below=inbox)
