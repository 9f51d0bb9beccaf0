"""Taking over: claims of dead workers become this worker's, one by one, by rename.

Knows the claim folders of other workers. What cannot be taken over keeps nobody from the rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from worker.disk.content import NotAJob, fingerprint
from worker.disk.durable import is_listed, remove_tree, sync_folder
from worker.disk.moves import move_to_free_name
from worker.errors import FoldersUnusable, WorkerIdTaken
from worker.spool.alive.lease import Heartbeat, Owner
from worker.spool.alive.locks import WorkerLocks
from worker.spool.claim_files import dropped_in, folders_in, read_claim_record, remove_empty_claim
from worker.spool.layout import Folders
from worker.spool.private_claims import make_claim_folder

log = structlog.get_logger()

TROUBLE = (OSError, ValueError, NotAJob)
"""What one claim may raise that is its own trouble, if the share works: no right to it, a name or time of no sense."""
PassOver = Callable[[Path, Exception], None]
"""Hears of a claim, or of all of a worker's, that could not be dealt with; raises where the trouble is the share's."""


def here(owner: Owner, locks: WorkerLocks) -> dict[str, object]:
    """What a record says of the place of its worker: only there does a free lock mean that it is dead.

    Args:
        owner: of the record.
        locks: of its machine.

    Raises:
        OSError: this machine's disk failed.
    """
    return {"host": owner.host, "locks": locks.place()}


class TakeOver:
    """The claims of dead workers, for one living one."""

    def __init__(
        self,
        folders: Folders,
        owner: Owner,
        *,
        locks: WorkerLocks,
        is_dead: Callable[[str], bool],
        last_beat: Callable[[str], Heartbeat | None],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            owner: who takes over.
            locks: tell who is alive on this machine.
            is_dead: whether a worker of another machine may be taken for dead; looks at its heartbeat.
            last_beat: another worker's heartbeat as it lies on the share.
        """
        self._folders = folders
        self._owner = owner
        self._locks = locks
        self._is_dead = is_dead
        self._last_beat = last_beat
        self._mine = folders.claims / owner.worker_id

    def from_the_dead(self, pass_over: PassOver) -> None:
        """Move the claims of dead workers; those of live ones stay.

        Args:
            pass_over: hears of what could not be taken over.

        Raises:
            OSError: the claims cannot be listed.
        """
        for worker in folders_in(self._folders.claims):
            if worker.name != self._owner.worker_id:
                try:
                    self._from(worker, pass_over)
                except TROUBLE as error:
                    pass_over(worker, error)

    def _from(self, worker: Path, pass_over: PassOver) -> None:
        mine = here(self._owner, self._locks)
        beat = self._last_beat(worker.name)
        is_here = beat is None or {"host": beat.host, "locks": beat.locks} == mine  # a record may be its former owner's
        local: list[Path] = []
        foreign: list[Path] = []
        for folder in folders_in(worker):
            try:
                is_local = is_here and mine.items() <= read_claim_record(folder).items()
                (local if is_local else foreign).append(folder)
            except TROUBLE as error:
                pass_over(folder, error)
        if local:
            with suppress(WorkerIdTaken, FoldersUnusable), self._locks.hold(worker.name, as_heir=True):
                self._adopt_all(worker, local, pass_over)
        if foreign and self._is_dead(worker.name):
            self._adopt_all(worker, foreign, pass_over)

    def _adopt_all(self, worker: Path, folders: Sequence[Path], pass_over: PassOver) -> None:
        make_claim_folder(self._mine, self._folders)
        for folder in folders:
            try:
                self._adopt(folder)
                log.info("claim.taken_over", worker=worker.name, id=folder.name)
            except FileNotFoundError:  # another worker was faster
                continue
            except TROUBLE as error:
                pass_over(folder, error)
        sync_folder(self._mine)
        sync_folder(worker)

    def _adopt(self, folder: Path) -> None:
        """Make a claim this worker's; a return that died half-way may have led to a second claim of the same job."""
        mine = self._mine / folder.name
        if not is_listed(mine):
            os.rename(folder, mine)
        elif _job_in(folder) is None:
            remove_empty_claim(folder)
        elif _same_job(folder, mine):
            remove_tree(folder)


def is_same(path: Path, expected: str) -> bool:
    """Whether a job's files have this fingerprint.

    Args:
        path: of the job's file or folder.
        expected: as `fingerprint` gave it.
    """
    try:
        return fingerprint(path) == expected
    except NotAJob:
        return False


def _job_in(folder: Path) -> Path | None:
    return dropped_in(folder, read_claim_record(folder))


def _same_job(folder: Path, other: Path) -> bool:
    """Whether two claims hold the same bytes; a file's may be under both names at once."""
    dropped, twin = _job_in(folder), _job_in(other)
    return dropped is not None and twin is not None and is_same(dropped, fingerprint(twin))


def was_put_back(dropped: Path, place: Path, expected: str) -> bool:
    """Put a job that was claimed back where it lay, unless it is the one that was seen there.

    What cannot be read under its new name goes back, too: nobody else could take it while its owner lives. Measured on
    SMB 3.1.1: once a cut network is back, the server refuses to open, for this client alone, what it has renamed.

    Args:
        dropped: the job in its claim.
        place: where it lay.
        expected: its fingerprint as it was seen.

    Returns:
        False also where that name is taken by now: then the claim stands.

    Raises:
        OSError: it cannot be read; it lies in its place again, unless the share refused that too.
    """
    try:
        if is_same(dropped, expected):
            return False
    except OSError as error:
        if not isinstance(error, FileNotFoundError):  # else a look-up may be stale: it is looked for again
            move_to_free_name(dropped, place)
        raise
    return move_to_free_name(dropped, place)


def was_still_growing(folder: Path, dropped: Path, record: Mapping[str, object], *, inbox: Path) -> bool:
    """A claim that died before it compared the contents: put back what had changed since it settled.

    Args:
        folder: of the claim.
        dropped: the job in it.
        record: of the claim.
        inbox: where it goes.

    Returns:
        Whether it was put back, and the claim is gone.

    Raises:
        OSError: it cannot be read, or the share failed.
    """
    if record["attempt"] or record.get("ending"):
        return False
    try:
        if not was_put_back(dropped, inbox / dropped.name, str(record["fingerprint"])):
            return False
    except OSError:
        if is_listed(dropped):
            raise
    remove_empty_claim(folder)
    return True
