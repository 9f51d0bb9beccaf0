"""Pictures made together, each on its way up the ladders until it is there or no rung is left.

Knows the order attempt, verdict, next rung, and who goes on with whom. Must not know the models behind the stages,
processes or files.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from worker.records import Request, ShotResult
from worker.studio.history import NEW_PROCESS, History, Renewal
from worker.studio.ladders import FIRST, RUNGS, Need, Rung
from worker.studio.memory import Plan
from worker.studio.parties import Party, next_parties
from worker.studio.recovery import Shortage, unless_short
from worker.studio.setup import Setup, set_up
from worker.studio.shot import Shot, Tried
from worker.studio.stages import Decoded, Denoised, OnStep, Texts
from worker.studio.texts import Encode, TextBook
from worker.studio.verdict import judge

LEAK_MIB = 64
"""More than this above what is known to be on the card, after a recovery, is a leak: the process is replaced."""


class Denoise(Protocol):
    """`stages.Denoiser`, or what a test puts in its place."""

    def __call__(
        self, requests: Sequence[Request], texts: Sequence[Texts], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        """Latents of a batch."""

    def make_way(self, setup: Setup) -> None:
        """Put the transformer where it waits during a decode."""


class Decode(Protocol):
    """`stages.Decoder`, likewise."""

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
    compiles: Callable[[int], bool]
    """Whether a job of so many pictures is made with compiled code."""


class Stopped(Exception):
    """Raised inside a climb when it was asked to stop; nothing of the unfinished pictures is kept."""


_NOT_FINITE = Tried(outcome="not_finite", stage="denoise", note="the latents are not finite")


class Climb:
    """Makes one batch of pictures."""

    def __init__(
        self,
        *,
        stages: Stages,
        book: TextBook,
        plan: Plan,
        on_step: Callable[[Sequence[Request], int], bool],
    ) -> None:
        """Keep the parts; nothing is computed.

        Args:
            stages: what pictures are made with.
            book: the embeddings.
            plan: how the card's memory is used.
            on_step: hears which requests did which step (1-based); True stops.
        """
        self._stages = stages
        self._book = book
        self._plan = plan
        self._on_step = on_step

    def results(self, shots: Sequence[Shot]) -> Iterator[tuple[Shot, ShotResult] | Renewal]:
        """Each shot's result as soon as it is certain; a Renewal ends it early.

        Args:
            shots: of one shape; those with latents or attempts are alone.

        Raises:
            Stopped: `on_step` asked for it.
        """
        parties = deque([Party(shots=[*shots], rung=_first_rung(shots[0]))])
        left = [*shots]
        while parties:
            party = parties.popleft()
            failed: list[tuple[Shot, Tried]] = []
            for shot, tried in self._attempt(party):
                if tried.outcome == "ok":
                    left.remove(shot)
                    yield shot, shot.result(tried.picture)
                else:
                    failed.append((shot, tried))
            for step in self._after(party, failed, parties):
                if isinstance(step, Party):
                    parties.append(step)
                elif isinstance(step, Shot):
                    left.remove(step)
                    yield step, step.result(None)
                else:
                    yield replace(step, others=_others(left, step))
                    return

    def _after(
        self, party: Party, failed: Sequence[tuple[Shot, Tried]], waiting: Sequence[Party]
    ) -> Iterator[Party | Shot | Renewal]:
        if any(tried.outcome == "oom" for _, tried in failed):
            leak = self._leak(party, waiting)
            if leak and NEW_PROCESS not in failed[0][0].tried:  # one that has had its new process ends in this one
                yield Renewal(history=failed[0][0].history(), why=leak)
                return
        yield from next_parties(party, failed, self._given(party))

    def _given(self, party: Party) -> set[Need]:
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

    def _attempt(self, party: Party) -> Iterator[tuple[Shot, Tried]]:
        """Take the rung; each shot's attempt is written down before it is given out."""
        begun_s = time.perf_counter()
        self._stages.gauge.reset()
        for shot in party.shots:
            if shot.take(party.rung):
                self._book.forget(shot.request)
        if party.rung.means.new_weights:
            self._stages.refill()
        leader = party.shots[0]
        setup = set_up(self._plan, leader.means | party.rung.means)
        fates = self._denoised(party.shots, setup) if leader.latents is None else [None] * len(party.shots)
        shared_s = (time.perf_counter() - begun_s) / len(party.shots)
        for shot, fate in zip(party.shots, fates, strict=True):
            begun_s = time.perf_counter()
            tried = fate or self._decoded(shot, setup)
            seconds = shared_s + time.perf_counter() - begun_s
            shot.write_down(party.rung, tried, seconds=seconds, peak_mib=self._stages.gauge.peak_mib())
            yield shot, tried

    def _denoised(self, shots: Sequence[Shot], setup: Setup) -> list[Tried | None]:
        """Give each shot its latents; what failed is told, shot by shot."""
        requests = [shot.request for shot in shots]
        texts = unless_short(lambda: [self._book.of(request, setup=setup) for request in requests])
        if isinstance(texts, Shortage):
            return [Tried(outcome="oom", stage="encode", note=f"encode: {texts.why}")] * len(shots)
        if not setup.encoder_stays:
            self._stages.encode.leave()
        made = unless_short(
            lambda: self._stages.denoise(
                requests, texts, setup=setup, on_step=lambda step: self._on_step(requests, step)
            )
        )
        if isinstance(made, Shortage):
            return [Tried(outcome="oom", stage="denoise", note=f"denoise: {made.why}")] * len(shots)
        if made.is_stopped:
            raise Stopped
        fates: list[Tried | None] = []
        for shot, latents, is_finite in zip(shots, torch.split(made.latents, 1), made.are_finite, strict=True):
            shot.latents = latents.clone() if is_finite else None
            fates.append(None if is_finite else _NOT_FINITE)
        return fates

    def _decoded(self, shot: Shot, setup: Setup) -> Tried:
        latents, request = shot.latents, shot.request
        assert latents is not None
        if not setup.encoder_stays:
            self._stages.encode.leave()
        # the transformer too, where a rung moved it: the latents may have been made on a lower one
        moved = unless_short(lambda: self._stages.denoise.make_way(setup))
        if isinstance(moved, Shortage):
            return Tried(outcome="oom", stage="decode", note=f"decode: {moved.why}")
        decoded = unless_short(lambda: self._stages.decode(latents, setup=setup))
        if isinstance(decoded, Shortage):
            return Tried(outcome="oom", stage="decode", note=f"decode: {decoded.why}")
        outcome = judge(decoded.statistics, width_px=request.width_px, height_px=request.height_px)
        return Tried(outcome=outcome, stage="decode", picture=decoded.picture)

    def _leak(self, party: Party, waiting: Sequence[Party]) -> str:
        """Why the process must be replaced, or nothing."""
        shots = [*party.shots, *(shot for other in waiting for shot in other.shots)]
        latents = sum(shot.latents.nbytes for shot in shots if shot.latents is not None)
        surplus = self._stages.gauge.surplus_mib(self._book.held_bytes() + latents)
        return f"{surplus:.0f} MiB of the card's memory did not come back" if surplus > LEAK_MIB else ""


def _others(left: Sequence[Shot], renewal: Renewal) -> tuple[History, ...]:
    histories = (shot.history() for shot in left if shot.latents is not None)
    return tuple(history for history in histories if history.file != renewal.history.file)


def _first_rung(shot: Shot) -> Rung:
    if shot.attempts:
        return RUNGS[NEW_PROCESS]  # only a process that is gone leaves attempts behind
    return shot.begun_with[-1] if shot.begun_with else FIRST
