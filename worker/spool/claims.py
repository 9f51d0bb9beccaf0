"""Owning a job: claim, count attempts, give back, take over, end.

Knows the claim folders under `inbox/.zimage-worker/`. Must not know what a job means or how results are published.
Every step can be repeated: after a crash between any two, `leftovers` finds what is true and goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from worker.errors import WorkerIdTaken
from worker.records import Candidate, Claim
from worker.spool.content import Odd, fingerprint
from worker.spool.durable import is_listed, make_folder, move_to_free_name, remove_tree, sync_folder, write_json
from worker.spool.layout import CLAIM_FILE, DROPPED, NOTE_FILE, Folders
from worker.spool.locks import WorkerLocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose claims these are."""

    worker_id: str
    host: str


class Claims:
    """The claims of one worker."""

    def __init__(self, folders: Folders, owner: Owner, *, locks: WorkerLocks) -> None:
        """Keep the places; nothing is touched."""
        self._folders = folders
        self._owner = owner
        self._locks = locks
        self._mine = folders.claims / owner.worker_id

    def claim(self, candidate: Candidate) -> Claim | None:
        """Take the job by one rename; None when somebody else was faster, or it changed meanwhile.

        Raises:
            PermissionError: this user may not move it; nothing was claimed.
            OSError: the share failed.
        """
        note = self._note(candidate.path.name)
        if note is None or note["fingerprint"] != candidate.fingerprint:
            note = {"job_id": uuid.uuid4().hex, "attempt": 0, "earlier": [], "submitted_at": _changed(candidate.path)}
        folder = self._mine / str(note["job_id"])
        make_folder(folder / DROPPED)
        record = {**note, "id": self._new_id(0), "stem": candidate.stem, "host": self._owner.host,
                  "locks": self._locks.place(), "fingerprint": candidate.fingerprint}  # fmt: skip
        write_json(folder / CLAIM_FILE, record)
        dropped = folder / DROPPED / candidate.path.name
        try:
            is_mine = _moved(candidate.path, dropped)
        except PermissionError:
            _remove_empty(folder)
            raise
        if not is_mine:
            _remove_empty(folder)
            return None
        if not _is(dropped, candidate.fingerprint) and move_to_free_name(dropped, candidate.path):
            _remove_empty(folder)
            return None
        self._forget_note(candidate.path.name)
        return _claim(folder, record)

    def begin(self, claim: Claim) -> Claim:
        """Count an attempt, durably; the claim gets a new id, and the former one becomes an earlier one."""
        folder = folder_of(claim)
        record = _record(folder)
        if claim.attempt:
            record["earlier"] = [record["id"], *_list(record["earlier"])]
        record["attempt"] = claim.attempt + 1
        record["id"] = self._new_id(claim.attempt + 1)
        write_json(folder / CLAIM_FILE, record)
        return _claim(folder, record)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again with its attempt not counted.

        Returns:
            False when its name is taken there: the claim stands and is resumed at the next start.
        """
        folder = folder_of(claim)
        record = _record(folder)
        record["earlier"] = [record["id"], *_list(record["earlier"])]
        record["attempt"] = max(0, int(str(record["attempt"])) - 1)
        write_json(folder / CLAIM_FILE, record)
        make_folder(self._folders.returned)
        note = {key: record[key] for key in ("job_id", "attempt", "earlier", "submitted_at", "fingerprint")}
        write_json(folder / NOTE_FILE, note)  # in the claim first: what a killed writer leaves goes with the claim
        os.rename(folder / NOTE_FILE, self._note_file(claim.dropped.name))
        sync_folder(self._folders.returned)
        if not move_to_free_name(claim.dropped, self._folders.inbox / claim.dropped.name):
            self._forget_note(claim.dropped.name)
            return False
        _remove_empty(folder)
        return True

    def leftovers(self) -> Iterator[Claim]:
        """Claims of this worker, and of dead workers of this host, which are this worker's from now on."""
        for worker in _folders_in(self._folders.claims):
            if worker.name != self._owner.worker_id:
                self._take_over(worker)
        for folder in _folders_in(self._mine):
            self._finish_return(folder)
            dropped = _dropped(folder)
            if dropped is None:
                _remove_empty(folder)  # died before the rename of the claim, or after that of the return
                continue
            self._forget_note(dropped.name, job_id=folder.name)
            if not self._was_still_growing(folder, dropped):
                yield _claim(folder, _record(folder))

    def end(self, claim: Claim) -> None:
        """Forget the claim; its job lies whole in its final folder.

        The record goes last: as long as a byte of the job is left, it says that the job has ended.
        """
        folder = folder_of(claim)
        remove_tree(folder / DROPPED)
        remove_tree(folder)

    def note_ending(self, claim: Claim, *, place: str, staged: Path, target: Path) -> None:
        """Write down, before the last rename, which folder is about to appear under which name."""
        folder = folder_of(claim)
        write_json(folder / CLAIM_FILE, {**_record(folder), "ending": [place, staged.name, target.name]})

    def ending(self, claim: Claim) -> tuple[str, str, str] | None:
        """What `note_ending` wrote: names of the root, the staged folder and the target; None before that."""
        noted = _list(_record(folder_of(claim)).get("ending"))
        return (noted[0], noted[1], noted[2]) if noted else None

    def _take_over(self, worker: Path) -> None:
        """Move the claims of a worker of this host that is dead; those of a live one or another host stay."""
        here = {"host": self._owner.host, "locks": self._locks.place()}  # only there a free lock means a dead worker
        theirs = [folder for folder in _folders_in(worker) if here.items() <= _record(folder).items()]
        if not theirs:
            return
        try:
            with self._locks.hold(worker.name):
                make_folder(self._mine)
                for folder in theirs:
                    self._adopt(folder)
                sync_folder(self._mine)
                sync_folder(worker)
        except WorkerIdTaken:
            return

    def _adopt(self, folder: Path) -> None:
        """Make a claim this worker's; a return that died half-way may have led to a second claim of the same job."""
        mine = self._mine / folder.name
        if not mine.exists():
            os.rename(folder, mine)
        elif _dropped(folder) is None:
            _remove_empty(folder)
        elif _same_job(folder, mine):
            remove_tree(folder)

    def _finish_return(self, folder: Path) -> None:
        """A return that died half-way left the job under both names: the inbox's stands."""
        for dropped in (folder / DROPPED).glob("*"):
            twin = self._folders.inbox / dropped.name
            if dropped.is_file() and twin.is_file() and twin.samefile(dropped):
                dropped.unlink()

    def _was_still_growing(self, folder: Path, dropped: Path) -> bool:
        """A claim that died before it compared the contents: put back what had changed since it settled."""
        record = _record(folder)
        if record["attempt"] or record.get("ending") or _is(dropped, str(record["fingerprint"])):
            return False
        if not move_to_free_name(dropped, self._folders.inbox / dropped.name):
            return False
        _remove_empty(folder)
        return True

    def _new_id(self, attempt: int) -> str:
        return f"{self._owner.worker_id}-{attempt}-{secrets.token_hex(4)}"

    def _note_file(self, name: str) -> Path:
        key = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]  # a name may be as long as the share allows
        return self._folders.returned / f"{key}.json"

    def _note(self, name: str) -> dict[str, object] | None:
        try:
            return dict(json.loads(self._note_file(name).read_bytes()))
        except FileNotFoundError:
            return None

    def _forget_note(self, name: str, *, job_id: str | None = None) -> None:
        note = self._note(name)
        if note is not None and job_id in (None, note["job_id"]):
            self._note_file(name).unlink(missing_ok=True)


