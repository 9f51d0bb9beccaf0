"""Owning a job: claim, count attempts, give back, take over, end.

Knows the claim folders under `inbox/.zimage-worker/`. Every step can be repeated: after a crash between any two,
`leftovers` finds what is true and goes on from there.
"""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from worker.disk.content import NotAJob, fingerprint
from worker.disk.durable import (
    is_listed,
    is_second_name,
    move_to_free_name,
    remove_tree,
    sync_folder,
    write_json,
)
from worker.errors import ClaimLost, FoldersUnusable, WorkerIdTaken
from worker.records import Candidate, Claim
from worker.spool.claim_files import (
    changed_at,
    claim_in,
    dropped_in,
    folder_of,
    folders_in,
    keep_pictures,
    lost,
    read_claim_record,
    remove_empty_claim,
    spool_key,
    texts,
    whole_number,
)
from worker.spool.layout import CLAIM_FILE, DROPPED, Folders
from worker.spool.locks import WorkerLocks
from worker.spool.names import stem_of
from worker.spool.notes import Notes
from worker.spool.private_claims import make_claim_folder

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose claims these are."""

    worker_id: str
    host: str


class Claims:
    """The claims of one worker."""

    def __init__(self, folders: Folders, owner: Owner, *, locks: WorkerLocks, is_dead: Callable[[str], bool]) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            owner: whose claims these are.
            locks: tell who is alive on this machine.
            is_dead: whether a worker of another machine may be taken for dead; looks at its heartbeat.
        """
        self._folders = folders
        self._owner = owner
        self._locks = locks
        self._is_dead = is_dead
        self._notes = Notes(folders)
        self._mine = folders.claims / owner.worker_id

    def claim(self, candidate: Candidate) -> Claim | None:
        """Take the job by one rename; None when somebody else was faster, or it changed meanwhile.

        Raises:
            PermissionError: this user may not move it; nothing was claimed.
            OSError: the share failed.
        """
        note = self._notes.read(candidate.path.name)
        if note is None or note["fingerprint"] != candidate.fingerprint:
            note = {"job_id": uuid.uuid4().hex, "attempt": 0, "earlier": [], "submitted_at": changed_at(candidate.path)}
        folder = self._mine / str(note["job_id"])
        record = {**note, "id": self._new_id(0), "stem": candidate.stem, "host": self._owner.host,
                  "locks": self._locks.place(), "fingerprint": candidate.fingerprint}  # fmt: skip
        dropped = folder / DROPPED / candidate.path.name
        try:
            make_claim_folder(folder / DROPPED, self._folders)
            write_json(folder / CLAIM_FILE, record)
            is_mine = _moved(candidate.path, dropped)
        except OSError:
            with suppress(OSError):  # refused by the share where the job lies in it after all
                remove_empty_claim(folder)
            raise
        if not is_mine:
            remove_empty_claim(folder)
            return None
        if not _is(dropped, candidate.fingerprint) and move_to_free_name(dropped, candidate.path):
            remove_empty_claim(folder)
            return None
        self._notes.forget(candidate.path.name)
        return claim_in(folder, record)

    def begin(self, claim: Claim) -> Claim:
        """Count an attempt, durably; the claim gets a new id, and the former one becomes an earlier one."""
        folder = folder_of(claim)
        record = self._record_of(claim)
        if claim.attempt:
            record["earlier"] = [record["id"], *texts(record["earlier"])]
        record["attempt"] = claim.attempt + 1
        record |= {"host": self._owner.host, "locks": self._locks.place()}
        record["id"] = self._new_id(claim.attempt + 1)
        write_json(folder / CLAIM_FILE, record)
        return claim_in(folder, record)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again with its attempt not counted.

        Returns:
            False when its name is taken there: the claim stands and is resumed at the next start.
        """
        folder = folder_of(claim)
        record = self._record_of(claim)
        if texts(record["earlier"])[:1] != [record["id"]]:  # else an earlier call has written it, and failed later
            record["earlier"] = [record["id"], *texts(record["earlier"])]
            record["attempt"] = max(0, whole_number(record["attempt"]) - 1)
            write_json(folder / CLAIM_FILE, record)
        self._notes.write(claim.dropped.name, record, claim=folder)
        if not move_to_free_name(claim.dropped, self._folders.inbox / claim.dropped.name):
            self._notes.forget(claim.dropped.name)
            return False
        remove_empty_claim(folder)
        return True

    def leftovers(self) -> Iterator[Claim]:
        """Claims of this worker, and of dead workers, which are this worker's from now on."""
        for worker in folders_in(self._folders.claims):
            if worker.name != self._owner.worker_id:
                with suppress(PermissionError):  # another account's, which only its own workers may take over
                    self._take_over(worker)
        for folder in folders_in(self._mine):
            self._finish_return(folder)
            dropped = dropped_in(folder)
            if dropped is None:
                remove_empty_claim(folder)  # died before the rename of the claim, or after that of the return
                continue
            if not read_claim_record(folder):
                self._repair(folder, dropped)
            self._notes.forget(dropped.name, job_id=folder.name)
            if not self._was_still_growing(folder, dropped):
                yield claim_in(folder, read_claim_record(folder))

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's, by a fresh listing.

        Raises:
            OSError: the share failed; nothing is known.
        """
        try:
            return is_listed(folder_of(claim))
        except (FileNotFoundError, NotADirectoryError):
            if os.path.isdir(self._folders.inbox):
                return False
            raise

    def _record_of(self, claim: Claim) -> dict[str, object]:
        """The record of a claim in work, mended where it was damaged.

        Raises:
            ClaimLost: somebody took the claim, or removed it.
        """
        folder = folder_of(claim)
        if not self.holds(claim):
            raise ClaimLost(lost(claim.stem))
        return read_claim_record(folder) or self._repair(folder, claim.dropped)

    def _repair(self, folder: Path, dropped: Path) -> dict[str, object]:
        """A new record for a job whose own is damaged: its attempts are counted anew."""
        log.warning("record.damaged", file=str(folder / CLAIM_FILE))
        record: dict[str, object] = {
            "id": self._new_id(0), "job_id": folder.name, "stem": stem_of(dropped.name, is_folder=dropped.is_dir()),
            "attempt": 0, "earlier": [], "submitted_at": changed_at(dropped), "host": self._owner.host,
            "locks": self._locks.place(), "fingerprint": fingerprint(dropped),
        }  # fmt: skip
        write_json(folder / CLAIM_FILE, record)
        return record

    def end(self, claim: Claim) -> None:
        """Forget the claim; its job lies whole in its final folder.

        The record goes last: as long as a byte of the job is left, it says that the job has ended.
        """
        folder = folder_of(claim)
        keep_pictures(claim.dropped, outbox=self._folders.outbox)
        remove_tree(folder / DROPPED)
        remove_tree(folder)

    def note_ending(self, claim: Claim, *, place: str, staged: Path, target: Path) -> None:
        """Write down, before the last rename, which folder is about to appear under which name.

        Args:
            claim: whose job is about to appear.
            place: name of the root, `outbox` or `failed`.
            staged: folder of the claim in that root.
            target: its final path there.

        Raises:
            ClaimLost: another worker has the job, or somebody removed the claim.
            OSError: the share failed.
        """
        folder = folder_of(claim)
        write_json(folder / CLAIM_FILE, {**self._record_of(claim), "ending": [place, staged.name, target.name]})

    def ending(self, claim: Claim) -> tuple[str, str, str] | None:
        """What `note_ending` wrote: names of the root, the staged folder and the target; None before that."""
        noted = texts(read_claim_record(folder_of(claim)).get("ending"))
        return (noted[0], noted[1], noted[2]) if noted else None

    def _take_over(self, worker: Path) -> None:
        """Move the claims of a dead worker; those of a live one stay."""
        here = {"host": self._owner.host, "locks": self._locks.place()}  # only there a free lock means a dead worker
        folders = folders_in(worker)
        local = [folder for folder in folders if here.items() <= read_claim_record(folder).items()]
        foreign = [folder for folder in folders if folder not in local]
        if local:
            with suppress(WorkerIdTaken, FoldersUnusable), self._locks.hold(worker.name, as_heir=True):
                self._adopt_all(worker, local)
        if foreign and self._is_dead(worker.name):
            self._adopt_all(worker, foreign)

    def _adopt_all(self, worker: Path, folders: Sequence[Path]) -> None:
        make_claim_folder(self._mine, self._folders)
        for folder in folders:
            with suppress(FileNotFoundError):  # another worker was faster
                self._adopt(folder)
                log.info("claim.taken_over", worker=worker.name, id=folder.name)
        sync_folder(self._mine)
        sync_folder(worker)

    def _adopt(self, folder: Path) -> None:
        """Make a claim this worker's; a return that died half-way may have led to a second claim of the same job."""
        mine = self._mine / folder.name
        if not is_listed(mine):
            os.rename(folder, mine)
        elif dropped_in(folder) is None:
            remove_empty_claim(folder)
        elif _same_job(folder, mine):
            remove_tree(folder)

    def _finish_return(self, folder: Path) -> None:
        """A return that died half-way left the job under both names: the inbox's stands."""
        dropped = dropped_in(folder)
        if dropped is not None and dropped.is_file() and is_second_name(dropped, self._folders.inbox / dropped.name):
            dropped.unlink()

    def _was_still_growing(self, folder: Path, dropped: Path) -> bool:
        """A claim that died before it compared the contents: put back what had changed since it settled."""
        record = read_claim_record(folder)
        if record["attempt"] or record.get("ending") or _is(dropped, str(record["fingerprint"])):
            return False
        if not move_to_free_name(dropped, self._folders.inbox / dropped.name):
            return False
        remove_empty_claim(folder)
        return True

    def _new_id(self, attempt: int) -> str:
        key = spool_key(self._folders.spool_file)
        return f"{self._owner.worker_id}-{attempt}-{key}{secrets.token_hex(4)}"


def _moved(source: Path, target: Path) -> bool:
    """Rename; an error is resolved by looking, since a share may rename and report a failure (measured on NFS)."""
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


def _is(path: Path, expected: str) -> bool:
    try:
        return fingerprint(path) == expected
    except NotAJob:
        return False


def _same_job(folder: Path, other: Path) -> bool:
    """Whether two claims hold the same bytes; a file's may be under both names at once."""
    dropped, twin = dropped_in(folder), dropped_in(other)
    return dropped is not None and twin is not None and _is(dropped, fingerprint(twin))
