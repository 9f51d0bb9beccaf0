"""Runs a worker: from the settings to its exit code.

The model's files are checked first, then the folders; this worker's lock is held before its renderer loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from worker import __version__
from worker.compose.bootstrap import Worker, bootstrap
from worker.compose.from_settings import how_ended, model, submit
from worker.demo import examples_dir
from worker.errors import ExitCode, FoldersAway
from worker.identity import ModelIdentity, RendererInfo
from worker.operations import events
from worker.operations.stopping import StopFlag
from worker.operations.systemd import notify
from worker.settings import Settings
from worker.spool import in_a_thread
from worker.studio.model_files.inspect import InspectedModel, identify
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load

log = structlog.get_logger()


def work(settings: Settings, *, drain: bool) -> ExitCode:
    """Be the worker: until stopped or, draining, until the inbox is empty.

    Args:
        settings: of the worker.
        drain: end once the inbox is empty; a share that is away is then an error.

    Raises:
        FoldersUnusable, ModelInvalid, DeviceUnavailable, RendererDied, WorkerIdTaken: it cannot be one.
    """
    events.configure(settings.log)
    stop = StopFlag()
    stop.install()
    found = model(settings)
    found.require_whole()
    with ExitStack() as held:
        worker = _begun(settings, found, held, stop, drain=drain)
        if worker is None:
            return ExitCode.DONE
        worker.recorder.state("starting")
        return _work_locked(worker, found, drain=drain)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplesRun:
    """What came of example jobs."""

    code: ExitCode
    """The worker's."""
    ended: tuple[Path, ...]
    """The folder in which each example ended, in outbox or failed; one that has not ended is left out."""
    finished: tuple[Path, ...]
    """Every finished job's folder that appeared in the outbox meanwhile, also of a job that had waited there."""


def run_examples(settings: Settings, names: Sequence[str]) -> ExamplesRun:
    """Submit example jobs, and be the worker until the inbox is empty.

    Args:
        settings: of the worker.
        names: of files or folders in `jobs_example/`.

    Raises:
        UsageError: the inbox holds such a job already.
        FoldersUnusable, ModelInvalid, DeviceUnavailable, RendererDied, WorkerIdTaken: as `work`.
    """
    submitted = [submit(settings, examples_dir() / name) for name in names]
    before = set(settings.outbox.iterdir())
    code = work(settings, drain=True)
    appeared = sorted(set(settings.outbox.iterdir()) - before)
    ends = (how_ended(settings, one) for one in submitted)
    return ExamplesRun(
        code=code,
        ended=tuple(end for end in ends if end is not None),
        finished=tuple(folder for folder in appeared if (folder / "manifest.json").exists()),
    )


def _begun(settings: Settings, found: InspectedModel, held: ExitStack, stop: StopFlag, *, drain: bool) -> Worker | None:
    """The worker with its lock, once the folders serve: a daemon starts before its share does, or on a full one.

    Returns:
        None when asked to stop meanwhile.

    Raises:
        FoldersUnusable: one is there, but cannot serve; draining, also one that is away.
        WorkerIdTaken: another process is this worker.
    """
    load = _load(settings, found)
    while not stop():
        try:
            worker = bootstrap(
                settings, renderer=lambda beat: ChildRenderer(load, on_idle=beat), should_stop=stop, driver=in_a_thread
            )
            with ExitStack() as own:
                own.callback(worker.close)  # also where there is no lock to be had
                own.enter_context(worker.spool.ownership.lock())
                own.callback(worker.close)  # before the lock goes: who has the id next needs the card
                held.push(own.pop_all())
            return worker
        except FoldersAway as away:
            if drain:
                raise
            log.warning("share.away", error=str(away), again_s=settings.away_s)
            notify(f"STATUS=waiting: {away}")
        stop.wait(settings.away_s)
    return None


def _load(settings: Settings, found: InspectedModel) -> Load:
    return Load(
        folder=found.source.folder,
        transformer_file=found.source.transformer_file,
        is_demo=found.is_demo,
        device=settings.device,
        compile=settings.compile,
        cache_dir=settings.state_dir / "compiled",
    )


def _work_locked(worker: Worker, found: InspectedModel, *, drain: bool) -> ExitCode:
    identity = identify(found, cache_file=worker.settings.state_dir / "model-hashes.json")
    if identity.demo:
        log.warning("model.embedded", note="a toy for trying things out: set `model` for real pictures")
    if not drain or worker.spool.has_work():
        info = worker.renderer.start()
        _announce(info, identity)
        worker.recorder.room(info.room_mib)
    try:
        return worker.daemon(identity).run(drain=drain)
    finally:
        notify("STOPPING=1")
        worker.recorder.state("stopped")


def _announce(info: RendererInfo, identity: ModelIdentity) -> None:
    """Say that pictures can be made now."""
    log.info(
        "worker.ready", device=info.device, gpu=info.gpu, precision=info.precision, memory_mib=info.memory_mib,
        model=identity.id, kind=identity.kind, sha256=identity.sha256[:12], version=__version__,
    )  # fmt: skip
    notify("READY=1")
