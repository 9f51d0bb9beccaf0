"""The state of one request between its tries: what was tried, what is kept, what came of it.

Knows what a rung does to one request: which latents are kept, which seed, which evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch

from worker.records import Outcome, Picture, PictureResult, Refused, Request, Try
from worker.stage_times import StageSeconds
from worker.studio.card.transfers import DeviceEvent, PendingCopy
from worker.studio.retry.batch_split import FailedTry
from worker.studio.retry.fallback import PICTURE_RUNGS, Fallback
from worker.studio.retry.history import History
from worker.studio.retry.ladders import RUNGS, Need, Rung, Stage
from worker.studio.retry.verdict import judge
from worker.studio.stages.decode import Decoded
from worker.translation import enumerated, gettext, ngettext
from worker.try_words import OUTCOME_WORDS, rung_words

SEED_STEP = 0x9E3779B9
"""Added, modulo 2**32, for another seed: far from the seeds that `count` gives neighbours (2**32 / golden ratio)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOutcome:
    """What one try came to."""

    outcome: Outcome
    stage: Stage
    """Where it failed; `decode` when it did not."""
    picture: Picture | None = None
    note: str = ""


@dataclass(slots=True, kw_only=True, eq=False)
class RequestState:
    """One request, its tries so far and what they left."""

    request: Request
    """As it is made: with another seed once that rung was taken."""
    asked: Request
    latents: torch.Tensor | None = None
    """(1, 16, H/8, W/8) float32 on the device, once denoising is over."""
    tries: list[Try] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    begun_with: tuple[Rung, ...] = ()
    """Rungs that lessons of the run put before the first try."""
    room_mib: float | None = None
    """Memory of the card that this process might use when this picture last ran out of it."""
    _dropped: set[str] = field(default_factory=set)
    """Rungs that hold no longer."""
    _fault: TryOutcome | None = None
    """The last picture that was refused."""

    @classmethod
    def resumed(cls, request: Request, history: History, *, device: torch.device) -> RequestState:
        """Go on where another process ended.

        Args:
            request: as it was asked.
            history: of the request in that process.
            device: to put its latents on.
        """
        state = cls(request=request, asked=request, tries=[*history.tries], refused=[*history.refused])
        if history.latents is not None:
            flat = torch.frombuffer(bytearray(history.latents), dtype=torch.float32)
            state.latents = flat.view(1, -1, request.height_px // 8, request.width_px // 8).to(device)
            seed = history.tries[-1].seed  # they may be another seed's
            state.request = request if seed is None else replace(request, seed=seed)
        was_refused = any(one_try.outcome not in ("oom", "error") for one_try in history.tries)
        if history.latents is None or not was_refused:
            # from the beginning by the usual means; what only a lesson of the former process wanted ends with it
            state._dropped = set(PICTURE_RUNGS)
        return state

    def history(self) -> History:
        """What another process needs to go on."""
        latents = None if self.latents is None else self.latents.float().cpu().numpy().tobytes()
        return History(file=self.request.file, tries=tuple(self.tries), refused=tuple(self.refused), latents=latents)

    @property
    def tried(self) -> set[str]:
        """Names of the rungs taken."""
        return {rung.name for rung in self.begun_with} | {one_try.rung for one_try in self.tries}

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Rungs that are taken and hold, in the order in which they change the setup."""
        held = self.tried - self._dropped
        return tuple(rung for name, rung in RUNGS.items() if name in held)

    def take(self, rung: Rung) -> None:
        """Prepare the request for a try on this rung."""
        if rung.resumes_at in ("encode", "denoise"):
            self.latents = None
        if rung.new_seed:
            self.request = replace(self.request, seed=(self.request.seed + SEED_STEP) % 2**32)

    def write_down(
        self, rung: Rung, tried: TryOutcome, *, seconds: float, peak_mib: float | None, stages: StageSeconds
    ) -> None:
        """Add a try and its evidence.

        Args:
            rung: that was taken.
            tried: what came of it.
            seconds: its share of the time.
            peak_mib: of the allocator.
            stages: what its stages took.
        """
        self.tries.append(
            Try(
                rung=rung.name,
                outcome=tried.outcome,
                seconds=round(seconds, 3),
                peak_mib=peak_mib,
                note=tried.note,
                seed=self.request.seed if self.request.seed != self.asked.seed else None,
                lessons=() if self.tries else tuple(lesson.name for lesson in self.begun_with),
                stages=stages,
            )
        )
        if tried.outcome not in ("ok", "oom"):
            self._fault = tried
        if tried.outcome != "ok" and tried.picture is not None:
            self.refused.append(Refused(rung=rung.name, outcome=tried.outcome, picture=tried.picture))

    def failed_try(self, tried: TryOutcome, *, item: int, given: set[Need]) -> FailedTry:
        """A failed try as plain values, from which the next step is decided.

        Args:
            tried: the try.
            item: this request's place in the batch.
            given: what there is of what rungs need, permissions aside.
        """
        return FailedTry(
            item=item,
            outcome=tried.outcome,
            stage=tried.stage,
            tried=frozenset(self.tried),
            given=frozenset({*given, *self.request.allow}),
            fault=self._fault.outcome if self._fault is not None else None,
        )

    def let_go(self, fallback: Fallback) -> None:
        """Let go of what the fallback drops."""
        self._dropped |= fallback.dropped
        if not fallback.keeps_latents:
            self.latents = None

    def result(self, picture: Picture | None) -> PictureResult:
        """What came of the request in the end."""
        return PictureResult(
            request=self.asked,
            picture=picture,
            tries=tuple(self.tries),
            refused=tuple(self.refused),
            error=None if picture is not None else why_refused(self.tries, self.request),
        )


def why_refused(tries: Sequence[Try], request: Request) -> str:
    """Why there is no picture and what to do, for a person.

    Args:
        tries: all of them, none ok.
        request: what was asked.
    """
    tale = enumerated(
        gettext("{outcome} ({rung})", outcome=OUTCOME_WORDS[one.outcome], rung=rung_words(one.rung)) for one in tries
    )
    return gettext(
        "No usable picture after {tries}: {tale}. {remedy}",
        tries=ngettext("{count} try", "{count} tries", len(tries)),
        tale=tale,
        remedy=_remedy_for_memory(request) if tries[-1].outcome == "oom" else _remedy_for_picture(request),
    )


def _remedy_for_memory(request: Request) -> str:
    size = f"{request.width_px}x{request.height_px}"
    if "tiled_decode" in request.allow:
        return gettext(
            "The card's memory did not suffice for {size}: end other programs on the card, ask for a smaller size.",
            size=size,
        )
    return gettext(
        "The card's memory did not suffice for {size}: end other programs on the card, ask for a smaller size, "
        "or permit `allow: [tiled_decode]`.",
        size=size,
    )


def _remedy_for_picture(request: Request) -> str:
    if "new_seed" in request.allow:
        return gettext(
            "Try another seed or prompt; if other shots fail too, check the model with `zimage-worker doctor`."
        )
    return gettext(
        "Try another seed (or permit `allow: [new_seed]`) or prompt; if other shots fail too, check the model with "
        "`zimage-worker doctor`."
    )


@dataclass(slots=True, kw_only=True)
class TryBatch:
    """Requests that take a rung together."""

    states: list[RequestState]
    rung: Rung


NOT_FINITE = TryOutcome(outcome="not_finite", stage="denoise", note=gettext("the latents are not finite"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One request's try, given to the device."""

    state: RequestState
    item: int
    """Its place in the batch."""
    are_finite: PendingCopy | None
    """(B,) bool; None where the latents were good before."""
    decoded: Decoded | TryOutcome
    """Or what is known to have failed."""
    shared: tuple[DeviceEvent, DeviceEvent]
    batch_size: int
    denoise_begun: DeviceEvent
    """Within what is shared: what came before it is no stage, but what a rung took to prepare."""
    encode_s: Callable[[], float]
    """What encoding its prompts took, asked once the device has come that far."""
    own: tuple[DeviceEvent, DeviceEvent]
    peak_mib: float | None
    tile_px: int | None
    """Side of the VAE's tiles; None for a whole decode."""

    def end(self, rung: Rung) -> TryOutcome:
        """Wait for the device, and write the try down."""
        tried = self._tried()
        decode_s, shared_s = self.own[0].until(self.own[1]), self.shared[0].until(self.shared[1])
        stages = StageSeconds(
            encode_s=round(self.encode_s(), 3),
            denoise_s=round(self.denoise_begun.until(self.shared[1]) / self.batch_size, 3),
            decode_s=round(decode_s, 3),
        )
        seconds = shared_s / self.batch_size + decode_s
        self.state.write_down(rung, tried, seconds=seconds, peak_mib=self.peak_mib, stages=stages)
        return tried

    def _tried(self) -> TryOutcome:
        state, request = self.state, self.state.request
        if self.are_finite is not None and not self.are_finite.values()[self.item]:
            state.latents = None
            return NOT_FINITE
        if isinstance(self.decoded, TryOutcome):
            return self.decoded
        outcome = judge(self.decoded.statistics(), width_px=request.width_px, height_px=request.height_px)
        return TryOutcome(outcome=outcome, stage="decode", picture=self.decoded.picture(), note=self._note())

    def _note(self) -> str:
        """Tiles change a picture: they are told also where no rung, but the plan, wanted them."""
        request = self.state.request
        if self.tile_px is None or max(request.width_px, request.height_px) <= self.tile_px:
            return ""
        return gettext("decoded in tiles of {tile_px} pixels", tile_px=self.tile_px)
