"""A batch of pictures through its tries: each picture goes up the ladders until it is made or no rung is left.

Knows the order of a try: rung taken, stages, verdict, next rung.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from worker.records import Outcome, PictureResult, Request
from worker.studio.card.out_of_memory import OutOfMemory, catch_out_of_memory
from worker.studio.card.transfers import DeviceEvent, PendingCopy
from worker.studio.plan.memory import MemoryPlan
from worker.studio.plan.setup import Setup, set_up
from worker.studio.render.request_state import NOT_FINITE, Launch, RequestState, TryBatch, TryOutcome
from worker.studio.render.stages import Stages
from worker.studio.retry.batch_split import next_steps
from worker.studio.retry.history import NEW_PROCESS, History, RestartRequest
from worker.studio.retry.ladders import FIRST, RUNGS, Need, Rung, with_rungs
from worker.studio.stages.decode import Decoded
from worker.studio.stages.embeddings import EmbeddingCache
from worker.studio.stages.encode import PromptEmbeddings
from worker.translation import gettext

LEAK_MIB = 64
"""More than this above what is known to be on the card, after a recovery, is a leak: the process is replaced."""


class Stopped(Exception):
    """Raised inside a batch when it was asked to stop; nothing of the unfinished pictures is kept."""


class BatchTries:
    """Makes one batch of pictures."""

    def __init__(
        self,
        *,
        stages: Stages,
        embeddings: EmbeddingCache,
        plan: MemoryPlan,
        on_step: Callable[[Sequence[Request], int], bool],
        room: Callable[[], float] | None,
        vain_restarts: Collection[Outcome] = (),
    ) -> None:
        """Keep the parts; nothing is computed.

        Args:
            stages: what pictures are made with.
            embeddings: the embeddings.
            plan: how the card's memory is used.
            on_step: hears which requests did which step (1-based; 0 where they begin another try); True stops.
            room: memory of the card that this process may use now, in MiB; None on the CPU.
            vain_restarts: outcomes for which no new process is asked.
        """
        self._stages = stages
        self._vain_restarts = frozenset(vain_restarts)
        self._embeddings = embeddings
        self._plan = plan
        self._on_step = on_step
        self._room = room
        self._left: list[RequestState] = []

    @property
    def files(self) -> list[str]:
        """Of the pictures without a result."""
        return [state.request.file for state in self._left]

    def begin(self, states: Sequence[RequestState]) -> None:
        """Give the device the first try; a card goes on with it while the caller does other things.

        Args:
            states: of one shape; those with latents or tries are alone.

        Raises:
            Stopped: `on_step` asked for it.
        """
        self._left = [*states]
        batch = TryBatch(states=[*states], rung=_first_rung(states[0]))
        self._begun = batch, [*self._launched(batch)]

    def results(self) -> Iterator[tuple[RequestState, PictureResult] | RestartRequest]:
        """Each request's result as soon as it is certain; a RestartRequest ends it early. Call `begin` before.

        Raises:
            Stopped: `on_step` asked for it.
        """
        left = self._left
        launches: Iterable[Launch]
        batch, launches = self._begun
        waiting: deque[TryBatch] = deque()
        while True:
            failed: list[tuple[RequestState, TryOutcome]] = []
            for launch in launches:
                state, tried = launch.state, launch.end(batch.rung)
                if tried.outcome == "ok":
                    left.remove(state)
                    yield state, state.result(tried.picture)
                else:
                    failed.append((state, tried))
            for step in self._after(batch, failed, waiting):
                if isinstance(step, TryBatch):
                    waiting.append(step)
                elif isinstance(step, RequestState):
                    left.remove(step)
                    yield step, step.result(None)
                else:
                    yield replace(step, others=_others(left, step))
                    return
            if not waiting:
                return
            batch = waiting.popleft()
            launches = self._another_try(batch)

    def _after(
        self, batch: TryBatch, failed: Sequence[tuple[RequestState, TryOutcome]], waiting: Sequence[TryBatch]
    ) -> Iterator[TryBatch | RequestState | RestartRequest]:
        short = [state for state, tried in failed if tried.outcome == "oom"]
        if short:
            room_mib = self._room() if self._room is not None else None
            for state in short:
                state.room_mib = room_mib
            leak = "" if "oom" in self._vain_restarts else self._leak(batch, waiting)
            if leak and NEW_PROCESS not in failed[0][0].tried:  # one that has had its new process ends in this one
                yield RestartRequest(history=failed[0][0].history(), why=leak)
                return
        yield from _next(batch, failed, self._given(batch, {tried.outcome for _, tried in failed}))

    def _given(self, batch: TryBatch, outcomes: Collection[Outcome]) -> set[Need]:
        given: set[Need] = set() if self._vain_restarts.intersection(outcomes) else {"process"}
        if self._stages.device.type == "cuda":
            given.add("card")
        if len(batch.states) > 1:
            given.add("batched")
        setup = with_rungs(set_up(self._plan), batch.states[0].rungs)
        if setup.is_streamed and not setup.transformer.fp32:  # fp32 streams by its own nature
            given.add("streamed")
        if setup.compiled:
            given.add("compiled")
        return given

    def _another_try(self, batch: TryBatch) -> Iterator[Launch]:
        """Try it again, and say so before: its rung may be a slow one."""
        if self._on_step([state.request for state in batch.states], 0):
            raise Stopped
        return self._launched(batch)

    def _launched(self, batch: TryBatch) -> Iterator[Launch]:
        """Try it on its rung: give the device all of it, a picture at a time."""
        device = self._stages.device
        begin = DeviceEvent(device)
        self._stages.gauge.reset()
        setup = self._take(batch)
        embeddings = self._embedded(batch.states, setup) if batch.states[0].latents is None else None
        encoded = DeviceEvent(device)
        made = self._denoised(batch.states, embeddings, setup) if embeddings is not None else None
        middle = DeviceEvent(device)
        for item, state in enumerate(batch.states):
            before = DeviceEvent(device)
            if isinstance(made, TryOutcome):
                decoded: Decoded | TryOutcome = made
            elif made is not None and made.are_here() and not made.values()[item]:
                decoded = NOT_FINITE  # known already: a decode would be in vain
            else:
                decoded = self._decoded(state, setup)
            yield Launch(
                state=state,
                item=item,
                are_finite=made if isinstance(made, PendingCopy) else None,
                decoded=decoded,
                shared=(begin, middle),
                batch_size=len(batch.states),
                denoise_begun=encoded,
                encode_s=partial(self._embeddings.take_seconds, state.request),
                own=(before, DeviceEvent(device)),
                peak_mib=self._stages.gauge.peak_mib(),
                tile_px=setup.tile_px,
            )

    def _take(self, batch: TryBatch) -> Setup:
        """Carry out what stands in the rung's row: at the requests, embeddings and weights; the rest is the setup."""
        rung = batch.rung
        for state in batch.states:
            state.take(rung)
            if rung.resumes_at == "encode":
                self._embeddings.forget(state.request)
        if rung.new_weights:
            self._stages.refill(lambda: self._on_step([state.request for state in batch.states], 0))
        return with_rungs(set_up(self._plan), (*batch.states[0].rungs, rung))

    def _embedded(self, states: Sequence[RequestState], setup: Setup) -> list[PromptEmbeddings] | TryOutcome:
        """Embeddings of each request; or what failed for all."""
        requests = [state.request for state in states]
        embeddings = catch_out_of_memory(lambda: [self._embeddings.of(request, setup=setup) for request in requests])
        if isinstance(embeddings, OutOfMemory):
            return TryOutcome(outcome="oom", stage="encode", note=gettext("encode: {why}", why=embeddings.why))
        if not setup.encoder_stays:
            self._stages.encode.leave()
        return embeddings

    def _denoised(
        self, states: Sequence[RequestState], embeddings: list[PromptEmbeddings] | TryOutcome, setup: Setup
    ) -> PendingCopy | TryOutcome:
        """Give each request its latents, and tell later which are good; or what failed for all."""
        if isinstance(embeddings, TryOutcome):
            return embeddings
        requests = [state.request for state in states]
        made = catch_out_of_memory(
            lambda: self._stages.denoise(
                requests, embeddings, setup=setup, on_step=lambda step: self._on_step(requests, step)
            )
        )
        if isinstance(made, OutOfMemory):
            return TryOutcome(outcome="oom", stage="denoise", note=gettext("denoise: {why}", why=made.why))
        if made.is_stopped:
            raise Stopped
        for state, latents in zip(states, torch.split(made.latents, 1), strict=True):
            state.latents = latents.clone()
        return made.are_finite

    def _decoded(self, state: RequestState, setup: Setup) -> Decoded | TryOutcome:
        latents = state.latents
        assert latents is not None
        if not setup.encoder_stays:
            self._stages.encode.leave()
        # the transformer too, where a rung moved it: the latents may have been made on a lower one
        moved = catch_out_of_memory(lambda: self._stages.denoise.offload(setup))
        if isinstance(moved, OutOfMemory):
            return _out_of_memory_in_decode(moved)
        decoded = catch_out_of_memory(lambda: self._stages.decode(latents, setup=setup))
        if isinstance(decoded, OutOfMemory):
            return _out_of_memory_in_decode(decoded)
        return decoded

    def _leak(self, batch: TryBatch, waiting: Sequence[TryBatch]) -> str:
        """Why the process must be replaced, or nothing."""
        states = [*batch.states, *(state for other in waiting for state in other.states)]
        latents = sum(state.latents.nbytes for state in states if state.latents is not None)
        surplus = self._stages.gauge.surplus_mib(self._embeddings.held_bytes() + latents)
        return f"{surplus:.0f} MiB of the card's memory did not come back" if surplus > LEAK_MIB else ""


