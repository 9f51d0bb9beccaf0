"""Control: what commands ask of the workers, through the folders alone; and stopping this machine's own worker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from worker import spool
from worker.compose.from_settings import folders_of, job_reader, life_signs, stem_of, worker_files
from worker.errors import JobInvalid, UsageError
from worker.operations.recorded_figures import read_worker_file
from worker.operations.running_worker import Unit, stop_process, stop_unit, unit_of
from worker.settings import Settings
from worker.spool.alive.lock_holder import holder_of
from worker.spool.alive.locks import WorkerLocks
from worker.translation import Text, gettext


def ask(settings: Settings, verb: spool.Verb, job: str, *, words: Collection[str] = ()) -> spool.Asked:
    """Ask for something to be done with a job; see `spool.asking`.

    Args:
        settings: name the folders.
        verb: what is asked.
        job: its shown name, its file's name, or a path to it.
        words: written into the control file.

    Raises:
        UsageError: no such job is there.
        FoldersUnusable: the file cannot be written.
    """
    reader = job_reader(settings, needs_model=False)

    def shown(path: Path) -> str | None:
        try:
            return reader.read(path, stem=stem_of(path)).name
        except (JobInvalid, OSError):
            return None

    folders = folders_of(settings)
    return spool.ask(verb, job, folders, words=words, shown=shown, signs=life_signs(settings, folders))


def pause(settings: Settings) -> spool.Asked:
    """Ask all workers to wait.

    Args:
        settings: name the folders.
    """
    folders = folders_of(settings)
    return spool.pause(folders, signs=life_signs(settings, folders))


def resume(settings: Settings) -> list[str]:
    """Take away what asks them to wait; names of the files that were there.

    Args:
        settings: name the folders.
    """
    return spool.resume(folders_of(settings))


SERVICE_STATE = Path("/var/lib/zimage-worker")
"""The machine's service has its state there, unless told otherwise; whoever calls from a terminal has his own."""


def _locks(folders: spool.Folders, settings: Settings, worker_id: str) -> list[Path]:
    """Where that worker's lock may lie on this machine; none where no worker has ever served these folders."""
    if not folders.spool_file.exists():
        return []
    places = dict.fromkeys((settings.state_dir, SERVICE_STATE))
    return [WorkerLocks(folders.spool_file, state_dir=place).path_of(worker_id) for place in places]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWorker:
    """This machine's worker of an id."""

    pid: int
    unit: Unit | None
    lock: Path
    record: Path

    def stop(self) -> Text:
        """Stop it, and wait until it has; how that ended.

        Raises:
            UsageError: this user may not.
        """
        if self.unit is not None:
            if not stop_unit(self.unit):
                call = " ".join(self.unit.command("stop"))
                sudo = call if self.unit.is_user else f"sudo {call}"
                raise UsageError(gettext("systemd keeps this worker, and would start it again: run {call}.", call=sudo))
        else:
            try:
                stop_process(self.pid, is_still=lambda: holder_of(self.lock) == self.pid)
            except PermissionError:
                raise _another_account(self.pid) from None
        record = read_worker_file(self.record)
        if record.get("state") != "stopped":
            return gettext("It has ended without a word: its job, if it had one, goes on at the next start.")
        if reason := record.get("reason"):
            return gettext("It has stopped: {reason}", reason=str(reason))
        return gettext("It has stopped; a job that it had in work waits in the inbox again.")


def running_worker(settings: Settings) -> RunningWorker | None:
    """The worker of this id on this machine; None where none runs, here or elsewhere.

    Args:
        settings: name the spool, the id, and where the locks lie.

    Raises:
        UsageError: it runs on another machine, or this user may not see whether it runs.
    """
    folders, worker_id = folders_of(settings), settings.worker_id
    record = worker_files(folders, worker_id).state
    for lock in _locks(folders, settings, worker_id):
        try:
            pid = holder_of(lock)
        except PermissionError:
            raise _another_account(None) from None
        if pid is not None:
            return RunningWorker(pid=pid, unit=unit_of(pid), lock=lock, record=record)
    said = read_worker_file(record)
    host, state = said.get("host"), said.get("state")
    if isinstance(host, str) and host != spool.host_name() and state not in (None, "stopped"):
        raise UsageError(
            gettext(
                "Worker `{id}` runs on {host}: stop it there. From here all workers can be made to wait, by `pause`.",
                id=worker_id,
                host=host,
            )
        )
    return None


def _another_account(pid: int | None) -> UsageError:
    if pid is None:
        return UsageError(gettext("This worker runs as another account: call this as that account, or with sudo."))
    return UsageError(
        gettext("Process {pid} is another account's: call this as that account, or with sudo.", pid=str(pid))
    )
