"""The notifier: real messages to real receivers, from a thread that no job waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import structlog
from receivers import Webhook, silent_server
from waiting_for import wait_for

from worker.operations import events
from worker.operations.alerts.notifier import MOST_HEARD, Notifier, Plan
from worker.operations.alerts.post import AGAIN_S
from worker.operations.alerts.sending import Addressed
from worker.operations.alerts.wording import Wording
from worker.streams import LossyStream
from worker.translation import Text, gettext

SETTLED = {"job": "mugs", "folder": "mugs", "status": "complete", "pictures": 8, "failed": 0, "seconds": 24.0}
FAILED = {**SETTLED, "status": "failed", "pictures": 0, "failed": 8}


def plan(tmp_path: Path, *urls: str, templates: Mapping[str, str] | None = None) -> Plan:
    wording = Wording(worker="pc", outbox="/out", failed="/fail", templates=templates or {})
    return Plan(urls=urls, wording=wording, memory=tmp_path / "notify" / "told.json")


class Receiver:
    """Takes letters in place of a process, or refuses them for a while."""

    def __init__(self) -> None:
        self.got: list[Addressed] = []
        self.refuses: set[str] = set()

    def __call__(self, letters: Sequence[Addressed], **_: object) -> Mapping[int, Text]:
        failed = {number: gettext("no") for number, one in enumerate(letters) if one.url in self.refuses}
        self.got += [one for number, one in enumerate(letters) if number not in failed and one.title is not None]
        return failed

    def titles(self, url: str) -> list[str | None]:
        return [one.title for one in self.got if one.url == url]


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def logged() -> list[dict[str, object]]:
    """All lines of the log, and the notifier as a listener of it."""
    lines: list[dict[str, object]] = []

    def show(_logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
        lines.append(event)
        raise structlog.DropEvent

    events.configure("json", LossyStream(None), show=show)
    return lines


def by_hand(tmp_path: Path, receiver: Receiver, clock: Clock, *urls: str) -> Notifier:
    """A notifier whose steps a test makes."""
    return Notifier(plan(tmp_path, *urls), send=receiver, now=clock, wall=clock)


def test_an_address_that_fails_is_tried_again_and_then_told_how_much_it_has_missed(
    tmp_path: Path, logged: list[dict[str, object]]
) -> None:
    receiver, clock = Receiver(), Clock()
    notifier = by_hand(tmp_path, receiver, clock, "good://", "bad://")
    receiver.refuses = {"bad://"}
    for number in range(2):
        notifier.hear("job.refused", {"job": f"job-{number}", "folder": "b", "reason": "No."})
        for wait_s in (0.0, 61.0, *AGAIN_S):
            clock.now_s += wait_s
            notifier.step()
    assert len(receiver.titles("good://")) == 2, "each once"
    assert receiver.titles("bad://") == []
    assert [one["messages"] for one in logged if one["event"] == "notify.dropped"] == [1, 1]
    assert sum(one["event"] == "notify.failed" for one in logged) == 1, "a reason that stays the same"
    receiver.refuses = set()
    notifier.hear("job.refused", {"job": "job-3", "folder": "b", "reason": "No."})
    notifier.step()
    clock.now_s += 61.0
    notifier.step()
    [last] = [one for one in receiver.got if one.url == "bad://"]
    assert last.body.endswith("2 messages before this one could not be sent.")
    assert not receiver.got[-2].body.endswith("could not be sent.")


def test_what_waits_to_be_tried_again_outlives_a_restart_for_that_address_alone(tmp_path: Path) -> None:
    receiver, clock = Receiver(), Clock()
    receiver.refuses = {"bad://"}
    notifier = by_hand(tmp_path, receiver, clock, "good://", "bad://")
    notifier.hear("job.settled", FAILED)
    notifier.step()
    clock.now_s += 61.0
    notifier.step()
    again = by_hand(tmp_path, receiver, clock, "good://", "bad://")
    receiver.refuses = set()
    again.step()
    assert len(receiver.titles("good://")) == len(receiver.titles("bad://")) == 1


def test_another_plan_takes_the_place_of_the_first(tmp_path: Path) -> None:
    receiver, clock = Receiver(), Clock()
    notifier = by_hand(tmp_path, receiver, clock, "old://", "older://")
    notifier.hear("job.settled", FAILED)
    notifier.step()
    notifier.use(plan(tmp_path, "new://"))
    notifier.step()
    clock.now_s += 61.0
    notifier.step()
    assert [one.url for one in receiver.got] == ["new://"]


def test_events_that_come_faster_than_any_night_has_them_cost_no_memory_and_raise_nothing(
    tmp_path: Path, logged: list[dict[str, object]]
) -> None:
    receiver, clock = Receiver(), Clock()
    notifier = by_hand(tmp_path, receiver, clock, "good://")
    for _ in range(MOST_HEARD + 500):
        notifier.hear("job.settled", SETTLED)
    notifier.step()
    assert [one["messages"] for one in logged if one["event"] == "notify.dropped"] == [500]


@pytest.mark.slow
def test_a_log_is_told_at_the_end_and_a_receiver_that_hangs_holds_nobody_up(
    tmp_path: Path, logged: list[dict[str, object]]
) -> None:
    with Webhook() as webhook, silent_server() as silent:
        notifier = Notifier(plan(tmp_path, webhook.url, silent, templates={"job_done": "{job"}))
        log = structlog.get_logger()
        with events.heard_by(notifier.hear):
            notifier.start()
            begun_s = time.monotonic()
            for number in range(100):
                log.info("job.settled", **SETTLED | {"job": str(number)})
            log.error("job.settled", **FAILED)
            assert time.monotonic() - begun_s < 1.0, "logging waits for nothing"
            notifier.drained()
            begun_s = time.monotonic()
            notifier.close(8.0)
            assert time.monotonic() - begun_s < 10.0
    assert webhook.titles == ["pc: 1 job failed; queue empty: 101 jobs, 800 pictures, 8 pictures failed, 0 s"]
    assert {one["place"] for one in logged if one["event"] == "notify.unusable"} == {"templates"}
    assert "no answer" in str(next(one["reason"] for one in logged if one["event"] == "notify.failed"))


@pytest.mark.slow
def test_a_trouble_is_told_while_the_worker_goes_on(tmp_path: Path) -> None:
    with Webhook(500) as webhook:
        notifier = Notifier(plan(tmp_path, webhook.url))
        notifier.start()
        notifier.hear("worker.stalled", {"silent_s": 600.0})
        wait_for(lambda: webhook.requests == 1, 15.0)
        notifier.close(5.0)
    assert webhook.titles == ["pc: No step was done for 10 min 0 s: this worker hangs, its jobs are left to others."]


def test_where_nobody_is_told_any_more_nothing_is_kept(tmp_path: Path) -> None:
    receiver, clock = Receiver(), Clock()
    notifier = by_hand(tmp_path, receiver, clock, "old://")
    notifier.hear("job.settled", FAILED)
    notifier.use(plan(tmp_path))
    notifier.step()
    for _ in range(5):
        notifier.hear("job.settled", FAILED)
        clock.now_s += 3_600.0
        notifier.step()
    assert receiver.got == []
    assert by_hand(tmp_path, receiver, clock, "new://").due_s() is None


SAID: list[str] = []


class Stumbling(Wording):
    """Words that nobody foresaw: the first sentence raises."""

    def say(self, event: str, facts: Mapping[str, object]) -> str:
        SAID.append(event)
        if len(SAID) == 1:
            raise ZeroDivisionError
        return super().say(event, facts)


def test_an_event_that_raises_keeps_no_other_from_being_told(tmp_path: Path, logged: list[dict[str, object]]) -> None:
    receiver = Receiver()
    odd = Plan(urls=("good://",), wording=Stumbling(worker="pc"), memory=tmp_path / "told.json")
    notifier = Notifier(odd, send=receiver)
    notifier.hear("job.settled", FAILED)
    notifier.start()
    wait_for(lambda: any(one["event"] == "notify.unusable" for one in logged), 5.0)
    notifier.hear("job.settled", FAILED)
    notifier.close()
    assert len(receiver.titles("good://")) == 1
