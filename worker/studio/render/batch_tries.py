"""Pictures made together, each on its way up the ladders until it is there or no rung is left.

Knows the order one_try, verdict, next rung, and who goes on with whom.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from worker.records import Request, ShotResult
from worker.studio.card.out_of_memory import OutOfMemory, catch_out_of_memory
from worker.studio.card.transfers import DeviceEvent, PendingCopy
from worker.studio.plan.memory import MemoryPlan
from worker.studio.plan.setup import Setup, set_up
from worker.studio.render.batch_split import TryBatch, next_batches
from worker.studio.render.request_state import NOT_FINITE, Launch, RequestState, TryOutcome
from worker.studio.retry.history import NEW_PROCESS, History, RestartRequest
from worker.studio.retry.ladders import FIRST, RUNGS, Need, Rung
from worker.studio.stages.decode import Decoded
from worker.studio.stages.denoise import Denoised, OnStep
from worker.studio.stages.embeddings import EmbeddingCache, Encode
from worker.studio.stages.encode import PromptEmbeddings

LEAK_MIB = 64
"""More than this above what is known to be on the card, after a recovery, is a leak: the process is replaced."""


class Denoise(Protocol):
    """`stages.Denoiser`, or what a test puts in its place."""

    def __call__(
        self, requests: Sequence[Request], texts: Sequence[PromptEmbeddings], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        """Latents of a batch."""

    def offload(self, setup: Setup) -> None:
        """Put the transformer where it waits during a decode."""


class Decode(Protocol):
    """`decoding.Decoder`, likewise."""

    def __call__(self, latents: torch.Tensor, *, setup: Setup) -> Decoded:
        """One picture."""


class Gauge(Protocol):
    """`device.Gauge`, likewise."""

    def reset(self) -> None:
        """Begin a new peak."""

    def peak_mib(self) -> float | None:
        """Peak since then, in MiB."""

    def surplus_mib(self, held_bytes: int) -> float:
        """What is allocated beyond the parts and these bytes, in MiB; 0 where it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What pictures are made with."""

    encode: Encode
    denoise: Denoise
    decode: Decode
    gauge: Gauge
    refill: Callable[[], None]
    """Reads transformer and VAE from their files again."""
    device: torch.device
    overlaps: bool
    """One batch's results are read while the next is made."""
    compiles: Callable[[int], bool]
    """Whether what comes next is made with compiled code, after so many pixel-steps since the start."""


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
    ) -> None:
        """Keep the parts; nothing is computed.

        Args:
            stages: what pictures are made with.
            embeddings: the embeddings.
            plan: how the card's memory is used.
            on_step: hears which requests did which step (1-based); True stops.
        """
        self._stages = stages
        self._embeddings = embeddings
        self._plan = plan
        self._on_step = on_step
        self._left: list[RequestState] = []

    @property
    def files(self) -> list[str]:
        """Of the pictures without a result."""
        return [shot.request.file for shot in self._left]

    def begin(self, shots: Sequence[RequestState]) -> None:
        """Give the device the first try; a card goes on with it while the caller does other things.

        Args:
            shots: of one shape; those with latents or tries are alone.

        Raises:
            Stopped: `on_step` asked for it.
        """
        self._left = [*shots]
        party = TryBatch(shots=[*shots], rung=_first_rung(shots[0]))
        self._begun = party, [*self._launched(party)]

    def results(self) -> Iterator[tuple[RequestState, ShotResult] | RestartRequest]:
        """Each shot's result as soon as it is certain; a RestartRequest ends it early. Call `begin` before.

        Raises:
            Stopped: `on_step` asked for it.
        """
        left = self._left
        launches: Iterable[Launch]
        party, launches = self._begun
        waiting: deque[TryBatch] = deque()
        while True:
            failed: list[tuple[RequestState, TryOutcome]] = []
            for launch in launches:
                shot, tried = launch.shot, launch.end(party.rung)
                if tried.outcome == "ok":
                    left.remove(shot)
                    yield shot, shot.result(tried.picture)
                else:
                    failed.append((shot, tried))
            for step in self._after(party, failed, waiting):
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
            party = waiting.popleft()
            launches = self._launched(party)

    def _after(
        self, party: TryBatch, failed: Sequence[tuple[RequestState, TryOutcome]], waiting: Sequence[TryBatch]
    ) -> Iterator[TryBatch | RequestState | RestartRequest]:
        if any(tried.outcome == "oom" for _, tried in failed):
            leak = self._leak(party, waiting)
            if leak and NEW_PROCESS not in failed[0][0].tried:  # one that has had its new process ends in this one
                yield RestartRequest(history=failed[0][0].history(), why=leak)
                return
        yield from next_batches(party, failed, self._given(party))

    def _given(self, party: TryBatch) -> set[Need]:
        given: set[Need] = {"process"}
        if self._stages.device.type == "cuda":
            given.add("card")
        if len(party.shots) > 1:
            given.add("batched")
        setup = set_up(self._plan, party.shots[0].means)
        if setup.is_streamed and not setup.transformer.fp32:  # fp32 streams by its own nature
            given.add("streamed")
        if setup.compiled:
            given.add("compiled")
        return given

    def _launched(self, party: TryBatch) -> Iterator[Launch]:
        """Take the rung: give the device all of it, a shot at a time."""
        device = self._stages.device
        begin = DeviceEvent(device)
        self._stages.gauge.reset()
        for shot in party.shots:
            if shot.take(party.rung):
                self._embeddings.forget(shot.request)
        if party.rung.means.new_weights:
            self._stages.refill()
        leader = party.shots[0]
        setup = set_up(self._plan, leader.means | party.rung.means)
        made = self._denoised(party.shots, setup) if leader.latents is None else None
        middle = DeviceEvent(device)
        for item, shot in enumerate(party.shots):
            before = DeviceEvent(device)
            if isinstance(made, TryOutcome):
                decoded: Decoded | TryOutcome = made
            elif made is not None and made.are_here() and not made.values()[item]:
                decoded = NOT_FINITE  # known already: a decode would be in vain
            else:
                decoded = self._decoded(shot, setup)
            yield Launch(
                shot=shot,
                item=item,
                are_finite=made if isinstance(made, PendingCopy) else None,
                decoded=decoded,
                shared=(begin, middle),
                company=len(party.shots),
                own=(before, DeviceEvent(device)),
                peak_mib=self._stages.gauge.peak_mib(),
            )

    def _denoised(self, shots: Sequence[RequestState], setup: Setup) -> PendingCopy | TryOutcome:
        """Give each shot its latents, and tell later which are good; or what failed for all."""
        requests = [shot.request for shot in shots]
        texts = catch_out_of_memory(lambda: [self._embeddings.of(request, setup=setup) for request in requests])
        if isinstance(texts, OutOfMemory):
            return TryOutcome(outcome="oom", stage="encode", note=f"encode: {texts.why}")
        if not setup.encoder_stays:
            self._stages.encode.leave()
        made = catch_out_of_memory(
            lambda: self._stages.denoise(
                requests, texts, setup=setup, on_step=lambda step: self._on_step(requests, step)
            )
        )
        if isinstance(made, OutOfMemory):
            return TryOutcome(outcome="oom", stage="denoise", note=f"denoise: {made.why}")
        if made.is_stopped:
            raise Stopped
        for shot, latents in zip(shots, torch.split(made.latents, 1), strict=True):
            shot.latents = latents.clone()
        return made.are_finite

    def _decoded(self, shot: RequestState, setup: Setup) -> Decoded | TryOutcome:
        latents = shot.latents
        assert latents is not None
        if not setup.encoder_stays:
            self._stages.encode.leave()
        # the transformer too, where a rung moved it: the latents may have been made on a lower one
        moved = catch_out_of_memory(lambda: self._stages.denoise.offload(setup))
        if isinstance(moved, OutOfMemory):
            return TryOutcome(outcome="oom", stage="decode", note=f"decode: {moved.why}")
        decoded = catch_out_of_memory(lambda: self._stages.decode(latents, setup=setup))
        if isinstance(decoded, OutOfMemory):
            return TryOutcome(outcome="oom", stage="decode", note=f"decode: {decoded.why}")
        return decoded

    def _leak(self, party: TryBatch, waiting: Sequence[TryBatch]) -> str:
        """Why the process must be replaced, or nothing."""
        shots = [*party.shots, *(shot for other in waiting for shot in other.shots)]
        latents = sum(shot.latents.nbytes for shot in shots if shot.latents is not None)
        surplus = self._stages.gauge.surplus_mib(self._embeddings.held_bytes() + latents)
        return f"{surplus:.0f} MiB of the card's memory did not come back" if surplus > LEAK_MIB else ""


def _others(left: Sequence[RequestState], renewal: RestartRequest) -> tuple[History, ...]:
    histories = (shot.history() for shot in left if shot.latents is not None)
    return tuple(history for history in histories if history.file != renewal.history.file)


def _first_rung(shot: RequestState) -> Rung:
    if shot.tries:
        return RUNGS[NEW_PROCESS]  # only a process that is gone leaves tries behind
    return shot.begun_with[-1] if shot.begun_with else FIRST
