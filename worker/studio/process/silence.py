"""How long the child may be silent: what is waited for, and how fast this child was so far, decide.

Pure: knows what was said, and no clock. The rule stands in the README beside this file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from worker.records import PictureResult, Progress, Request
from worker.studio.process.messages import Answer, Finished

NEWEST = 5
"""Pictures of a kind whose speed counts: one that was disturbed, or compiled first, does not change their median."""
Kind = tuple[int, bool, str]
"""Pictures of one speed: pixels, whether guided, and how the memory is used, as the child tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLimits:
    """Seconds that a child may say nothing before it counts as hung."""

    loading_s: float = 3600.0
    """All of a load: 33 GB at 18 MB/s take half of it."""
    loading_idle_s: float = 180.0
    """While it loads, without computing or reading: as long as `doctor` gives a driver that does not answer."""
    message_s: float = 60.0
    """Until it takes up an order; also between two bytes of a message in either direction."""
    step_s: float = 30.0
    """At least, where its speed is known: so a card that stops is noticed within a minute."""
    times: float = 8.0
    """So many times what the pictures in work usually take: another program on the card costs less."""
    first_s: float = 900.0
    """Where its speed is not known: compiling for a first step takes minutes, as does a try on a slow rung."""
    cpu_s: float = 21_600.0
    """Likewise on a CPU: a guided step of 2048x2048 at 0.05 TFLOP/s, which a laptop has, takes 3.6 hours."""
    cpu_idle_s: float = 60.0
    """On a CPU, without computing or reading."""
    stopping_s: float = 600.0
    """A worker that is asked to stop waits so long for the picture in work: less than systemd's `TimeoutStopSec=`."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may pass before the child counts as hung, in seconds."""

    silent_s: float
    """Without a word."""
    idle_s: float | None = None
    """Without a word while it neither computes nor reads; None where that says nothing: a card computes by itself, and
    who waits for one computes."""


class Speed:
    """One child's speed, and what it is at; from that, how long it may be silent."""

    def __init__(self, limits: SilenceLimits, *, is_card: bool, recorded_s: float | None) -> None:
        """Of a child that has just loaded its model.

        Args:
            limits: see there.
            is_card: whether it computes on a GPU.
            recorded_s: what earlier pictures of this worker took, in seconds per pixel-step; None when unknown.
        """
        self._limits = limits
        self._is_card = is_card
        self._recorded_s = recorded_s
        self._seen: dict[Kind, deque[float]] = {}
        self._kinds: dict[str, Kind] = {}
        self._requests: dict[str, Request] = {}
        self._resumed: frozenset[str] = frozenset()
        self._in_work: tuple[str, ...] = ()
        self._has_spoken = False
        self._is_known = False

    def order(self, requests: Sequence[Request], resumed: Iterable[str] = ()) -> None:
        """These are asked for now.

        Args:
            requests: all of them.
            resumed: files of those that another process did not bring home: they may be tried in a slower way.
        """
        self._requests = {request.file: request for request in requests}
        self._resumed = frozenset(resumed)
        self._kinds, self._in_work, self._has_spoken, self._is_known = {}, (), False, False

    def hear(self, answer: Answer) -> None:
        """Follow what the child says."""
        self._has_spoken = True
        match answer:
            case Progress():
                self._in_work = answer.files or (answer.request.file,)
                if not answer.step:  # a batch begins with its plan; encoding, or another try, without one
                    kind = _kind(answer.request, answer.plan)
                    is_usual = bool(answer.plan) and self._resumed.isdisjoint(self._in_work)
                    self._is_known = is_usual and kind in self._seen
                    if answer.plan:
                        self._kinds |= {file: kind for file in self._in_work if file not in self._kinds}
            case PictureResult():
                self._in_work = tuple(file for file in self._in_work if file != answer.request.file)
                self._learn(answer)
            case Finished():
                self._in_work = ()

    def _learn(self, result: PictureResult) -> None:
        kind = self._kinds.pop(result.request.file, None)
        if kind is not None and result.picture is not None and len(result.tries) == 1:
            rates = self._seen.setdefault(kind, deque(maxlen=NEWEST))
            rates.append(result.tries[0].seconds / result.request.pixel_steps)

    def allowed(self) -> Allowed:
        """How long nothing may be heard from now on."""
        limits = self._limits
        if not self._has_spoken:
            return Allowed(limits.message_s)
        usual_s = limits.times * self._usual_s()
        if self._is_card:
            return Allowed(max(limits.step_s if self._is_known else limits.first_s, usual_s))
        return Allowed(max(limits.first_s if self._is_known else limits.cpu_s, usual_s), limits.cpu_idle_s)

    def _usual_s(self) -> float:
        """What all pictures in work usually take, in seconds: a card is given all of it at once."""
        rates = {file: self._rate_s(file) for file in self._in_work if file in self._requests}
        return sum(rate_s * self._requests[file].pixel_steps for file, rate_s in rates.items())

    def _rate_s(self, file: str) -> float:
        kind = self._kinds.get(file)
        if kind is not None and kind in self._seen:
            return median_low(self._seen[kind])
        return self._recorded_s or 0.0


def _kind(request: Request, plan: str) -> Kind:
    return request.width_px * request.height_px, request.guidance > 0, plan


def loading(limits: SilenceLimits) -> Allowed:
    """How long a child may say nothing while it loads the model."""
    return Allowed(limits.loading_s, limits.loading_idle_s)
