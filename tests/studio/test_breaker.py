"""Three hundred pictures, with each class of error on every one, on one in ten, once: loads, time, what is told.

The renderer's own code with a scripted process: what is counted are its starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from scripted_card import KINDS, VERDICTS, Card
from structlog.testing import capture_logs

from worker.demo import weights_dir
from worker.errors import ExitCode, RendererBroken
from worker.records import PictureResult, Request
from worker.studio.process.messages import Answer, Load, Logged, Render, Stumble
from worker.studio.process.parent import ChildRenderer
from worker.studio.retry.breaker import LASTS_PICTURES, OWN_FAULTS

PICTURES = 300


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
    def render(card: Card, *, jobs: int = 1, pictures: int = PICTURES, follows_broken: bool = False) -> Night:
        monkeypatch.setattr("worker.studio.process.parent.Child", card.process)
        load, results, broken = Load(folder=weights_dir(), compile="auto"), [], None
        renderer = ChildRenderer(load, follows_broken=follows_broken)
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


def test_after_a_broken_run_a_lone_picture_is_not_blamed_as_long_as_nothing_is_made(night) -> None:
    """Else a broken card would move one job to `failed` at each start."""
    end = night(Card(KINDS["crashed"], lambda *_: True), jobs=300, pictures=1, follows_broken=True)
    assert (end.failed, end.loads) == ([], 3)
    assert end.broken is not None
    made_before = night(Card(KINDS["crashed"], lambda *_: True), jobs=1, pictures=2, follows_broken=True)
    assert made_before.failed == []
    card = Card(KINDS["crashed"], lambda request, _: request.seed == 1)
    one_bad = night(card, pictures=2, follows_broken=True)
    assert [result.request.seed for result in one_bad.failed] == [1]


def test_a_careful_run_is_as_usual_again_for_the_jobs_after_enough_good_pictures(night) -> None:
    card = Card(KINDS["crashed"], lambda *_: card.loads < 3)
    end = night(card, jobs=2, pictures=LASTS_PICTURES + 5)
    assert (end.failed, end.broken, end.loads) == ([], None, 3)
    assert [mode.is_careful for mode in card.modes][-2:] == [True, False]
    assert [event["careful"] for event in end.told if event["event"] == "run.changed"] == [True, False]


def test_an_error_while_it_is_interrupted_leaves_a_process_that_takes_new_work(night, ask, monkeypatch) -> None:
    card = Card(KINDS["an error"], lambda request, _: request.seed == 1)
    monkeypatch.setattr("worker.studio.process.parent.Child", card.process)
    renderer = ChildRenderer(Load(folder=weights_dir()))
    renderer.start()
    results = renderer.render([ask(file=f"{n}.png", seed=n, steps=1) for n in range(3)], on_progress=lambda _: None)
    next(results)
    results.close()
    [again] = renderer.render([ask(file="9.png", seed=9, steps=1)], on_progress=lambda _: None)
    assert again.picture is not None
    assert card.loads == 1


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
