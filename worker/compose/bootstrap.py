"""Bootstrap: one worker, joined from all rooms; the program and the tests begin here.

What differs between a night and a test comes in: the renderer, the clock, what wakes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from worker import __version__, spool
from worker.card_ports import CardWatch
from worker.clocks import Clocks
from worker.compose.from_settings import folders_of, model
from worker.compose.live_settings import ClaimReader, LiveReader, LiveSettings, options_of, take_into
from worker.compose.recording import recorder_of
from worker.daemon.between_pictures import BetweenPictures
from worker.daemon.cancelled_jobs import CancelledJobs
from worker.daemon.card_manners import CardManners
from worker.daemon.loop import Daemon, Pace
from worker.daemon.one_job import OneJob
from worker.daemon.queue import JobQueue
from worker.daemon.refusal import Refusal
from worker.daemon.retrying_ports import (
    RetryingInbox,
    RetryingJobs,
    RetryingOwnership,
    RetryingQueue,
    RetryingRunner,
)
from worker.daemon.retrying_publishing import RetryingPublishing
from worker.daemon.room import Room
from worker.daemon.run_job import JobRunner
from worker.daemon.set_aside import SetAside
from worker.daemon.share_retry import ShareRetry
from worker.daemon.turns import Turns
from worker.daemon.waiting import Waiting
from worker.daemon.working_hours import WorkingHours
from worker.delivery.delivery import FileDelivery
from worker.disk.mount_tables import MountTables, kind_of_system
from worker.identity import ModelIdentity, RendererInfo, WorkerIdentity
from worker.operations.record import FolderRecorder
from worker.ports import JobReader, Renderer, Wakeup
from worker.settings import Settings
from worker.spool_ports import SpoolPorts
from worker.studio.card.watch import CardWatch as NvidiaCardWatch

MakeRenderer = Callable[[Callable[[], None]], Renderer]
"""Makes the renderer; it is given what to call about once a second while it keeps its caller waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker; nothing is locked, loaded or watched until its parts are used."""

    settings: Settings
    spool: spool.FolderSpool
    recorder: FolderRecorder
    renderer: Renderer
    card: CardWatch
    wakeup: Wakeup
    pause: Callable[[float], object]
    clock: Clocks
    should_stop: Callable[[], bool]
    pace: Pace
    live: LiveSettings

    def daemon(self, identity: ModelIdentity) -> Daemon:
        """The loop; to be run while `spool.ownership.lock()` is held.

        Args:
            identity: of the model whose weights the renderer has.
        """
        self.recorder.use(identity.id)
        found = model(self.settings) if self.settings.model is not None else None
        jobs, delivery = LiveReader(self.settings, found), FileDelivery()
        queue = self._queue(jobs)
        waiting = self._waiting(queue, delivery)
        share = ShareRetry(
            share=self.spool,
            holds=self.spool.ownership.holds,
            waiting=waiting,
            away_s=self.live.now.away_s,
            should_stop=self.should_stop,
            tell_of=self.spool.inbox.tell_of,
        )
        take_into(self.live, spool=self.spool, reader=jobs, queue=queue, waiting=waiting, share=share)
        ports, aside = self._ports(share), SetAside(self.clock.monotonic)
        room = Room(space=ports.space, inbox=ports.inbox)
        turns = Turns(
            RetryingQueue(queue, share),
            ownership=ports.ownership,
            inbox=ports.inbox,
            aside=aside,
            should_stop=self.should_stop,
        )
        hours = self._hours(waiting)
        between = self._between(ports, waiting, room, turns, hours)
        one_job = OneJob(
            spool=ports,
            jobs=RetryingJobs(ClaimReader(jobs), share),
            runner=RetryingRunner(self._runner(ports, delivery, identity, between), share),
            refusal=Refusal(ports, delivery),
            aside=aside,
            waiting=waiting,
            attempts=self.pace.attempts,
        )
        return Daemon(
            spool=ports,
            queue=RetryingQueue(queue, share),
            one_job=one_job,
            aside=aside,
            between=between,
            pace=self.pace,
            monotonic=self.clock.monotonic,
        )

    def _between(
        self, ports: SpoolPorts, waiting: Waiting, room: Room, turns: Turns, hours: WorkingHours
    ) -> BetweenPictures:
        settings = self.live.now
        card = CardManners(self.card, nice=settings.nice, ceiling_c=settings.max_temperature_c)
        self.live.follow(lambda new: card.take(nice=new.nice, ceiling_c=new.max_temperature_c))
        return BetweenPictures(
            inbox=ports.inbox, waiting=waiting, room=room, turns=turns, hours=hours, card=card, renderer=self.renderer
        )

    def may_render(self) -> bool:
        """Whether it is the hour for that."""
        hours, now_s = self.live.now.working_hours, datetime.fromisoformat(self.clock.now()).timestamp()
        return hours is None or hours.window_at(now_s) is not None

    def _queue(self, jobs: JobReader) -> JobQueue:
        return JobQueue(
            self.spool.inbox,
            jobs,
            grace_s=self.live.now.grace_s,
            clock=self.clock.boottime,
            quota=self.live.now.quota,
            droppers=self.spool.droppers,
            told=self.recorder.queue,
        )

    def _waiting(self, queue: JobQueue, delivery: FileDelivery) -> Waiting:
        return Waiting(
            inbox=self.spool.inbox,
            ownership=self.spool.ownership,
            recorder=self.recorder,
            wakeup=self.wakeup,
            pause=self.pause,
            scan_s=self.live.now.scan_s,
            monotonic=self.clock.monotonic,
            should_stop=self.should_stop,
            look=CancelledJobs(queue, spool=self._ports(), delivery=delivery).look,
        )

    def _hours(self, waiting: Waiting) -> WorkingHours:
        working = WorkingHours(
            self.live.now.working_hours, clocks=self.clock, waiting=waiting, recorder=self.recorder,
            renderer=self.renderer, settle_s=self.settings.settle_s,
        )  # fmt: skip

        def take(new: Settings) -> None:
            working.hours = new.working_hours
            self.recorder.keep_hours(new.working_hours)

        self.live.follow(take)
        return working

    def _runner(
        self, ports: SpoolPorts, delivery: FileDelivery, model: ModelIdentity, between: BetweenPictures
    ) -> JobRunner:
        return JobRunner(
            spool=ports,
            renderer=self.renderer,
            delivery=delivery,
            recorder=self.recorder,
            clocks=self.clock,
            worker=self._identity,
            model=model,
            between=between,
        )

    def _ports(self, share: ShareRetry | None = None) -> SpoolPorts:
        """The spool for the daemon; where nobody retries, each step is tried once."""
        once = self.spool
        return SpoolPorts(
            inbox=RetryingInbox(once.inbox, share) if share else once.inbox,
            ownership=RetryingOwnership(once.ownership, share) if share else once.ownership,
            publishing=RetryingPublishing(once.publishing, share) if share else once.publishing,
            space=once.space,
            language_of=once.readers.language_of,
        )

    def _identity(self, info: RendererInfo) -> WorkerIdentity:
        return WorkerIdentity(
            id=self.settings.worker_id,
            host=spool.host_name(),
            version=__version__,
            torch=info.torch,
            diffusers=info.diffusers,
            gpu=info.gpu,
        )

    def close(self) -> None:
        """End the renderer, read no card and stop watching; idempotent."""
        self.renderer.close()
        self.card.close()
        self.wakeup.close()


def bootstrap(
    settings: Settings,
    *,
    renderer: MakeRenderer,
    clock: Clocks | None = None,
    wakeup: Wakeup | None = None,
    pause: Callable[[float], object] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    pace: Pace | None = None,
    tables: MountTables | None = None,
    driver: spool.Driver = spool.by_its_callers,
) -> Worker:
    """Join the parts.

    Args:
        settings: of the worker.
        renderer: makes pictures.
        clock: the machine's, when not given.
        wakeup: watches the inbox, when not given.
        pause: waits so many seconds, or until a stop is asked for; nothing ends it, when not given.
        should_stop: whether the worker is asked to stop.
        pace: how often the daemon tries; from the settings, when not given.
        tables: where this machine says what should be mounted.
        driver: keeps the heart beating: `spool.in_a_thread` for a worker that lives by the machine's clock.

    Raises:
        FoldersUnusable, FoldersAway: the folders cannot serve, or not now.
    """
    clock, tables = clock or Clocks(), tables or MountTables()
    folders = folders_of(settings, tables=tables)
    live = LiveSettings(settings)
    own_spool = spool_of(settings, folders, clock=clock, tables=tables, driver=driver)
    recorder = recorder_of(live, folders, own_spool, clock=clock)
    return Worker(
        settings=settings,
        spool=own_spool,
        recorder=recorder,
        renderer=renderer(lambda: _meanwhile(own_spool)),
        card=NvidiaCardWatch(),
        wakeup=wakeup or spool.InboxWakeup(settings.inbox, kind_of_system=kind_of_system),
        pause=pause or Event().wait,
        clock=clock,
        should_stop=should_stop,
        pace=pace or Pace(attempts=settings.attempts),
        live=live,
    )


def _meanwhile(own_spool: spool.FolderSpool) -> None:
    """While a picture is made, or a model loaded: this worker lives, and hears what people ask for."""
    own_spool.ownership.beat()
    own_spool.inbox.hear()


def spool_of(
    settings: Settings,
    folders: spool.Folders,
    *,
    clock: Clocks,
    tables: MountTables,
    driver: spool.Driver = spool.by_its_callers,
) -> spool.FolderSpool:
    """A worker's view of the folders; nothing is locked or touched until it is used.

    Args:
        settings: of the worker.
        folders: known to serve.
        clock: the machine's.
        tables: where this machine says what should be mounted.
        driver: keeps the heart beating.
    """
    return spool.FolderSpool(
        folders,
        worker_id=settings.worker_id,
        state_dir=settings.state_dir,
        options=options_of(settings),
        clock=clock.boottime,
        now=clock.now,
        tables=tables,
        driver=driver,
    )
