"""Runs a worker: from the settings to its exit code.

The model's files are checked first, then the folders; this worker's lock is held before its renderer loads. What passes
by itself is waited for.
"""

from __future__ import annotations

import faulthandler
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress

import structlog

from worker.clocks import Clocks
from worker.compose.alongside import alongside
from worker.compose.bootstrap import Worker, bootstrap, spool_of
from worker.compose.broken_runs import broken_runs_of, rest
from worker.compose.from_settings import folders_of, model
from worker.compose.model_start import identified, load_model, load_of
from worker.compose.notifying import telling
from worker.compose.overview.writer import OverviewWriter, overview_writer, writing
from worker.compose.passing_trouble import PassingTrouble
from worker.compose.reloading import Reloading
from worker.compose.report.writer import report_writer, reporting
from worker.compose.screen import Hear, follow, screen
from worker.daemon.told_once import ToldOnce
from worker.disk.mount_tables import MountTables, kind_of_system
from worker.errors import ExitCode, ModelAway, RendererBroken, StopAsked, WorkerError
from worker.operations import events
from worker.operations.stopping import StopFlag
from worker.operations.systemd import notify, notify_alive, notify_starting
from worker.settings import Settings
from worker.spool import FolderSpool, InboxWakeup, in_a_thread
from worker.studio.model_files.inspect import InspectedModel
from worker.studio.process.parent import ChildRenderer
from worker.translation import Language

log = structlog.get_logger()


DRAIN_WAITS_S = 60.0
"""`--drain` waits so long for a model, an id or a full share: a nightly timer must end, and what was mounted anew is
back by then."""


def work(
    settings: Settings,
    *,
    drain: bool,
    most_s: float | None = None,
    language: Language = "en",
    again: Callable[[], Settings] | None = None,
) -> ExitCode:
    """Be the worker: until stopped or, draining, until the inbox is empty.

    Args:
        settings: of the worker.
        drain: end once the inbox is empty; a share that is away is then an error.
        most_s: wait so long for a model, an id or a full share; when not given, for ever, or draining
            `DRAIN_WAITS_S`.
        language: of the sentences in log lines for a person.
        again: reads the settings anew, for a service manager that asks for it; else they stay as they are.

    Raises:
        FoldersUnusable, ModelInvalid, DeviceUnavailable, RendererDied, WorkerIdTaken: it cannot be one.
    """
    events.configure(settings.log, language=language)
    with suppress(OSError, ValueError):  # no standard error to speak of
        faulthandler.enable(sys.stderr)  # where a worker hung that systemd's watchdog ends
    stop, reloading = StopFlag(), Reloading(again or (lambda: settings))
    stop.install(on_hangup=reloading.on_hangup())
    trouble = PassingTrouble(
        should_stop=stop,
        pause=stop.wait,
        monotonic=time.monotonic,
        again_s=settings.away_s,
        most_s=DRAIN_WAITS_S if drain and most_s is None else most_s,
        language=settings.service_language,
    )
    with ExitStack() as held, suppress(StopAsked):
        hear = held.enter_context(screen(settings, stop, drain=drain, language=language))
        overview = held.enter_context(_pages(settings))
        told = held.enter_context(telling(settings, drain=drain, should_stop=stop))
        trouble.on_wait = overview.waits(_tell_inbox(settings))
        found = trouble.outlast(lambda: _whole(settings))
        worker = trouble.outlast(lambda: _begun(settings, found, held, stop, trouble, hear=hear))
        trouble.on_wait = lambda reason: _waits(worker, reason)
        trouble.on_passed = lambda: worker.spool.inbox.tell_of_all(None)
        held.enter_context(alongside(worker, told, overview, drain=drain, should_stop=stop))
        worker.recorder.state("starting")
        overview.begun()
        return _work_locked(worker, found, trouble, reloading, drain=drain)
    log.info("worker.stopping")
    return ExitCode.STOPPED if drain else ExitCode.DONE


@contextmanager
def _pages(settings: Settings) -> Iterator[OverviewWriter]:
    """The pages of everything and of each night are written while the context lasts."""
    reports = report_writer(settings)
    overview = overview_writer(settings, on_sight=reports.see)
    reports.on_written = overview.ring
    with reporting(reports, after=overview.last_turn), events.heard_by(reports.hear), writing(overview):
        yield overview


def _whole(settings: Settings) -> InspectedModel:
    """The model, all of whose parts are there.

    Raises:
        ModelAway: it is not there now.
        ModelInvalid: it is, and cannot be used.
    """
    found = model(settings)
    found.require_whole()
    return found


