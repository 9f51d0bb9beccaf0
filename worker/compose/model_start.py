"""The model at a worker's start: its files are read through, then it is loaded, and that is said."""

from __future__ import annotations

import structlog

from worker import __version__
from worker.compose.bootstrap import Worker
from worker.errors import StopAsked
from worker.identity import ModelIdentity, RendererInfo
from worker.operations.systemd import notify_ready, notify_starting
from worker.settings import Settings
from worker.studio.model_files.inspect import InspectedModel, identify
from worker.studio.model_files.verify import CACHE_NAME
from worker.studio.render.load_request import Load

log = structlog.get_logger()


def load_of(settings: Settings, found: InspectedModel) -> Load:
    """What a renderer is told to load.

    Args:
        settings: of the worker.
        found: the model's files.
    """
    return Load(
        folder=found.source.folder,
        transformer_file=found.source.transformer_file,
        shift=found.source.shift,
        is_demo=found.is_demo,
        device=settings.device,
        compile=settings.compile,
        cache_dir=settings.state_dir / "compiled",
    )


def load_model(worker: Worker, identity: ModelIdentity, *, drain: bool) -> None:
    """Load it, if there may be anything to render now; else the first job does.

    Args:
        worker: whose renderer.
        identity: of the model.
        drain: the worker ends once the inbox is empty.
    """
    if worker.may_render() and (not drain or worker.spool.has_work()):
        log.info("model.loading", model=identity.id)
        info = worker.renderer.start()
        _announce(info, identity)
        worker.recorder.room(info.room_mib)
    else:
        notify_ready()  # else systemd takes the end of a drain with nothing to do for a failure


def identified(worker: Worker, found: InspectedModel) -> ModelIdentity:
    """Read the model's files through, which may take minutes the first time.

    Args:
        worker: gives signs of life meanwhile.
        found: the model's files.

    Raises:
        ModelAway: one cannot be read now.
        ModelInvalid: one is not what was downloaded, or is damaged.
        StopAsked: the worker was asked to stop meanwhile.
    """

    def between() -> None:
        notify_starting()
        worker.spool.ownership.beat()
        worker.spool.inbox.hear()
        if worker.should_stop():
            raise StopAsked

    return identify(found, cache_file=worker.settings.state_dir / CACHE_NAME, between=between)


def _announce(info: RendererInfo, identity: ModelIdentity) -> None:
    """Say that pictures can be made now."""
    log.info(
        "worker.ready", device=info.device, gpu=info.gpu, precision=info.precision, memory_mib=info.memory_mib,
        model=identity.id, kind=identity.kind, sha256=identity.sha256[:12], version=__version__,
    )  # fmt: skip
    notify_ready()
