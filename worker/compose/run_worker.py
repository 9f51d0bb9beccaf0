"""Runs a worker: from the settings to its exit code.

Knows the order in which a worker comes up and goes down.
"""

from __future__ import annotations

from contextlib import ExitStack

import structlog

from worker import __version__
from worker.compose.bootstrap import Worker, bootstrap
from worker.compose.from_settings import model
from worker.errors import ExitCode, FoldersAway
from worker.identity import ModelIdentity, RendererInfo
from worker.operations import events
from worker.operations.stopping import StopFlag
from worker.operations.systemd import notify
from worker.settings import Settings
from worker.studio.model_files.inspect import InspectedModel, identify
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load

log = structlog.get_logger()


def work(settings: Settings, *, drain: bool) -> ExitCode:
    """Be the worker: until stopped or, draining, until the inbox is empty.

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
            worker = bootstrap(settings, renderer=lambda beat: ChildRenderer(load, on_idle=beat), should_stop=stop)
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
