"""A try that the device was given: how it ends is known later.

Knows what to wait for, and what it comes to. Must not know what is tried next.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.studio.card.transfers import DeviceEvent, PendingCopy
from worker.studio.render.request_state import RequestState, TryOutcome
from worker.studio.retry.ladders import Rung
from worker.studio.retry.verdict import judge
from worker.studio.stages.decode import Decoded

NOT_FINITE = TryOutcome(outcome="not_finite", stage="denoise", note="the latents are not finite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One shot's one_try, given to the device."""

    shot: RequestState
    item: int
    """Its place in the batch."""
    are_finite: PendingCopy | None
    """(B,) bool; None where the latents were good before."""
    decoded: Decoded | TryOutcome
    """Or what is known to have failed."""
    shared: tuple[DeviceEvent, DeviceEvent]
    company: int
    own: tuple[DeviceEvent, DeviceEvent]
    peak_mib: float | None

    def end(self, rung: Rung) -> TryOutcome:
        """Wait for the device, and write the try down."""
        tried = self._tried()
        seconds = self.shared[0].until(self.shared[1]) / self.company + self.own[0].until(self.own[1])
        self.shot.write_down(rung, tried, seconds=seconds, peak_mib=self.peak_mib)
        return tried

    def _tried(self) -> TryOutcome:
        shot, request = self.shot, self.shot.request
        if self.are_finite is not None and not self.are_finite.values()[self.item]:
            shot.latents = None
            return NOT_FINITE
        if isinstance(self.decoded, TryOutcome):
            return self.decoded
        outcome = judge(self.decoded.statistics(), width_px=request.width_px, height_px=request.height_px)
        return TryOutcome(outcome=outcome, stage="decode", picture=self.decoded.picture())