def _next(
    batch: TryBatch, failed: Sequence[tuple[RequestState, TryOutcome]], given: set[Need]
) -> Iterator[TryBatch | RequestState | RestartRequest]:
    """Carry out what is decided for the pictures that failed: a TryBatch for more tries, a RequestState at its end."""
    tries = {batch.states.index(state): tried for state, tried in failed}
    plain = [batch.states[item].failed_try(tried, item=item, given=given) for item, tried in tries.items()]
    for step in next_steps(plain, batch_size=len(batch.states)):
        states = [batch.states[item] for item in step.items]
        for state in states:
            state.let_go(step.fallback)
        if step.is_restart:
            tried = tries[step.items[0]]
            yield RestartRequest(history=states[0].history(), why=f"{tried.outcome.replace('_', ' ')}: {tried.note}")
        elif step.fallback.rung is None:
            yield from states
        else:
            yield TryBatch(states=states, rung=step.fallback.rung)


def _out_of_memory_in_decode(error: OutOfMemory) -> TryOutcome:
    return TryOutcome(outcome="oom", stage="decode", note=gettext("decode: {why}", why=error.why))


def _others(left: Sequence[RequestState], restart: RestartRequest) -> tuple[History, ...]:
    histories = (state.history() for state in left if state.latents is not None)
    return tuple(history for history in histories if history.file != restart.history.file)


def _first_rung(state: RequestState) -> Rung:
    if state.tries:
        return RUNGS[NEW_PROCESS]  # only a process that is gone leaves tries behind
    return state.begun_with[-1] if state.begun_with else FIRST