def _begun(
    settings: Settings, found: InspectedModel, held: ExitStack, stop: StopFlag, trouble: PassingTrouble, *, hear: Hear
) -> Worker:
    """The worker with its lock, once the folders serve.

    Raises:
        FoldersUnusable: one is there, but cannot serve.
        FoldersAway: one is away; FoldersFailing: full, or fails otherwise just now.
        WorkerIdTaken: another process is this worker.
        StopAsked: the worker was asked to stop while it looked whether the id is free.
    """

    def make_renderer(beat: Callable[[], None]) -> ChildRenderer:
        return ChildRenderer(
            load_of(settings, found),
            follows_broken=broken_runs_of(settings).read()[0] > 0,
            recorded_speed=lambda: worker.recorder.seconds_per_pixel_step(),  # noqa: PLW0108 - it comes later
            on_idle=lambda: _go_on(beat, stop),
            should_stop=stop,
            model_returned=lambda: _has_returned(settings, trouble),
        )

    watched = ToldOnce()

    def watch_id(seconds: float) -> None:
        notify_starting()
        if watched.is_new(settings.worker_id):
            log.info("start.delayed", error="a worker of this id ran on another machine: watching whether it lives")
        stop.wait(seconds)
        if stop():
            raise StopAsked

    with ExitStack() as own:
        wakeup = own.enter_context(closing(InboxWakeup(settings.inbox, kind_of_system=kind_of_system)))
        worker = bootstrap(
            settings,
            renderer=make_renderer,
            wakeup=wakeup,
            pause=stop.wait,
            should_stop=stop,
            driver=heart,
        )
        follow(worker, hear)
        own.callback(worker.close)  # also where there is no lock to be had
        own.enter_context(worker.spool.ownership.lock(watch_id))
        own.callback(worker.close)  # before the lock goes: who has the id next needs the card
        held.push(own.pop_all())
    stop.add_bell(wakeup.ring)
    return worker


def heart(pulse: Callable[[], bool]) -> AbstractContextManager[None]:
    """Beats while the context lasts, and tells systemd so: where that hangs, it hears nothing."""
    return in_a_thread(lambda: notify_alive() if pulse() else None)


def _go_on(beat: Callable[[], None], stop: StopFlag) -> None:
    """Say that the worker gets on while its renderer keeps it waiting; one that is to stop asks for no more time."""
    beat()
    notify_alive() if stop() else notify_starting()


def _has_returned(settings: Settings, trouble: PassingTrouble) -> bool:
    """Whether the model was away and is back; returns once it is there.

    Raises:
        ModelInvalid: it is there, and cannot be used; or it stays away for too long.
        StopAsked: the worker was asked to stop meanwhile.
    """
    try:
        _whole(settings)
    except ModelAway:
        trouble.outlast(lambda: _whole(settings))
        return True
    return False


def _tell_inbox(settings: Settings) -> Callable[[str], None]:
    """What says beside waiting jobs why they wait, before there is a worker; where the folders are away it cannot."""
    made: list[FolderSpool] = []

    def tell(reason: str) -> None:
        with suppress(WorkerError, OSError):
            if not made:
                made.append(spool_of(settings, folders_of(settings), clock=Clocks(), tables=MountTables()))
            made[0].inbox.tell_of_all(reason)

    return tell


def _waits(worker: Worker, reason: str) -> None:
    """Say so in the worker's record, to people and by its heartbeat, while its own loop does not run."""
    worker.recorder.state("paused", reason=reason)
    worker.spool.inbox.tell_of_all(reason)
    worker.spool.inbox.hear()
    worker.spool.ownership.beat()


def _work_locked(
    worker: Worker, found: InspectedModel, trouble: PassingTrouble, reloading: Reloading, *, drain: bool
) -> ExitCode:
    reason, runs = "", broken_runs_of(worker.settings)
    try:
        identity = trouble.outlast(lambda: identified(worker, found))
        if found.contradiction:
            log.warning("kind.contradicted", kind=found.kind, note=found.contradiction)
        if found.ignored:
            log.warning("parts.ignored", note=found.ignored)
        if identity.demo:
            log.warning("model.embedded", note="a toy for trying things out: set `model` for real pictures")
        if not drain:
            rest(runs, trouble)
        load_model(worker, identity, drain=drain)
        daemon = trouble.outlast(lambda: worker.daemon(identity))  # which looks at the model's files once more
        worker.live.follow(lambda new: trouble.speak(new.service_language))
        reloading.begin(worker)
        code = daemon.run(drain=drain)
        runs.forget()
        return code
    except WorkerError as error:
        if isinstance(error, RendererBroken):
            runs.add(error)
        reason = str(error)
        raise
    finally:
        notify("STOPPING=1")
        worker.recorder.state("stopped", **({"reason": reason} if reason else {}))
