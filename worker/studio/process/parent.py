"""The renderer for the daemon: a child process behind a pipe, replaced when it dies or asks for it.

Knows the conversation in `messages` from the parent's side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace

import structlog

from worker.errors import ModelInvalid, RendererDied, StopAsked
from worker.identity import RendererInfo
from worker.records import PictureResult, Progress, Request
from worker.studio.process.messages import Answer, Enough, Finished, Interrupt, Loaded, Logged, Refusal, Render, Stumble
from worker.studio.process.order_state import OrderState
from worker.studio.process.orders import Orders
from worker.studio.process.silence import Allowed, SilenceLimits, Speed, loading
from worker.studio.process.spawn import Child
from worker.studio.process.watch import Watch
from worker.studio.render.load_request import Load
from worker.studio.retry.breaker import Breaker
from worker.studio.retry.history import RestartRequest
from worker.translation import gettext

IDLE_S = 1.0
"""Time between two calls of `on_idle` while waiting."""
STARTS = 3
"""Processes that may die or hang one after the other without a word, while loading or after it, before the worker ends
with exit code 13, and systemd starts all of it again."""

COMPILER_FAILED = "compiler.failed"
"""The event by which `stages.compiling` says that it has given up."""

log = structlog.get_logger()


class ChildRenderer:
    """Keeps the promises of `ports.Renderer` with a child process. One user at a time."""

    def __init__(
        self,
        load: Load,
        *,
        limits: SilenceLimits | None = None,
        recorded_speed: Callable[[], float | None] = lambda: None,
        on_idle: Callable[[], None] = lambda: None,
        should_stop: Callable[[], bool] = lambda: False,
        model_returned: Callable[[], bool] | None = None,
        follows_broken: bool = False,
    ) -> None:
        """Keep the load order; nothing is started.

        Args:
            load: the model and the device.
            limits: how long a child may be silent before it counts as hung, and is killed.
            recorded_speed: seconds per pixel-step of earlier pictures, None when unknown; asked at each start.
            on_idle: called about once a second, in the caller's thread, while `start` and `render` wait.
            should_stop: asked about once a second while `start` and `render` wait.
            model_returned: called when the child refuses the model: waits while it is away, and says whether it was.
                Where it is given, a refusal is believed when it comes twice with the model there all the time: a share
                that blinks while the child reads looks like a damaged file.
            follows_broken: the worker's last run ended as picture after picture failed.
        """
        self._load = load
        self._limits = limits or SilenceLimits()
        self._recorded_speed = recorded_speed
        self._on_idle = on_idle
        self._should_stop = should_stop
        self._model_returned = model_returned
        self._child: Child | None = None
        self._info: RendererInfo | None = None
        self._speed: Speed | None = None
        self._idled_s = time.monotonic()
        self._stop_seen_s: float | None = None
        self._silent_deaths = 0
        self._is_enough = False  # of the call in hand no other picture is to be begun
        self._must_start = False
        """The process was ended for a failure, and another is needed before the next order."""
        self._orders = Orders((), Breaker(follows_broken=follows_broken), call=0)

    @property
    def pid(self) -> int | None:
        """The child's process id, or None when it is not up."""
        return self._child.pid if self._child else None

    def start(self) -> RendererInfo:
        """Load the model; idempotent while it is up.

        Raises:
            ModelInvalid: the model cannot be loaded.
            DeviceUnavailable: the device is absent, lost or too small.
            RendererDied: several processes in a row ended or hung while loading.
            StopAsked: the worker was asked to stop meanwhile.
        """
        if self._child is not None and self._info is not None and self._child.is_alive():
            return self._info
        refusals = deaths = 0
        while True:
            try:
                self._info = self._loaded()
            except ModelInvalid:
                refusals += 1
                if self._model_returned is None or (not self._model_returned() and refusals > 1):
                    raise
            except RendererDied as death:  # it may have been killed by chance
                deaths += 1
                if deaths >= STARTS:
                    raise
                log.warning("renderer.replaced", reason=str(death))
            else:
                return self._info

    def _loaded(self) -> RendererInfo:
        self.close()
        child = self._child = Child(on_wait=self._on_idle)
        answer = None
        try:
            child.send(self._load)
            answer = self._next(child, loading(self._limits), stop_s=0.0)
        finally:
            if not isinstance(answer, Loaded):
                child.kill()  # it would go on loading for a while before it hears that nobody waits
                self.close()
        if isinstance(answer, Refusal):
            raise answer.error
        assert isinstance(answer, Loaded)
        is_card = answer.info.device != "cpu"
        self._speed = Speed(self._limits, is_card=is_card, recorded_s=self._recorded_speed())
        return answer.info

    def render(
        self, requests: Sequence[Request], *, on_progress: Callable[[Progress], None]
    ) -> Iterator[PictureResult]:
        """Yield one result per request as soon as each is made; equal shapes are made together.

        The child is a few pictures ahead at most. Closing the iterator early interrupts the pictures in work, and
        returns once the child is ready for new work. A process that dies, hangs or cannot go on is replaced here; what
        it was making is taken up by the next one, once and alone. When the worker is asked to stop, and a process must
        be replaced or takes too long, the rest is not made; nor is it after `finish`.

        Args:
            requests: any mix of sizes and steps, each with a file name of its own.
            on_progress: hears of prompts (step 0) and denoising steps, in the caller's thread.

        Raises:
            RendererDied: the process was not started, or it ended and no other comes up or says a word.
            RendererBroken: picture after picture fails alike; those without a result may be asked for again.
            ModelInvalid, DeviceUnavailable: a new process was needed, and none can be started.
        """
        orders = self._orders = Orders(requests, self._orders.breaker, call=self._orders.call + 1)
        self._is_enough = False
        while not orders.is_done and not self._is_enough:
            if self._must_start:
                try:
                    self.start()
                except StopAsked:
                    return
            state = OrderState()
            yield from self._settled(orders, state, on_progress)
            if state.is_stopped:
                return
            if not state.is_finished:
                self._conclude(orders, state)
            elif not state.has_made:
                return  # an order that gives nothing would give nothing again
            yield from orders.given_up()
            if not state.is_finished and self._should_stop():
                return

    def finish(self) -> None:
        """Begin no other picture of the `render` in hand; those in work still come."""
        if self._child is not None and not self._is_enough:
            with suppress(RendererDied):  # what it was making is not lost: it is asked for again
                self._child.send(Enough())
        self._is_enough = True

    def _settled(
        self, orders: Orders, state: OrderState, on_progress: Callable[[Progress], None]
    ) -> Iterator[PictureResult]:
        """The results of one order."""
        # closing: leaving early must interrupt the child now, not whenever the garbage is collected
        with closing(self._answers(orders.next(), state)) as answers:
            for answer in answers:
                if isinstance(answer, Progress):
                    on_progress(answer)
                elif isinstance(answer, PictureResult):
                    orders.settle(answer)
                    yield answer

    def _conclude(self, orders: Orders, state: OrderState) -> None:
        """Draw the conclusions from an order that failed; a process that must be replaced ends here.

        Raises:
            RendererBroken: it is no use to go on.
        """
        if orders.keeps_process(state):
            log.warning("picture.stumbled", reason=state.why, files=list(state.in_work))
        else:
            log.warning("renderer.replaced", reason=state.why, files=list(state.in_work))
            self.close()
            self._must_start = True
        if state.has_spoken:  # else it died or stopped while nothing was asked of it: no failure of the run
            orders.end(state)

    def _answers(self, order: Render, state: OrderState) -> Generator[Answer]:
        """Everything the child says to an order, until nothing more comes; leaving early interrupts it."""
        child, speed = self._child, self._speed
        if child is None or speed is None:
            raise RendererDied(gettext("The renderer is not up: start it first."))
        speed.order(order.requests, [history.file for history in order.histories])
        child.send(order)
        is_over = False
        try:
            while not is_over:
                answer = self._next(child, speed.allowed(), stop_s=self._limits.stopping_s)
                state.hear(answer)
                speed.hear(answer)
                is_over = isinstance(answer, Finished | RestartRequest | Stumble)
                yield answer
        except RendererDied as death:
            is_over = True
            self.close()
            self._silent_deaths = 0 if state.has_spoken else self._silent_deaths + 1
            if self._silent_deaths >= STARTS:
                self._silent_deaths = 0
                raise
            state.why, state.is_death = death.args[0], True
        except StopAsked:  # what is in work takes too long
            state.is_stopped = True
        finally:
            if not is_over:
                self._interrupt(child, speed)

    def _next(self, child: Child, allowed: Allowed, *, stop_s: float | None = None) -> Answer:
        """The next answer; `on_idle` is called meanwhile, and while answers come in quick succession too.

        What the child has for the log is written there and is no answer.

        Args:
            child: to listen to.
            allowed: how long it may be silent.
            stop_s: a worker that is asked to stop waits for this long; None for as long as the child may be silent.

        Raises:
            RendererDied: the process ended, or said nothing for too long and was killed.
            StopAsked: the worker was asked to stop.
        """
        watch = Watch(child, allowed, amid_s=self._limits.message_s)
        while True:
            begun_s = time.monotonic()
            answer = child.receive(within_s=min(IDLE_S, allowed.silent_s))
            if isinstance(answer, Logged):
                if answer.event == COMPILER_FAILED:  # nor does the next process compile
                    self._load = replace(self._load, compile="never")
                getattr(log, answer.level)(answer.event, **answer.facts)
                watch = Watch(child, allowed, amid_s=self._limits.message_s)
            elif answer is None:
                watch.went_by(time.monotonic() - begun_s)
            if time.monotonic() - self._idled_s >= IDLE_S:
                self._idled_s = time.monotonic()
                self._on_idle()
            if answer is not None and not isinstance(answer, Logged):
                return answer
            if stop_s is not None and self._is_stopping_for(stop_s):
                raise StopAsked

    def _is_stopping_for(self, seconds: float) -> bool:
        """Whether the worker was asked to stop, and that is so many seconds ago as far as was seen here."""
        if self._stop_seen_s is None and self._should_stop():
            self._stop_seen_s = time.monotonic()
        return self._stop_seen_s is not None and time.monotonic() - self._stop_seen_s >= seconds

    def _interrupt(self, child: Child, speed: Speed) -> None:
        """Stop the picture in work and wait until the child is ready; one that dies of it is simply gone.

        A worker that is asked to stop needs it no more, and hangs up.
        """
        try:
            child.send(Interrupt())
            while not self._should_stop():
                answer = self._next(child, speed.allowed(), stop_s=0.0)
                speed.hear(answer)
                if isinstance(answer, Finished) or (isinstance(answer, Stumble) and not answer.ends_process):
                    return
                if isinstance(answer, Stumble | RestartRequest):
                    break
        except (RendererDied, StopAsked):
            pass
        self.close()

    def close(self) -> None:
        """End the process and free the device; idempotent."""
        if self._child is not None:
            self._child.end()
        self._child = self._info = None
        self._must_start = False
