"""Which worker ids are alive on this host.

Knows a lock file per spool and worker id, on a local disk: the kernel frees it when its holder dies, however it dies.
Locks on shares are not used: half of the shares do not have them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from worker.disk.content import NotAJob, opened
from worker.disk.durable import make_folder, replace_file, write_json
from worker.disk.json_records import read_record
from worker.disk.moves import write_first
from worker.errors import FoldersAway, FoldersUnusable, WorkerIdBusy, WorkerIdTaken
from worker.translation import gettext

log = structlog.get_logger()

PROCESS = "process "
"""Stands in a lock file before its holder's number, for whoever looks into it."""
HEIR = "heir "
"""Stands there in its place while another worker takes over what the dead holder left."""
FOR_A_PERSON = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ELOOP}
"""What only a person can mend; a local disk's other troubles, such as no room, pass."""
NUL = "\0"
"""Between the parts of a key: no id holds it."""
TRIES, TRY_AGAIN_S = 5, 0.004
"""How often, and how long apart, a lock is tried: looking at one takes some microseconds."""
RUNS_KEPT = 50
"""Of the runs that stopped in good order, the newest: a share may be away over several of them."""


def spool_id(spool_file: Path) -> str:
    """The random id of a spool, made by whoever comes first; the same under every mount path.

    Raises:
        OSError: the share failed.
    """
    root = spool_file.parents[1]  # never made here: what is missing is a share that went away
    if (held := _id_in(spool_file)) is not None:
        return held
    if not spool_file.exists():
        make_folder(spool_file.parent, below=root)
        write_first(spool_file, {"id": uuid.uuid4().hex}, below=root)
    elif _is_damaged(spool_file):  # half of it lost in a power cut: it is only a name, so another one serves
        log.warning("record.damaged", file=str(spool_file))
        write_json(spool_file, {"id": uuid.uuid4().hex}, below=root)
    if (held := _id_in(spool_file)) is None:
        raise OSError(errno.EIO, "its id cannot be read", str(spool_file))
    return held


def _id_in(spool_file: Path) -> str | None:
    held = read_record(spool_file).get("id")
    return held if isinstance(held, str) else None


def _is_damaged(spool_file: Path) -> bool:
    """Whether it can be read, and says nothing: one that another worker has just written does by now.

    Raises:
        OSError: it cannot be read; its id may be in use.
    """
    with suppress(NotAJob), opened(spool_file) as file:
        file.read(1)
    return _id_in(spool_file) is None


