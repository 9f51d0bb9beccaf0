"""Three hundred pictures, with each class of error on every one, on one in ten, once: loads, time, what is told.

The renderer's own code with a scripted process: what is counted are its starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from worker.demo import weights_dir
from worker.errors import ExitCode, RendererBroken, RendererDied
from worker.identity import RendererInfo
from worker.records import Picture, PictureResult, Progress, Request, Try
from worker.studio.process.messages import Answer, Finished, Load, Loaded, Logged, Order, Render, Stumble
from worker.studio.process.parent import ChildRenderer
from worker.studio.process.vital_signs import VitalSigns
from worker.studio.retry.breaker import OWN_FAULTS
from worker.studio.retry.history import NEW_PROCESS, History, RestartRequest

PICTURES = 300
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


@dataclass
class Night:
    """What came of a job."""

    loads: int
    seconds: float
    made: int
    failed: list[PictureResult]
    broken: RendererBroken | None
    told: list[dict]


@pytest.fixture
def night(ask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Night]:
    def render(card: Card, *, jobs: int = 1, pictures: int = PICTURES) -> Night:
        monkeypatch.setattr("worker.studio.process.parent.Child", card.process)
        renderer, results, broken = ChildRenderer(Load(folder=weights_dir(), compile="auto")), [], None
        renderer.start()
        with capture_logs() as told:
            try:
                for _ in range(jobs):
                    job = [ask(file=f"{n:03}.png", seed=n, steps=1) for n in range(pictures)]
                    results += renderer.render(job, on_progress=lambda _: None)
            except RendererBroken as error:
                broken = error
        failed = [result for result in results if result.picture is None]
        return Night(card.loads, card.seconds, len(results) - len(failed), failed, broken, told)

    return render


def row(kind: str, how_often: str, night: Night) -> str:
    end = "exit 13" if night.broken else "goes on"
    events = ", ".join(f"{event['event']}" for event in night.told[:3])
    return (
        f"| {kind:16} | {how_often:9} | {night.loads:5} | {night.seconds / 60:7.1f} | {night.made:4} | "
        f"{len(night.failed):6} | {end:7} | {events}{', ...' if len(night.told) > 3 else ''} |"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_on_every_picture(night, kind: str, capsys) -> None:
    end = night(Card(KINDS[kind], lambda *_: True))
    print(row(kind, "every", end))
    assert end.loads <= 1 + OWN_FAULTS + PICTURES // 50 if kind in VERDICTS else end.loads == 3
    assert end.made == 0
    if kind in VERDICTS:
        assert end.broken is None
        assert len(end.failed) == PICTURES
        return
    assert end.failed == []  # nobody is blamed: the next start goes on with all of them
    assert end.broken.exit_code == ExitCode.DEVICE_UNAVAILABLE
    assert "The renderer failed 3 times without a good picture between them (000.png, 001.png, 002.png)" in str(
        end.broken
    )
    assert [event["event"] for event in end.told] == [
        "renderer.replaced", "renderer.replaced", "run.changed", "renderer.replaced",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_on_one_picture_in_ten(night, kind: str) -> None:
    end = night(Card(KINDS[kind], lambda request, _: request.seed % 10 == 9))
    print(row(kind, "1 in 10", end))
    bad = PICTURES // 10
    assert end.broken is None
    assert end.made == PICTURES - bad
    assert {result.request.seed % 10 for result in end.failed} == {9}
    assert all(result.error for result in end.failed)
    if kind in ("an error", "no host memory"):  # the process goes on
        assert end.loads == 1 + 2 * OWN_FAULTS
    elif kind in VERDICTS:
        assert end.loads <= 2 + OWN_FAULTS
    else:  # what kills a process costs its loading, once; two pictures show that another try is in vain
        assert end.loads <= 1 + bad + OWN_FAULTS


@pytest.mark.parametrize("kind", KINDS)
def test_once(night, kind: str) -> None:
    begun = []

    def first_time(request: Request, _order: Render) -> bool:
        begun.append(request.seed)
        return request.seed == 150 and begun.count(150) == 1

    end = night(Card(KINDS[kind], first_time))
    print(row(kind, "once", end))
    assert (end.loads, end.made, end.failed, end.broken) == (2, PICTURES, [], None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in VERDICTS])
def test_what_a_careful_run_cures_is_made_and_the_run_stays_careful(night, kind: str) -> None:
    card = Card(KINDS[kind], lambda _, order: not order.mode.is_careful)
    end = night(card)
    print(row(kind, "till care", end))
    assert (end.made, end.failed, end.broken) == (PICTURES, [], None)
    assert end.loads == 3
    assert card.modes[-1].is_careful
    # streamed blocks want more of the host's memory
    assert card.modes[-1].is_streamed == (kind not in ("no host memory", "killed"))


def test_a_lone_picture_fails_alone_and_a_second_job_that_fails_alike_ends_the_run(night) -> None:
    end = night(Card(KINDS["crashed"], lambda *_: True), jobs=300, pictures=1)
    print(row("crashed", "300 jobs", end))
    assert [result.request.file for result in end.failed] == ["000.png"]
    assert len(end.failed[0].tries) == 3
    assert end.loads <= 4
    assert end.broken is not None


def test_a_process_after_one_whose_compiler_failed_does_not_compile(night) -> None:
    def gives_up_and_crashes(_request: Request, _order: Render) -> Iterator[Answer]:
        yield Logged(level="warning", event="compiler.failed", facts={"why": "no C compiler"})
        yield Stumble(kind="broken context", name="RuntimeError", why="crashed", stage="decode")

    begun: list[Request] = []
    card = Card(gives_up_and_crashes, lambda request, _: begun.append(request) or len(begun) == 1)
    end = night(card)
    assert end.made == PICTURES
    assert card.compiles == ["auto", "never"]


def test_ever_new_errors_end_the_run_too(night) -> None:
    names = iter(range(10_000))

    def new_error(_request: Request, _order: Render) -> Iterator[Answer]:
        name = re.sub("[0-9]", lambda digit: chr(ord("a") + int(digit[0])), str(next(names)))
        yield Stumble(kind="other", name=name, why=name, stage="denoise")

    end = night(Card(new_error, lambda *_: True))
    assert end.broken is not None
    assert end.loads == 6


def test_being_careful_ends_with_the_picture_that_was_at_fault_itself(night) -> None:
    card = Card(KINDS["crashed"], lambda request, _: request.seed in (7, 8))  # one after the other: alike twice
    end = night(card)
    assert any(mode.is_careful for mode in card.modes)
    assert not card.modes[-1].is_careful
    assert [result.request.seed for result in end.failed] == [7, 8]
    assert end.made == PICTURES - 2


def test_failures_of_different_stages_are_not_alike(night) -> None:
    def by_turns(request: Request, _order: Render) -> Iterator[Answer]:
        stage = ("encode", "denoise", "decode")[request.seed % 3]
        yield Stumble(kind="other", name="ValueError", why="v", stage=stage)

    card = Card(by_turns, lambda *_: True)
    night(card)
    assert not card.modes[2].is_careful
    assert card.modes[-1].is_careful
