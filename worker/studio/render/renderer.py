"""The renderer inside the child process: requests to results, batch by batch, prompts encoded ahead.

Knows when prompts are encoded, what is made together, and what the run has learned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from worker.records import PictureResult, Progress, Request
from worker.studio.card.out_of_memory import catch_out_of_memory
from worker.studio.plan.grouping import group_by_shape
from worker.studio.plan.memory import MemoryPlan, Work
from worker.studio.plan.setup import set_up
from worker.studio.render.batch_tries import BatchTries, Stopped
from worker.studio.render.request_state import RequestState
from worker.studio.render.stages import Stages
from worker.studio.retry.history import History, RestartRequest
from worker.studio.retry.ladders import Rung
from worker.studio.retry.lessons import Lessons
from worker.studio.retry.run_mode import USUAL, RunMode, in_mode
from worker.studio.stages.embeddings import EmbeddingCache

ENCODED_AHEAD = 64
"""Requests whose prompts are encoded in one go: the text encoder's way through the card is spread over them, the first
picture does not wait for thousands, and the embeddings stay below 350 MB (2.6 MB at 512 tokens, with a negative
prompt)."""

MemoryPlanner = Callable[[Work], MemoryPlan]

log = structlog.get_logger()


class StudioRenderer:
    """Makes pictures in this process; the child process has one."""

    def __init__(
        self,
        *,
        stages: Stages,
        plan: MemoryPlanner,
        room: Callable[[], float] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the parts; nothing is computed.

        Args:
            stages: what pictures are made with.
            plan: how the card's memory, as it is now, is best used for some work.
            room: memory of the card that this process may use now, in MiB; None on the CPU.
            now_s: a clock that only goes forward, by which lessons grow old.
        """
        self._stages = stages
        self._plan = plan
        self._room = room
        self._now_s = now_s
        self._done = 0
        """Pixel-steps of all pictures made by this process."""
        self._work = 0
        """The same with the job at hand."""
        self._in_flight: BatchTries | None = None
        self._embeddings = EmbeddingCache(stages.encode, device=stages.device)
        self._lessons = Lessons()
        self._mode = USUAL
        self._may_begin: Callable[[], bool] = lambda: True

    def render(
        self,
        requests: Sequence[Request],
        *,
        on_progress: Callable[[Progress], None],
        is_interrupted: Callable[[], bool],
        may_begin: Callable[[], bool] = lambda: True,
        histories: Sequence[History] = (),
        mode: RunMode = USUAL,
    ) -> Iterator[PictureResult | RestartRequest]:
        """Yield one result per request, equal shapes together; a RestartRequest is the last word of this process.

        Args:
            requests: any mix of sizes and steps.
            on_progress: hears of prompts (step 0) and denoising steps.
            is_interrupted: asked before each batch and after each step; True ends without results for its pictures.
            may_begin: asked before each batch; False ends with the results of those begun.
            histories: of requests that another process did not bring home; they come first.
            mode: how all of them are begun.
        """
        self._mode, self._may_begin = mode, may_begin
        self._work = self._done + sum(request.pixel_steps for request in requests)
        self._in_flight = None  # a caller may have left the former call early
        begun = {history.file: history for history in histories}
        ordered = sorted(requests, key=lambda request: request.file not in begun)
        try:
            with suppress(_Enough):
                for begin in range(0, len(ordered), ENCODED_AHEAD):
                    yield from self._window(ordered[begin : begin + ENCODED_AHEAD], begun, on_progress, is_interrupted)
            yield from self._finished()
        except (Stopped, _Restarting):
            return

    def _window(
        self,
        requests: Sequence[Request],
        begun: dict[str, History],
        on_progress: Callable[[Progress], None],
        is_interrupted: Callable[[], bool],
    ) -> Iterator[PictureResult | RestartRequest]:
        def stop_at(members: Sequence[Request], step: int, plan: str) -> bool:
            leader = members[0]
            files = (*(request.file for request in members), *(self._in_flight.files if self._in_flight else ()))
            on_progress(Progress(request=leader, step=step, steps=leader.steps, files=files, plan=plan))
            return is_interrupted()

        resumed = [request for request in requests if request.file in begun]
        fresh = [request for request in requests if request.file not in begun]
        for request in resumed:
            self._require_more()
            plan = self._plan_for(request)
            # told before anything is done: if the process dies of it, it must be known whose fault that is
            if stop_at([request], 0, str(plan)):
                raise Stopped
            state = RequestState.resumed(request, begun[request.file], device=self._stages.device)
            yield from self._try_batch([state], plan, stop_at)
            yield from self._finished()  # what may have killed a process has nobody beside it, its prompt neither
        if fresh:
            self._require_more()
            self._encode_ahead(fresh, lambda together: stop_at(together, 0, ""))
        for alike in group_by_shape(fresh, self._embeddings.tokens):
            yield from self._of_shape(alike, stop_at)

    def _encode_ahead(self, requests: Sequence[Request], stop_at: Callable[[Sequence[Request]], bool]) -> None:
        """Encode a window's prompts; where memory runs out, each picture's own ladder answers."""
        plan = self._planned(max((_work_of(request) for request in requests), key=lambda work: work.denoise_mib(1)))

        def before_each(together: Sequence[Request]) -> bool:
            if stop_at(together):
                raise Stopped
            return False

        catch_out_of_memory(
            lambda: self._embeddings.turn_to(
                requests, setup=set_up(plan), batch=plan.encode_batch, before_each=before_each
            )
        )
        if plan.encoder != "card":
            self._stages.encode.leave()

    def _of_shape(
        self, alike: Sequence[Request], stop_at: Callable[[Sequence[Request], int, str], bool]
    ) -> Iterator[PictureResult | RestartRequest]:
        waiting = list(alike)
        while waiting:
            self._require_more()
            plan = self._plan_for(waiting[0])
            rungs = self._begin_with(waiting[0])
            size = plan.batch
            for rung in rungs:
                size = rung.batch_size(size)
            batch, waiting = waiting[:size], waiting[size:]
            # as it is begun: a slow rung is no usual speed, and a batch of another size may be compiled first
            if stop_at(batch, 0, ", ".join([str(replace(plan, batch=len(batch))), *(rung.name for rung in rungs)])):
                raise Stopped
            states = [RequestState(request=request, asked=request, begun_with=rungs) for request in batch]
            yield from self._try_batch(states, plan, stop_at)

    def _require_more(self) -> None:
        if not self._may_begin():
            raise _Enough

    def _begin_with(self, request: Request) -> tuple[Rung, ...]:
        """The rungs of the lessons that still hold; what is forgotten is told."""
        if self._lessons.kept:
            now_s, room_mib = self._now_s(), self._room() if self._room is not None else None
            for lesson in self._lessons.kept:
                if why := lesson.why_over(now_s=now_s, room_mib=room_mib):
                    self._lessons = self._lessons.without(lesson)
                    log.info("lesson.forgotten", **lesson.facts(), why=why)
        return self._lessons.rungs_for(request)

    def _learn(self, state: RequestState, result: PictureResult) -> None:
        """What a picture taught; what is new is told."""
        known = self._lessons
        self._lessons = known.after(state.request, result.tries, now_s=self._now_s(), room_mib=state.room_mib)
        for lesson in self._lessons.kept:
            if not known.knows(lesson):
                log.info("lesson.learnt", **lesson.facts(), file=state.request.file)

    def _plan_for(self, request: Request) -> MemoryPlan:
        plan = self._planned(_work_of(request))
        is_compiled = plan.is_whole and not self._mode.is_eager and self._stages.compiles(self._work)
        return replace(plan, compiled=is_compiled)

    def _planned(self, work: Work) -> MemoryPlan:
        return in_mode(self._plan(work), self._mode, on_card=self._stages.device.type == "cuda")

    def _try_batch(
        self, states: Sequence[RequestState], plan: MemoryPlan, stop_at: Callable[[Sequence[Request], int, str], bool]
    ) -> Iterator[PictureResult | RestartRequest]:
        """Begin a batch, and give the results of the one before while the card is at it."""
        batch = BatchTries(
            stages=self._stages,
            embeddings=self._embeddings,
            plan=plan,
            on_step=lambda requests, step: stop_at(requests, step, ""),
            room=self._room,
            vain_restarts=self._mode.vain_restarts,
        )
        batch.begin(states)
        yield from self._finished()
        self._in_flight = batch
        if not self._stages.overlaps:
            yield from self._finished()

    def _finished(self) -> Iterator[PictureResult | RestartRequest]:
        """Results of the batch that was begun last."""
        batch, self._in_flight = self._in_flight, None
        for end in batch.results() if batch else ():
            if isinstance(end, RestartRequest):
                yield end
                raise _Restarting
            state, result = end
            self._learn(state, result)
            self._done += result.request.pixel_steps
            yield result


class _Enough(Exception):
    """Raised inside `render` where nothing more is to be begun."""


class _Restarting(Exception):
    """Raised inside `render` after the last word of this process."""


def _work_of(request: Request) -> Work:
    return Work(
        pixels=request.width_px * request.height_px,
        is_guided=request.guidance > 0,
        may_tile="tiled_decode" in request.allow,
    )
