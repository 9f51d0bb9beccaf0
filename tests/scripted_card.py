"""A scripted card: the renderer's process as its parent sees it, with errors planted, and a clock of its own.

What is counted are the starts of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from worker.errors import RendererDied
from worker.identity import RendererInfo
from worker.records import Picture, PictureResult, Progress, Request, Try
from worker.studio.process.messages import Answer, Finished, Load, Loaded, Order, Render, Stumble
from worker.studio.process.vital_signs import VitalSigns
from worker.studio.retry.history import NEW_PROCESS, History, RestartRequest

LOAD_S, PICTURE_S = 40.0, 2.0
"""What a start and a picture take on this script's card."""
DOT = Picture(width_px=64, height_px=64, rgb=bytes(64 * 64 * 3))
INFO = RendererInfo(
    device="cuda:0", gpu="g", precision="bf16", memory_mib=24_000, room_mib=23_000, torch="2", diffusers="0"
)
Wrong = Callable[[Request, Render], Iterator[Answer]]


def stumbles(kind: str, name: str, words: str) -> Wrong:
    def wrong(_request: Request, _order: Render) -> Iterator[Answer]:
        yield Stumble(kind=kind, name=name, why=f"{name}: {words}", stage="decode")

    return wrong


def dies(words: str) -> Wrong:
    def wrong(_request: Request, _order: Render) -> Iterator[Answer]:
        raise RendererDied(words)
        yield

    return wrong


def climbs(outcome: str) -> Wrong:
    """A ladder to its end: a new process where one is given, else no picture."""

    def wrong(request: Request, order: Render) -> Iterator[Answer]:
        tries = (Try(rung="first", outcome=outcome, seconds=1.0), Try(rung="free_cache", outcome=outcome, seconds=1.0))
        if request.file in {history.file for history in order.histories}:
            tries = (*tries, Try(rung=NEW_PROCESS, outcome=outcome, seconds=1.0))
        elif outcome not in order.mode.vain_restarts:
            yield RestartRequest(history=History(file=request.file, tries=tries), why=outcome)
            return
        yield PictureResult(request=request, picture=None, tries=tries, error=f"{outcome} to the end")

    return wrong


KINDS = {
    "an error": stumbles("other", "IndexError", "index 512 is out of bounds"),
    "a broken context": stumbles("broken context", "RuntimeError", "CUDA error: unspecified launch failure"),
    "no host memory": stumbles("host shortage", "MemoryError", "std::bad_alloc"),
    "killed": dies("The renderer's process was killed (signal 9): often by the kernel"),
    "crashed": dies("The renderer's process crashed (SIGSEGV)."),
    "hung": dies("The renderer's process said nothing for 600 s and was killed: it hung."),
    "out of memory": climbs("oom"),
    "black": climbs("black"),
}
VERDICTS = ("out of memory", "black")
"""Failures of pictures, not of the process: each fails by itself, and the worker goes on."""


@dataclass
class Card:
    """The scripted machine: its clock, and what goes wrong on it."""

    wrong: Wrong
    is_bad: Callable[[Request, Render], bool]
    loads: int = 0
    seconds: float = 0.0
    modes: list = field(default_factory=list)
    compiles: list[str] = field(default_factory=list)

    def process(self, *, on_wait: Callable[[], object]) -> Process:
        return Process(self)


class Process:
    """`spawn.Child` from the parent's side of the pipe."""

    pid = 1
    moved, is_amid_message = 0, False

    def __init__(self, card: Card) -> None:
        self._card = card
        self._answers: Iterator[Answer] = iter(())

    def is_alive(self) -> bool:
        return True

    def send(self, order: Order) -> None:
        if isinstance(order, Load):
            self._card.loads += 1
            self._card.compiles.append(order.compile)
            self._card.seconds += LOAD_S
            self._answers = iter([Loaded(info=INFO)])
        elif isinstance(order, Render):
            self._answers = self._rendered(order)

    def _rendered(self, order: Render) -> Iterator[Answer]:
        self._card.modes.append(order.mode)
        for request in order.requests:
            yield Progress(request=request, step=request.steps, steps=request.steps, files=(request.file,))
            self._card.seconds += PICTURE_S
            if not self._card.is_bad(request, order):
                yield PictureResult(
                    request=request, picture=DOT, tries=(Try(rung="first", outcome="ok", seconds=PICTURE_S),)
                )
                continue
            for answer in self._card.wrong(request, order):
                yield answer
                if isinstance(answer, Stumble | RestartRequest):
                    return
        yield Finished()

    def receive(self, *, within_s: float) -> Answer | None:
        return next(self._answers)

    def vital_signs(self) -> VitalSigns:
        return VitalSigns(0.0, 0)

    def kill(self) -> None: ...

    def end(self) -> None: ...
