"""One request on its way through the ladders, until there is a picture or no rung is left.

Knows the order attempt, verdict, next rung. Must not know the models behind the stages, processes or files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from worker.records import Attempt, Outcome, Picture, Refused, Request, ShotResult
from worker.studio.ladders import FIRST, Means, Rung, Stage, next_rung
from worker.studio.recovery import is_out_of_memory, reclaim, release_frames
from worker.studio.stages import Decoded, Denoised, OnStep, Texts
from worker.studio.texts import Encode
from worker.studio.verdict import judge


class Denoise(Protocol):
    """`stages.Denoiser`, or what a test puts in its place."""

    def __call__(self, requests: Sequence[Request], texts: Sequence[Texts], *, on_step: OnStep) -> Denoised:
        """Latents of a batch."""


class Decode(Protocol):
    """`stages.Decoder`, likewise."""

    def __call__(self, latents: torch.Tensor, *, in_fp32: bool = False, alone: bool = False) -> tuple[Decoded, ...]:
        """Pictures of a batch."""


class ReadsPeak(Protocol):
    """`device.Gauge`, likewise."""

    def reset(self) -> None:
        """Begin a new peak."""

    def peak_mib(self) -> float | None:
        """Peak since then, in MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a shot is made with."""

    encode: Encode
    denoise: Denoise
    decode: Decode
    gauge: ReadsPeak


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one attempt came to."""

    outcome: Outcome
    stage: Stage
    """Where it failed; `decode` when it did not."""
    picture: Picture | None = None
    note: str = ""


class Shot:
    """One request's state between attempts."""

    def __init__(
        self,
        request: Request,
        *,
        bench: Bench,
        texts: Callable[[bool], Texts],
        forget: Callable[[], None],
        leaves: bool,
        on_step: OnStep,
    ) -> None:
        """Keep the parts; nothing is computed.

        Args:
            request: what to picture.
            bench: the stages.
            texts: gives the request's embeddings, computed on the host when told so; kept ones are given at once.
            forget: drops kept embeddings.
            leaves: the text encoder is off the card while denoising and decoding.
            on_step: hears of every step; True stops.
        """
        self._request = request
        self._bench = bench
        self._texts = texts
        self._forget = forget
        self._on_step = on_step
        self._means = Means(encoder_leaves=leaves)
        self._latents: torch.Tensor | None = None
        self._attempts: list[Attempt] = []
        self._refused: list[Refused] = []

    def make(self) -> ShotResult | None:
        """Climb until the picture is there, the ladder ends, or `on_step` stops.

        Returns:
            None when it was stopped.
        """
        rung: Rung | None = FIRST
        picture = None
        while rung is not None and picture is None:
            tried = self._climb(rung)
            if tried is None:
                return None
            if tried.outcome == "ok":
                picture = tried.picture
            rung = next_rung(tried.outcome, tried.stage, tried={attempt.rung for attempt in self._attempts})
        return ShotResult(
            request=self._request,
            picture=picture,
            attempts=tuple(self._attempts),
            refused=tuple(self._refused),
            error=None if picture is not None else why_refused(self._attempts, self._request),
        )

    def _climb(self, rung: Rung) -> Tried | None:
        """Take a rung and write down what came of it."""
        begun_s = time.perf_counter()
        self._bench.gauge.reset()
        tried = self._attempt(rung)
        if tried is None:
            return None
        attempt = Attempt(
            rung=rung.name,
            outcome=tried.outcome,
            seconds=round(time.perf_counter() - begun_s, 3),
            peak_mib=self._bench.gauge.peak_mib(),
            note=tried.note,
        )
        self._attempts.append(attempt)
        if tried.outcome != "ok" and tried.picture is not None:
            self._refused.append(Refused(rung=rung.name, outcome=tried.outcome, picture=tried.picture))
        return tried

    def _attempt(self, rung: Rung) -> Tried | None:
        self._means |= rung.means
        if rung.resumes_at == "encode":
            self._forget()
            self._latents = None
        stage: Stage = "encode"
        shortage = ""
        try:
            if self._latents is None:
                texts = self._texts(self._means.encoder_on_host)
                stage = "denoise"
                denoised = self._denoised(texts)
                if denoised.is_stopped:
                    return None
                if not all(denoised.are_finite):
                    return Tried(outcome="not_finite", stage=stage, note="the latents are not finite")
                self._latents = denoised.latents
            stage = "decode"
            return self._decoded(self._latents)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            release_frames(error)
            shortage = str(error).partition("\n")[0]
        # outside `except`: the traceback, and the tensors it holds, are gone
        reclaim()
        return Tried(outcome="oom", stage=stage, note=f"{stage}: {shortage}")

    def _denoised(self, texts: Texts) -> Denoised:
        if self._means.encoder_leaves:
            self._bench.encode.leave()
        return self._bench.denoise([self._request], [texts], on_step=self._on_step)

    def _decoded(self, latents: torch.Tensor) -> Tried:
        if self._means.encoder_leaves:
            self._bench.encode.leave()
        (decoded,) = self._bench.decode(latents, in_fp32=self._means.decode_fp32, alone=self._means.decode_alone)
        outcome = judge(decoded.statistics, width_px=self._request.width_px, height_px=self._request.height_px)
        return Tried(outcome=outcome, stage="decode", picture=decoded.picture)


def why_refused(attempts: Sequence[Attempt], request: Request) -> str:
    """Why there is no picture and what to do, for a person.

    Args:
        attempts: all of them, none ok.
        request: what was asked.
    """
    tale = ", ".join(f"{attempt.outcome.replace('_', ' ')} ({attempt.rung})" for attempt in attempts)
    count = f"{len(attempts)} {'try' if len(attempts) == 1 else 'tries'}"
    if attempts[-1].outcome == "oom":
        remedy = (
            f"The card's memory did not suffice for {request.width_px}x{request.height_px}: "
            "end other programs on the card, or ask for a smaller size."
        )
    else:
        remedy = "Try another seed or prompt; if other shots fail too, check the model with `zimage-worker doctor`."
    return f"No usable picture after {count}: {tale}. {remedy}"
