"""Whose turn it is to write the overview: nobody fights, somebody always does, no more is written than it may."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from worker.operations.overview_turns import BYTES_A_SECOND, IDLE_S, LOOK_S, NEWS_S, OTHERS_S, Marks, Turns, marks_in


@dataclass
class Share:
    """One page on a share, workers that write it once a second if they want, and what was written when."""

    workers: list[str]
    size_bytes: int = 20_000
    page: Marks | None = None
    stamp: object = None
    now_s: float = 0.0
    state: str = "s"
    progress: str = "p"
    turns: dict[str, Turns] = field(default_factory=dict)
    written: list[tuple[float, str]] = field(default_factory=list)
    looks: list[tuple[float, str]] = field(default_factory=list)
    news: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.turns = {worker: Turns() for worker in self.workers}

    def pass_s(self, seconds: float, *, pictures: bool = False) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 1.0
            if pictures:
                self.progress = f"p{self.now_s}"
            for worker in self.workers:
                self._turn(worker, self.turns[worker])

    def _sees(self, turns: Turns) -> bool:
        size_bytes = self.size_bytes if self.page else 0
        return turns.sees(self.page, self.stamp, now_s=self.now_s, size_bytes=size_bytes)

    def _turn(self, worker: str, turns: Turns) -> None:
        if not turns.is_due(self.now_s) or not self._sees(turns):
            return
        self.looks.append((self.now_s, worker))
        marks = Marks(as_of=f"{worker}{self.now_s}", state=self.state, progress=self.progress)
        if turns.wants_page(marks, is_there=self.page is not None, now_s=self.now_s):
            self.page = marks
            turns.wrote(marks, size_bytes=self.size_bytes, now_s=self.now_s)
            self.written.append((self.now_s, worker))
        if turns.wants_news(self.now_s):
            self.news.append(self.now_s)
            self.stamp = (worker, self.now_s)
            turns.told_news(self.stamp, now_s=self.now_s)

    def gaps_s(self) -> list[float]:
        return [later[0] - former[0] for former, later in zip(self.written, self.written[1:], strict=False)]


def test_the_first_look_writes_and_the_same_again_does_not() -> None:
    share = Share(["a"])
    share.pass_s(120)
    assert share.written == [(1.0, "a")]


def test_a_page_of_which_nothing_changes_is_renewed_so_that_it_does_not_look_old() -> None:
    share = Share(["a", "b"])
    share.pass_s(3600)
    assert 3600 / (IDLE_S + 2 * LOOK_S) - 1 <= len(share.written) <= 3600 / IDLE_S + 1
    assert max(share.gaps_s()) <= IDLE_S + 2 * LOOK_S
    assert max(b - a for a, b in zip(share.news, share.news[1:], strict=False)) <= NEWS_S + 2 * LOOK_S


def test_progress_is_written_twice_a_minute_whoever_works() -> None:
    share = Share(["a", "b", "c"])
    share.pass_s(600, pictures=True)
    assert 10 <= len(share.written) <= 20
    assert min(share.gaps_s()) >= 30


def test_one_of_several_workers_writes_and_another_goes_on_when_it_dies() -> None:
    share = Share(["a", "b", "c"])
    share.pass_s(900, pictures=True)
    assert len({worker for _, worker in share.written[1:]}) == 1
    writer = share.written[-1][1]
    share.workers.remove(writer)
    died_s, share.written = share.now_s, []
    share.pass_s(120, pictures=True)
    assert share.written[0][0] - died_s <= OTHERS_S + 2 * LOOK_S
    assert len({worker for _, worker in share.written}) == 1


def test_looks_at_everything_are_not_made_by_all_workers_at_once() -> None:
    alone, three = Share(["a"]), Share(["a", "b", "c"])
    alone.pass_s(1200, pictures=True)
    three.pass_s(1200, pictures=True)
    assert len(three.looks) <= len(alone.looks) + 2
    assert len(three.written) <= len(alone.written) + 2


@pytest.mark.parametrize("workers", [["a"], ["a", "b", "c"]])
def test_a_change_of_one_s_own_is_written_within_seconds(workers: list[str]) -> None:
    share = Share(workers)
    share.pass_s(100)
    rang_s, share.state = share.now_s, "job ended"
    share.turns[workers[-1]].ring(share.now_s)
    share.pass_s(30)
    assert share.written[-1][0] - rang_s <= 6


def test_a_storm_of_changes_writes_no_more_than_the_size_allows() -> None:
    """Three workers end a job every few seconds; the page is large."""
    share = Share(["a", "b", "c"], size_bytes=300_000)
    for n in range(600):
        share.state = f"s{n}"
        share.turns[share.workers[n % 3]].ring(share.now_s)
        share.pass_s(3)
    assert len(share.written) >= 30
    assert share.size_bytes * len(share.written) / share.now_s <= 1.1 * BYTES_A_SECOND


def test_the_last_turn_writes_whatever_others_do() -> None:
    share = Share(["a", "b"])
    share.pass_s(31)
    share.state = "b began"
    share.turns["b"].ring(share.now_s)
    while share.written[-1][1] != "b":
        share.pass_s(1)
    share.state = "a has stopped"
    share.turns["a"].finish()
    share.pass_s(1)
    assert share.written[-1] == (share.now_s, "a")
    assert share.news[-1] == share.now_s


def test_a_page_that_a_person_removed_is_written_again() -> None:
    share = Share(["a"])
    share.pass_s(40)
    share.page = None
    share.pass_s(LOOK_S + 1)
    assert share.page is not None


def test_marks_are_read_as_they_are_written_and_nothing_else_is() -> None:
    marks = Marks(as_of="2026-11-28T00:00:00Z", state="a1", progress="b2")
    assert marks_in(str(marks)) == marks
    assert marks_in("") is None
    assert marks_in("a b c d") is None


def test_workers_that_have_written_nothing_yet_keep_to_the_size_of_the_page_that_is_there() -> None:
    """Each job's begin and end rings, now of one worker, now of another."""
    share = Share([f"w{n}" for n in range(8)], size_bytes=600_000)
    share.pass_s(20)
    begun = len(share.written)
    for second in range(240):
        share.state = f"s{second}"
        share.turns[f"w{second // 7 % 8}"].ring(share.now_s)
        share.pass_s(1)
    assert 2 <= len(share.written) - begun <= 240 * BYTES_A_SECOND / share.size_bytes + 1
