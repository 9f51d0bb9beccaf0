"""The retrying ports: what they wrap passes the same suites, and where the share fails they wait and go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.daemon.retrying_ports import RetryingInbox, RetryingOwnership
from worker.daemon.retrying_publishing import RetryingPublishing
from worker.daemon.share_retry import TRIES, ShareRetry
from worker.daemon.waiting import Waiting
from worker.errors import ClaimLost, JobInTrouble, StopAsked
from worker.records import StagedFile
from worker.spool_ports import SpoolPorts


class Night:
    """A worker's ports, retrying; waiting is what happens between two tries."""

    def __init__(self, spools, *, when_waiting: Callable[[], None] = lambda: None) -> None:
        self.spools = spools
        self.once = spools.worker()
        self.states: list[tuple[str, object]] = []
        self.is_stopped = False
        self.when_waiting = when_waiting
        self.waiting = Waiting(
            inbox=self.once.inbox, ownership=self.once.ownership, recorder=self, wakeup=self, pause=self.wait,
            scan_s=1.0, monotonic=lambda: 0.0,
            should_stop=lambda: self.is_stopped,
        )  # fmt: skip
        retry = ShareRetry(
            share=self.once, holds=self.once.ownership.holds, waiting=self.waiting, away_s=15.0,
            should_stop=lambda: self.is_stopped,
        )  # fmt: skip
        self.retry = retry
        self.ports = SpoolPorts(
            inbox=RetryingInbox(self.once.inbox, retry),
            ownership=RetryingOwnership(self.once.ownership, retry),
            publishing=RetryingPublishing(self.once.publishing, retry),
            space=self.once.space,
        )

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        self.states.append((state, facts.get("reason")))

    def speed(self, model: str, *, pixel_steps: int, seconds: float) -> None:
        pass

    def wait(self, timeout_s: float) -> None:
        self.when_waiting()

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "step", ["waiting", "scan", "leftovers", "begin", "working", "stage", "write", "publish", "give_back"]
)
def test_each_step_waits_for_the_share_and_is_done_then(spools, step: str) -> None:
    night = Night(spools, when_waiting=spools.mend_share)
    with night.once.ownership.lock():
        claim = night.once.ownership.begin(spools.claimed(night.once))
        staging = night.ports.publishing.stage(claim, name="mug")
        steps: dict[str, Callable[[], object]] = {
            "waiting": night.ports.inbox.waiting,
            "scan": night.ports.inbox.scan,
            "leftovers": night.ports.ownership.leftovers,
            "begin": lambda: night.ports.ownership.begin(claim),
            "working": lambda: night.ports.ownership.working(claim, ("a.png",), has_made=False),
            "stage": lambda: night.ports.publishing.stage(claim, name="mug"),
            "write": lambda: staging.write(StagedFile(name="a.png", data=b"picture")),
            "publish": lambda: night.ports.publishing.publish(claim, staging, name="mug"),
            "give_back": lambda: night.ports.ownership.give_back(claim),
        }
        night.waiting.share_has_failed = False
        spools.break_share()
        steps[step]()
    assert night.waiting.share_has_failed
    assert [state for state, _ in night.states] == ["paused"]
    assert night.states[0][1]


def test_a_stop_is_heard_while_the_share_is_away(spools) -> None:
    night = Night(spools)
    night.when_waiting = lambda: setattr(night, "is_stopped", True)
    with night.once.ownership.lock():
        spools.break_share()
        with pytest.raises(StopAsked):
            night.ports.inbox.scan()
        spools.mend_share()


def test_a_step_of_one_job_that_keeps_failing_while_the_folders_work_is_that_job_s_trouble(spools) -> None:
    night, tries = Night(spools), []
    with night.once.ownership.lock():
        claim = spools.claimed(night.once)

        def fails() -> None:
            tries.append(1)
            raise OSError(5, "Input/output error")

        with pytest.raises(JobInTrouble, match="Input/output error"):
            night.retry.until_done(fails, claim=claim)
    assert len(tries) == TRIES


def test_a_claim_that_is_gone_is_found_out_between_two_tries(spools, tmp_path: Path) -> None:
    night, heir = Night(spools), spools.worker("heir")
    with night.once.ownership.lock():
        claim = spools.claimed(night.once)
    with heir.ownership.lock():
        heir.ownership.leftovers()

        def fails() -> None:
            raise OSError(5, "Input/output error")

        with pytest.raises(ClaimLost):
            night.retry.until_done(fails, claim=claim)


def test_pieces_are_made_anew_for_each_try(spools) -> None:
    night, made = Night(spools, when_waiting=spools.mend_share), []

    def pieces() -> list[bytes]:
        made.append(1)
        return [b"whole ", b"file"]

    with night.once.ownership.lock():
        claim = night.once.ownership.begin(spools.claimed(night.once))
        staging = night.ports.publishing.stage(claim, name="mug")
        spools.break_share()
        staging.copy("page.html", pieces)
    assert staging.read("page.html") == b"whole file"


def test_a_file_that_is_not_there_is_no_failing_share_and_none_is_tried(spools, monkeypatch) -> None:
    night, asked = Night(spools), []
    monkeypatch.setattr(type(night.once), "fault", lambda _: asked.append(1))
    with night.once.ownership.lock():
        claim = night.once.ownership.begin(spools.claimed(night.once))
        staging = night.ports.publishing.stage(claim, name="mug")
        with pytest.raises(FileNotFoundError):
            staging.read("a.png")
        assert staging.earlier("a.png") is None
    assert night.states == asked == []