class WorkerLocks:
    """The locks of all workers of one spool on this host."""

    def __init__(self, spool_file: Path, *, state_dir: Path) -> None:
        """Keep the places.

        Args:
            spool_file: names the spool.
            state_dir: local folder for the lock files.
        """
        self._spool_file = spool_file
        self._folder = state_dir / "locks"
        self._place = ""

    def place(self) -> str:
        """Id of the lock folder: whose locks lie in another one cannot be told dead from alive here.

        Raises:
            OSError: it was not read yet, and cannot be.
        """
        if not self._place:
            make_folder(self._folder)
            self._place = spool_id(self._folder / "place.json")
        return self._place

    @contextmanager
    def hold(self, worker_id: str, *, as_heir: bool = False) -> Iterator[None]:
        """Be that worker while the context lasts.

        Args:
            worker_id: whose lock.
            as_heir: not to be it, but to take over what it left: who starts as that worker meanwhile has only to wait.

        Raises:
            WorkerIdTaken: a live process of this host is.
            WorkerIdBusy: one is its heir for the moment.
            FoldersUnusable: there can be no lock files here.
            FoldersAway: there can be none just now.
        """
        with self._opened(_lock_name(spool_id(self._spool_file), worker_id)) as descriptor:
            if not _is_taken(descriptor, fcntl.LOCK_EX):
                raise _taken(worker_id, by=os.pread(descriptor, 100, 0).decode(errors="replace"))
            with suppress(OSError):  # no room: it is held all the same, without a name
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{HEIR if as_heir else PROCESS}{os.getpid()}".encode(), 0)
            yield

    def known_place(self) -> str:
        """The same as `place`, which is not made here: empty where no worker has run with this `state_dir`.

        Raises:
            OSError: this machine's disk failed.
        """
        self._place = self._place or _id_in(self._folder / "place.json") or ""
        return self._place

    def is_held(self, worker_id: str) -> bool | None:
        """Whether a live process of this machine is that worker; None where that cannot be seen. Nothing is made here.

        Args:
            worker_id: whose lock.

        Raises:
            OSError: the share failed.
        """
        spool = _id_in(self._spool_file)
        try:
            with opened(self._folder / _lock_name(spool, worker_id)) as file:
                if _is_taken(file.fileno(), fcntl.LOCK_SH, tries=1):
                    return False
                return not os.pread(file.fileno(), 100, 0).startswith(HEIR.encode())
        except FileNotFoundError:
            return False
        except (OSError, NotAJob):
            return None

    def path_of(self, worker_id: str) -> Path:
        """Where the lock of that worker lies; nothing is locked.

        Raises:
            OSError: the share failed.
        """
        return self._folder / _lock_name(spool_id(self._spool_file), worker_id)

    def note_stopped(self, worker_id: str, run: str) -> None:
        """Write down that a run ended in good order; touches this machine alone, as the share may be away.

        Args:
            worker_id: of the worker.
            run: random id of its process run.

        Raises:
            OSError: this machine's disk failed.
        """
        path = self._stopped(worker_id)
        replace_file(path, json.dumps({"runs": [*_runs(path), run][-RUNS_KEPT:]}))

    def has_stopped(self, worker_id: str, run: str) -> bool:
        """Whether that run of a worker of this machine ended in good order.

        Args:
            worker_id: of the worker.
            run: random id of its process run.

        Raises:
            OSError: this machine's disk failed.
        """
        return run in _runs(self._stopped(worker_id))

    def _stopped(self, worker_id: str) -> Path:
        return self._folder / f"{_key(worker_id)}.stopped.json"

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        try:
            make_folder(self._folder)
            descriptor = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise _no_locks(self._folder.parent, error) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _is_taken(descriptor: int, kind: int, *, tries: int = TRIES) -> bool:
    """Take a lock; whoever only looks whether it is held has it for a moment, so one look is not enough.

    Args:
        descriptor: of the lock file.
        kind: `LOCK_EX` or `LOCK_SH`.
        tries: so often.
    """
    for number in range(tries):
        if number:
            time.sleep(TRY_AGAIN_S)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
    return False


def _taken(worker_id: str, *, by: str) -> WorkerIdTaken:
    if not by.startswith(PROCESS):  # nothing yet: whoever has it is just beginning
        return WorkerIdBusy(
            gettext("Another worker is just taking over what a former `{id}` left on this inbox.", id=worker_id)
        )
    holder = gettext("process {number}", number=by.removeprefix(PROCESS))
    return WorkerIdTaken(
        gettext(
            "A live worker already has the id `{id}` on this inbox ({holder}): "
            "stop it, or give this one another `worker_id`.",
            id=worker_id,
            holder=holder,
        )
    )


def _no_locks(state_dir: Path, error: OSError) -> FoldersUnusable:
    if error.errno in FOR_A_PERSON:
        return FoldersUnusable(
            gettext(
                "state_dir {path}: cannot be written ({reason}): "
                "set `state_dir` to a local folder that this user may write to.",
                path=state_dir,
                reason=error.strerror,
            )
        )
    return FoldersAway(
        gettext(
            "state_dir {path}: cannot be written just now ({reason}): make room there, or check that disk.",
            path=state_dir,
            reason=error.strerror,
        )
    )


def _lock_name(spool: str | None, worker_id: str) -> str:
    return f"{_key(f'{spool}{NUL}{worker_id}')}.lock"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _runs(path: Path) -> list[str]:
    runs = read_record(path).get("runs")
    return [str(run) for run in runs] if isinstance(runs, list) else []