def folder_of(claim: Claim) -> Path:
    """The claim's folder."""
    return claim.dropped.parent.parent


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


def _dropped(folder: Path) -> Path | None:
    """The job in a claim's folder; None when there is none, or not even its place."""
    try:
        return folder / DROPPED / min(os.listdir(folder / DROPPED))
    except (FileNotFoundError, ValueError):
        return None


def _remove_empty(folder: Path) -> None:
    """Remove a claim that holds no job: the share itself refuses while, against all that was seen, one lies in it."""
    with suppress(FileNotFoundError):
        os.rmdir(folder / DROPPED)
    remove_tree(folder)


def _is(path: Path, expected: str) -> bool:
    try:
        return fingerprint(path) == expected
    except Odd:
        return False


def _same_job(folder: Path, other: Path) -> bool:
    """Whether two claims hold the same bytes; a file's may be under both names at once."""
    dropped = next((folder / DROPPED).glob("*"))
    twin = other / DROPPED / dropped.name
    return twin.exists() and _is(dropped, fingerprint(twin))


def _record(folder: Path) -> dict[str, object]:
    try:
        return dict(json.loads((folder / CLAIM_FILE).read_bytes()))
    except FileNotFoundError:  # died before it was written: nothing was claimed yet
        return {}


def _claim(folder: Path, record: dict[str, object]) -> Claim:
    dropped = next(iter(sorted((folder / DROPPED).glob("*"))))
    return Claim(
        id=str(record["id"]),
        job_id=str(record["job_id"]),
        stem=str(record["stem"]),
        attempt=int(str(record["attempt"])),
        dropped=dropped,
        submitted_at=str(record["submitted_at"]),
        earlier=tuple(_list(record["earlier"])),
    )


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _folders_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _changed(path: Path) -> str:
    try:
        changed_s = path.lstat().st_mtime
    except FileNotFoundError:
        changed_s = 0.0
    return datetime.fromtimestamp(changed_s, UTC).isoformat(timespec="seconds")
