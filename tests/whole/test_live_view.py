"""How often a job in work is shown: as its size and the share allow, at once where its state changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from twins import paint

from tests.delivery.conftest import RECORD, REQUEST
from worker.clocks import Clocks
from worker.daemon.live_view import PAGE_S, RECEIPT_S, RECORD_S, SHARE_OF_TIME, LiveView
from worker.delivery.delivery import FileDelivery
from worker.live_records import Shown
from worker.records import PictureResult, Progress, Try


class Share:
    """Where people look, on a clock of its own; each writing takes its time."""

    def __init__(self, writing_s: float = 0.0) -> None:
        self.now_s = 0.0
        self.writing_s = writing_s
        self.shown: list[tuple[float, Shown]] = []
        self.jobs: list[object] = []
        self.publishing = self.inbox = self

    def show(self, _claim: object, shown: Shown, *, name: str) -> None:
        self.shown.append((self.now_s, shown))
        self.now_s += self.writing_s

    def foresee_work(self, _claim: object, job: object) -> None:
        self.jobs.append(job)


@pytest.fixture
def view_on() -> Callable[[Share], LiveView]:
    return lambda share: LiveView(
        claim=SimpleNamespace(), record=replace(RECORD, finished_at=None), folder="mugs.partial",
        delivery=FileDelivery(), spool=share, clocks=Clocks(monotonic=lambda: share.now_s),
        worked_s=lambda: share.now_s,
    )  # fmt: skip


def go_on(view: LiveView, share: Share, *, seconds: float, step_s: float = 0.5, **state: str) -> None:
    ends_s = share.now_s + seconds
    while share.now_s < ends_s:
        share.now_s += step_s
        view.show((), left_pixel_steps=100, **state)


def test_a_record_every_five_seconds_and_a_page_a_minute(view_on) -> None:
    share = Share()
    go_on(view_on(share), share, seconds=600.0)
    assert len(share.shown) == pytest.approx(600 / RECORD_S, abs=12)
    assert sum(shown.page is not None for _, shown in share.shown) == pytest.approx(600 / PAGE_S, abs=2)
    assert share.shown[0][1].page is not None, "whoever opens the folder finds it"


@pytest.mark.parametrize("writing_s", [0.2, 1.0, 10.0])
def test_a_slow_share_is_written_to_so_seldom_that_it_costs_a_fiftieth(view_on, writing_s: float) -> None:
    share = Share(writing_s)
    go_on(view_on(share), share, seconds=3600.0)
    assert len(share.shown) * writing_s <= (3600.0 + SHARE_OF_TIME * writing_s) / SHARE_OF_TIME + writing_s
    assert len(share.shown) > 1


def test_another_state_is_shown_at_once_with_a_page_for_who_comes_now(view_on) -> None:
    share = Share(writing_s=10.0)
    view = view_on(share)
    view.show((), left_pixel_steps=100)
    view.show((), left_pixel_steps=100, state="paused", reason="PAUSE lies in the inbox")
    view.show((), left_pixel_steps=100)
    assert [shown.page is not None for _, shown in share.shown] == [True, True, True]
    assert b"PAUSE" in share.shown[1][1].record
    assert b"PAUSE" not in share.shown[2][1].record


def test_while_it_waits_it_is_written_often_enough_to_be_known_alive(view_on) -> None:
    share = Share()
    go_on(view_on(share), share, seconds=3600.0, step_s=15.0, state="paused", reason="PAUSE lies in the inbox")
    times = [at_s for at_s, _ in share.shown]
    gaps = [later - former for former, later in pairwise(times)]
    assert max(gaps) <= 60.0, "a page says after 120 s that what stands there may be old"
    assert len(times) <= 3600 / 45 + 2


def test_speed_and_time_left_come_from_this_run_alone(view_on) -> None:
    share = Share()
    view, steps = view_on(share), REQUEST.pixel_steps
    delivery = FileDelivery()
    entries = []
    for number in range(4):
        share.now_s += 10.0
        request = replace(REQUEST, file=f"{number}.png")
        result = PictureResult(
            request=request, picture=paint(request), tries=(Try(rung="first", outcome="ok", seconds=1),)
        )
        entries.append(delivery.picture(result, record=RECORD)[0])
        view.made(steps)
        view.at(Progress(request=request, step=2, steps=8))
        view.show(tuple(entries), left_pixel_steps=(6 - number) * steps)
    (job,) = share.jobs[-1:]
    assert (job.made, job.left_s) == (4, pytest.approx(30.0))
    assert len(share.jobs) <= 40 / RECEIPT_S + 1
    assert b"3.png, step 2 of 8" in share.shown[-1][1].record
