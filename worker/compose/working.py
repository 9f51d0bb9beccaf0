"""The worker itself, joined from all rooms.

Knows every room's door and the order in which a worker comes up.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing

import structlog

from worker import __version__, spool
from worker.backlog import Backlog
from worker.clocks import Clocks, suspended_too, utc_now
from worker.compose.parts import folders_of, job_reader, model, worker_files
from worker.daemon import Daemon, Pace
from worker.delivery import FileDelivery
from worker.errors import ExitCode, FoldersAway
from worker.identity import ModelIdentity, RendererInfo, WorkerIdentity
from worker.operations import events
from worker.operations.record import FolderRecorder
from worker.operations.stopping import StopFlag
from worker.operations.systemd import notify
from worker.run_job import JobRunner
from worker.settings import Settings
from worker.share_retry import Patience
from worker.studio.model_files.inspect import InspectedModel, identify
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load import Load

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
        begun = _begun(settings, held, stop, drain=drain)
        if begun is None:
            return ExitCode.DONE
        folders, folder_spool = begun
        recorder = _recorder(settings, folders)
        recorder.state("starting")
        return _work_locked(settings, folder_spool, found, recorder, stop, drain=drain)


def _begun(
    settings: Settings, held: ExitStack, stop: StopFlag, *, drain: bool
) -> tuple[spool.Folders, spool.FolderSpool] | None:
    """The folders once they serve, with this worker's lock: a daemon starts before its share does, or on a full one.

    Returns:
        None when asked to stop meanwhile.

    Raises:
        FoldersUnusable: one is there, but cannot serve; draining, also one that is away.
        WorkerIdTaken: another process is this worker.
    """
    while not stop():
        try:
            folders = folders_of(settings)
            folder_spool = _spool(settings, folders)
            held.enter_context(folder_spool.lock())
            return folders, folder_spool
        except FoldersAway as away:
            if drain:
                raise
            log.warning("share.away", error=str(away), again_s=settings.away_s)
            notify(f"STATUS=waiting: {away}")
        stop.wait(settings.away_s)
    return None


def _work_locked(
    settings: Settings,
    folder_spool: spool.FolderSpool,
    found: InspectedModel,
    recorder: FolderRecorder,
    stop: StopFlag,
    *,
    drain: bool,
) -> ExitCode:
    identity = identify(found, cache_file=settings.state_dir / "model-hashes.json")
    if identity.demo:
        log.warning("model.embedded", note="a toy for trying things out: set `model` for real pictures")
    load = Load(
        folder=found.source.folder,
        transformer_file=found.source.transformer_file,
        is_demo=found.is_demo,
        device=settings.device,
        compile=settings.compile,
        cache_dir=settings.state_dir / "compiled",
    )
    with (
        closing(ChildRenderer(load, on_idle=folder_spool.beat)) as renderer,
        closing(spool.InboxWakeup(settings.inbox, kind_of_system=spool.kind_of_system)) as wakeup,
    ):
        if not drain or folder_spool.has_work():
            info = renderer.start()
            _announce(info, identity)
            recorder.room(info.room_mib)
        daemon = _daemon(settings, folder_spool, renderer, identity, recorder, wakeup, stop)
        try:
            return daemon.run(drain=drain)
        finally:
            notify("STOPPING=1")
            recorder.state("stopped")


def _announce(info: RendererInfo, identity: ModelIdentity) -> None:
    """Say that pictures can be made now."""
    log.info(
        "worker.ready", device=info.device, gpu=info.gpu, precision=info.precision, memory_mib=info.memory_mib,
        model=identity.id, kind=identity.kind, sha256=identity.sha256[:12], version=__version__,
    )  # fmt: skip
    notify("READY=1")


def _daemon(
    settings: Settings,
    folder_spool: spool.FolderSpool,
    renderer: ChildRenderer,
    identity: ModelIdentity,
    recorder: FolderRecorder,
    wakeup: spool.InboxWakeup,
    stop: StopFlag,
) -> Daemon:
    reader, delivery = job_reader(settings), FileDelivery()
    patience = Patience(
        spool=folder_spool,
        recorder=recorder,
        wakeup=wakeup,
        scan_s=settings.scan_s,
        away_s=settings.away_s,
        should_stop=stop,
    )
    runner = JobRunner(
        spool=folder_spool,
        renderer=renderer,
        delivery=delivery,
        recorder=recorder,
        clocks=Clocks(),
        worker=lambda info: _worker(settings, info),
        model=identity,
        should_stop=stop,
        wait_while_paused=patience.wait_while_paused,
    )
    return Daemon(
        spool=folder_spool,
        jobs=reader,
        backlog=Backlog(reader, grace_s=settings.grace_s, clock=suspended_too),
        runner=runner,
        delivery=delivery,
        patience=patience,
        pace=Pace(attempts=settings.attempts),
        monotonic=time.monotonic,
        should_stop=stop,
    )


def _worker(settings: Settings, info: RendererInfo) -> WorkerIdentity:
    return WorkerIdentity(
        id=settings.worker_id,
        host=spool.host_name(),
        version=__version__,
        torch=info.torch,
        diffusers=info.diffusers,
        gpu=info.gpu,
    )


def _spool(settings: Settings, folders: spool.Folders) -> spool.FolderSpool:
    return spool.FolderSpool(
        folders,
        worker_id=settings.worker_id,
        state_dir=settings.state_dir,
        options=spool.SpoolOptions(
            settle_s=settings.settle_s, lease_s=settings.lease_s, ready_files=settings.ready_files
        ),
        clock=suspended_too,
    )


def _recorder(settings: Settings, folders: spool.Folders) -> FolderRecorder:
    about = {"id": settings.worker_id, "host": spool.host_name(), "version": __version__}
    return FolderRecorder(worker_files(folders, settings.worker_id), about=about, now=utc_now, monotonic=time.monotonic)
