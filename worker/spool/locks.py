"""Which worker ids are alive on this host.

Knows a lock file per spool and worker id, on a local disk: the kernel frees it when its holder dies, however it dies.
Locks on shares are not used: half of the shares do not have them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from worker.disk.content import read_record
from worker.disk.durable import make_folder, replace_file, write_first, write_json
from worker.errors import FoldersUnusable, WorkerIdTaken
from worker.translation import gettext

log = structlog.get_logger()

PROCESS = "process "
"""Stands in a lock file before its holder's number, for whoever looks into it."""
RUNS_KEPT = 50
"""Of the runs that stopped in good order, the newest: a share may be away over several of them."""


def spool_id(spool_file: Path) -> str:
    """The random id of a spool, made by whoever comes first; the same under every mount path.

    Raises:
        OSError: the share failed.
    """
    held = read_record(spool_file).get("id")
    if isinstance(held, str):
        return held
    if spool_file.exists():  # damaged, or half of it lost in a power cut: it is only a name, so another one serves
        log.warning("record.damaged", file=str(spool_file))
        write_json(spool_file, {"id": uuid.uuid4().hex})
    else:
        make_folder(spool_file.parent)
        write_first(spool_file, {"id": uuid.uuid4().hex})
    return str(read_record(spool_file)["id"])


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

    def place(self) -> str:
        """Id of the lock folder: whose locks lie in another one cannot be told dead from alive here."""
        return spool_id(self._folder / "place.json")

    @contextmanager
    def hold(self, worker_id: str) -> Iterator[None]:
        """Be that worker while the context lasts.

        Raises:
            WorkerIdTaken: a live process of this host is.
            FoldersUnusable: there can be no lock files here.
        """
        self._make_folder()
        key = _key(f"{spool_id(self._spool_file)}\0{worker_id}")
        with (self._folder / f"{key}.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                number = file.read().strip().removeprefix(PROCESS)
                holder = gettext("process {number}", number=number) if number else gettext("another process")
                raise WorkerIdTaken(
                    gettext(
                        "A live worker already has the id `{id}` on this inbox ({holder}): "
                        "stop it, or give this one another `worker_id`.",
                        id=worker_id,
                        holder=holder,
                    )
                ) from None
            file.truncate(0)
            file.write(f"{PROCESS}{os.getpid()}")
            file.flush()
            yield

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

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            probe = self._folder / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise FoldersUnusable(
                gettext(
                    "state_dir {path}: cannot be written ({reason}): "
                    "set `state_dir` to a local folder that this user may write to.",
                    path=self._folder.parent,
                    reason=error.strerror,
                )
            ) from error


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _runs(path: Path) -> list[str]:
    runs = read_record(path).get("runs")
    return [str(run) for run in runs] if isinstance(runs, list) else []
