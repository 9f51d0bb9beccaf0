"""Owning a job: claim, count attempts, give back, take over, end.

Knows the claim folders under `inbox/.zimage-worker/`. Every step can be repeated: after a crash between any two,
`leftovers` finds what is true and goes on from there.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from worker.disk.content import NotAJob
from worker.disk.durable import remove_tree, write_json
from worker.disk.json_records import read_record
from worker.disk.moves import move_to_free_name
from worker.errors import ClaimLost
from worker.records import Candidate, Claim
from worker.spool.alive.lease import Heartbeat, Owner
from worker.spool.alive.locks import WorkerLocks
from worker.spool.claim_files import (
    changed_at,
    claim_in,
    dropped_in,
    folder_of,
    folders_in,
    is_there,
    keep_pictures,
    moved,
    read_claim_record,
    record_anew,
    remove_empty_claim,
    require_readable,
    spool_key,
    texts,
    whole_number,
    written_name,
)
from worker.spool.layout import CLAIM_FILE, DROPPED, WORK_FILE, Folders
from worker.spool.lives import Life, begun, fruitless, is_of, working
from worker.spool.notes import Notes
from worker.spool.private_claims import make_claim_folder
from worker.spool.proof_notes import forget_ends
from worker.spool.second_names import leave_one, lies_in
from worker.spool.take_over import TROUBLE, PassOver, TakeOver, here, was_put_back, was_still_growing
from worker.translation import gettext

log = structlog.get_logger()


class Claims:
    """The claims of one worker."""

    def __init__(
        self,
        folders: Folders,
        owner: Owner,
        *,
        others: TakeOver,
        locks: WorkerLocks,
        last_beat: Callable[[str], Heartbeat | None],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            owner: whose claims these are.
            others: takes over from dead workers.
            locks: tell who is alive on this machine, and who has stopped in good order.
            last_beat: another worker's heartbeat as it lies on the share.
        """
        self._folders = folders
        self._owner = owner
        self._made: set[str] = set()
        self._fruitful: set[str] = set()
        self._locks = locks
        self._last_beat = last_beat
        self._others = others
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
        record = {**note, **here(self._owner, self._locks), "id": self._new_id(0), "stem": candidate.stem,
                  "fingerprint": candidate.fingerprint, "dropped": written_name(candidate.path.name),
                  "dropped_by": note.get("dropped_by") or candidate.dropped_by}  # fmt: skip
        dropped = folder / DROPPED / candidate.path.name
        try:
            make_claim_folder(folder / DROPPED, self._folders)
            write_json(folder / CLAIM_FILE, record)
            leave_one(candidate.path, claims=self._folders.claims)
            is_mine = moved(candidate.path, dropped)
            is_mine = is_mine and not was_put_back(dropped, candidate.path, candidate.fingerprint)
        except (OSError, NotAJob):
            with suppress(OSError):  # refused by the share where the job lies in it after all
                remove_empty_claim(folder)
            raise
        if not is_mine:
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
        forget_ends(record)
        record |= here(self._owner, self._locks)
        noted = read_record(folder / WORK_FILE)
        record |= begun(record, noted, self._life(), has_stopped=self._has_stopped, last_beat=self._last_beat)
        record["id"] = self._new_id(claim.attempt + 1)
        self._forget(claim)
        write_json(folder / CLAIM_FILE, record)
        return claim_in(folder, record)

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool, rests: bool = False) -> None:
        """Write down, durably, which pictures are in work: a death counts against these.

        Args:
            claim: begun.
            files: names of the pictures.
            has_made: whether work since `begin` has finished a picture; once it has, that stays so.
            rests: the job is laid aside until this is called again; a death counts against nothing.

        Raises:
            ClaimLost: another worker has the job, or somebody removed the claim.
            OSError: the share failed.
        """
        if has_made:
            self._fruitful.add(claim.id)
        note = working(self._life(files), has_made=claim.id in self._fruitful, rests=rests)
        try:
            write_json(folder_of(claim) / WORK_FILE, note)
        except FileNotFoundError:
            self.require(claim)
            raise

    def _life(self, files: Sequence[str] = ()) -> Life:
        place = f"{self._owner.host} {self._locks.place()}"
        return Life(worker=self._owner.worker_id, run=self._owner.run, place=place, files=tuple(files))

    def _has_stopped(self, life: Life) -> bool:
        return self._locks.has_stopped(life.worker, life.run)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again with its attempt, if it was begun, not counted.

        Returns:
            False when its name is taken there: the claim stands and is resumed at the next start.
        """
        folder = folder_of(claim)
        record = self._record_of(claim)
        if texts(record["earlier"])[:1] != [record["id"]]:  # else an earlier call has written it, and failed later
            noted = read_record(folder / WORK_FILE)
            if is_of(record, self._owner.run):
                counts: dict[str, object] = {
                    "attempt": max(0, whole_number(record["attempt"]) - 1),
                    "fruitless": fruitless(record, noted),
                }
            else:  # it was claimed and not begun: the last life was another's
                counts = begun(record, noted, self._life(), has_stopped=self._has_stopped, last_beat=self._last_beat)
            record |= {**counts, "earlier": [record["id"], *texts(record["earlier"])], "life": None}
            write_json(folder / CLAIM_FILE, record)
        self._notes.write(claim.dropped.name, record, claim=folder)
        if not move_to_free_name(claim.dropped, self._folders.inbox / claim.dropped.name):
            self._notes.forget(claim.dropped.name)
            return False
        remove_empty_claim(folder)
        self._forget(claim)
        return True

    def leftovers(self, pass_over: PassOver) -> Iterator[Claim]:
        """Claims of this worker, and of dead workers, which are this worker's from now on.

        Args:
            pass_over: hears of a claim that could not be dealt with; the others are all the same.

        Raises:
            OSError: the claims cannot be listed.
        """
        self._others.from_the_dead(pass_over)
        for folder in folders_in(self._mine):
            try:
                claim = self._left_in(folder)
            except ClaimLost:  # it went while it was looked at
                continue
            except TROUBLE as error:
                pass_over(folder, error)
                continue
            if claim is not None:
                yield claim

    def _left_in(self, folder: Path) -> Claim | None:
        record = read_claim_record(folder)
        dropped = dropped_in(folder, record)
        if dropped is not None and lies_in(self._folders.inbox, dropped):
            dropped.unlink()  # a return that died half-way: the one in the inbox stands
            dropped = dropped_in(folder, record)
        if dropped is None:
            remove_empty_claim(folder)  # died before the rename of the claim, or after that of the return
            return None
        record = record or self._repair(folder, dropped)
        self._notes.forget(dropped.name, job_id=folder.name)
        grew = was_still_growing(folder, dropped, record, inbox=self._folders.inbox)
        rests = read_record(folder / WORK_FILE).get("rests") is True
        return None if grew else replace(claim_in(folder, record), rests=rests)

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's, by a fresh listing.

        Raises:
            OSError: the share failed; nothing is known.
        """
        return is_there(folder_of(claim), inbox=self._folders.inbox)

    def require(self, claim: Claim) -> None:
        """Make sure that the claim is still this worker's.

        Raises:
            ClaimLost: somebody took the claim, or removed it.
            OSError: the share failed; nothing is known.
        """
        if not self.holds(claim):
            raise ClaimLost(
                gettext("The claim of {job} is not there any more: it was taken over or removed.", job=claim.stem)
            )

    def _record_of(self, claim: Claim) -> dict[str, object]:
        """The record of a claim in work, mended where it was damaged.

        Raises:
            ClaimLost: as `require`.
        """
        self.require(claim)
        folder = folder_of(claim)
        return read_claim_record(folder) or self._repair(folder, claim.dropped)

    def _repair(self, folder: Path, dropped: Path) -> dict[str, object]:
        require_readable(folder)
        log.warning("record.damaged", file=str(folder / CLAIM_FILE))
        record = record_anew(folder, dropped) | {"id": self._new_id(0)} | here(self._owner, self._locks)
        write_json(folder / CLAIM_FILE, record)
        return record

    def end(self, claim: Claim) -> None:
        """Forget the claim; its job lies whole in its final folder.

        The record goes last: as long as a byte of the job is left, it says that the job has ended.
        """
        folder = folder_of(claim)
        self._forget(claim)
        keep_pictures(claim.dropped, outbox=self._folders.outbox)
        remove_tree(folder / DROPPED)
        remove_tree(folder)

    def note(self, claim: Claim, said: Mapping[str, object]) -> None:
        """Write into the record of a claim, before a rename, what that is about to do.

        Args:
            claim: whose job, or proof, is about to appear.
            said: values by key of the record.

        Raises:
            ClaimLost: another worker has the job, or somebody removed the claim.
            OSError: the share failed.
        """
        write_json(folder_of(claim) / CLAIM_FILE, {**self._record_of(claim), **said})

    def _new_id(self, attempt: int) -> str:
        key = spool_key(self._folders.spool_file)
        self._made.add(made := f"{self._owner.worker_id}-{attempt}-{key}{secrets.token_hex(4)}")
        return made

    def _forget(self, claim: Claim) -> None:
        self._made.discard(claim.id)
        self._fruitful.discard(claim.id)

    def is_made_here(self, claim: Claim) -> bool:
        """Whether its id was made by this process: nobody else can have staged a folder under it."""
        return claim.id in self._made
