"""A worker's journal of its nights: what it heard, over several runs, and what anybody may have written there."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from worker.delivery.pages.nights import night_of
from worker.operations.night_journal import MOST_NIGHTS, MOST_REASONS, MOST_WORKERS, NightJournal, journals
from worker.report_records import WorkerNight
from worker.translation import gettext

NIGHT = date(2026, 11, 27)
PAUSE = gettext("PAUSE lies in the inbox: remove it to go on")


class Clock:
    """Two clocks that go together."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.begin = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> str:
        return (self.begin + timedelta(seconds=self.seconds)).isoformat(timespec="milliseconds")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def journal(tmp_path: Path, clock: Clock, worker_id: str = "w1") -> NightJournal:
    return NightJournal(
        tmp_path / "workers" / f"{worker_id}.nights", root=tmp_path, now=clock.now, monotonic=clock.monotonic,
        night_of=lambda moment: night_of(moment, UTC),
    )  # fmt: skip


def spend(one: NightJournal, clock: Clock, state: str, seconds: float, reason: str = "") -> None:
    """As a worker does: it tells its state again and again."""
    until_s = clock.seconds + seconds
    while clock.seconds < until_s:
        one.hear(state, job=None, reason=reason)
        clock.seconds = min(until_s, clock.seconds + 30.0)


def told(tmp_path: Path, night: date = NIGHT, language: str = "en") -> list[WorkerNight]:
    return journals(tmp_path / "workers", below=tmp_path, nights=frozenset({night}), language=language)  # type: ignore[arg-type]


def test_what_it_did_in_a_night_is_added_up_over_runs(tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):
        one = journal(tmp_path, clock)
        spend(one, clock, "rendering", 600.0)
        spend(one, clock, "paused", 300.0, PAUSE)
        spend(one, clock, "idle", 900.0)
        spend(one, clock, "rendering", 60.0)
        one.hear("stopped")
    [found] = told(tmp_path)
    assert (found.id, found.worked_s, found.unclean_stops) == ("w1", 2 * 660.0, [])
    assert [(wait.reason, wait.seconds, wait.times) for wait in found.waits] == [(str(PAUSE), 600.0, 2)]
    assert found.began_at == "2026-11-27T22:00:00+00:00"
    assert found.ended_at == "2026-11-27T23:02:00+00:00"


def test_why_it_waited_is_read_in_the_reader_s_language(tmp_path: Path, clock: Clock) -> None:
    one = journal(tmp_path, clock)
    spend(one, clock, "paused", 60.0, PAUSE)
    one.hear("stopped")
    assert "收件夹" in told(tmp_path, language="zh")[0].waits[0].reason


def test_an_unclean_stop_counts_for_the_night_in_which_it_was_and_is_kept(tmp_path: Path, clock: Clock) -> None:
    spend(journal(tmp_path, clock), clock, "rendering", 1200.0)
    died_at = clock.now()
    clock.seconds += 20 * 3600.0
    one = journal(tmp_path, clock)
    one.unclean_stop(died_at)
    for again in (one, journal(tmp_path, clock)):
        again.hear("starting")
        again.hear("stopped")
    [found] = told(tmp_path)
    assert [*map(datetime.fromisoformat, found.unclean_stops)] == [datetime.fromisoformat(died_at)]
    assert told(tmp_path, NIGHT + timedelta(days=1)) == []


@pytest.mark.parametrize("odd", [None, "", "yesterday", "9999-12-31T23:59:59+00:00"])
def test_an_unclean_stop_of_no_moment_is_told_all_the_same(tmp_path: Path, clock: Clock, odd: str | None) -> None:
    one = journal(tmp_path, clock)
    one.unclean_stop(odd)
    one.hear("starting")
    assert len(told(tmp_path)[0].unclean_stops) == 1


def test_a_run_of_which_the_share_did_not_hear_that_it_stopped_is_no_unclean_stop(tmp_path: Path, clock: Clock) -> None:
    """The share was away when it did: whether it did, its mark on the local disk tells."""
    spend(journal(tmp_path, clock), clock, "rendering", 1200.0)
    one = journal(tmp_path, clock)
    one.hear("starting")
    assert [night.unclean_stops for night in told(tmp_path)] == [[]]


def test_time_in_which_the_machine_slept_or_nothing_was_heard_is_no_work(tmp_path: Path, clock: Clock) -> None:
    one = journal(tmp_path, clock)
    one.hear("rendering")
    clock.seconds += 7200.0
    one.hear("rendering")
    one.hear("stopped")
    assert told(tmp_path)[0].worked_s == 600.0


def test_it_is_written_every_few_minutes_and_no_oftener(tmp_path: Path, clock: Clock) -> None:
    one, versions, path = journal(tmp_path, clock), set(), tmp_path / "workers/w1.nights"
    for n in range(3600):
        one.hear("rendering" if n % 7 else "idle")
        versions.add(path.stat().st_mtime_ns)
        clock.seconds += 1.0
    assert len(versions) == 12


@pytest.mark.slow
def test_it_keeps_few_nights_and_few_reasons(tmp_path: Path, clock: Clock) -> None:
    one = journal(tmp_path, clock)
    for _ in range(3 * MOST_NIGHTS):
        for n in range(3 * MOST_REASONS):
            spend(one, clock, "paused", 40.0, f"reason {n} of {clock.now()}" + "x" * 4000)
        clock.seconds += 86_400.0 - 40.0 * 3 * MOST_REASONS
    one.hear("stopped")
    kept = json.loads((tmp_path / "workers/w1.nights").read_text("utf-8"))["nights"]
    assert len(kept) == MOST_NIGHTS
    assert max(len(night["waits"]) for night in kept.values()) == MOST_REASONS
    assert (tmp_path / "workers/w1.nights").stat().st_size < 500_000


HOSTILE = [
    "", "[]", "[" * 5000, "null", '{"nights": 7}', '{"nights": {"2026-11-27": 7}}', '{"nights": {"x": {}}}',
    '{"nights": {"2026-11-27": {"worked_s": "x", "waits": [7, {"reason": 7, "seconds": 1e999}], "unclean_stops": 7}}}',
    '{"nights": {"2026-11-27": {"worked_s": -5, "waits": {"a": 1}, "unclean_stops": ["never", null, {}]}}}',
    '{"is_up": true, "written_at": "9999-12-31T23:59:59+00:00"}', '{"is_up": true, "written_at": "yesterday"}',
    '{"is_up": true, "written_at": "0001-01-01T00:00:00+00:00"}',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_lies_there_neither_ends_a_worker_nor_is_told(tmp_path: Path, clock: Clock, text: str) -> None:
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers/w1.nights").write_text(text)
    assert told(tmp_path) == []
    one = journal(tmp_path, clock)
    spend(one, clock, "rendering", 600.0)
    one.hear("stopped")
    [found] = told(tmp_path)
    assert (found.worked_s, found.unclean_stops) == (600.0, [])


def test_links_folders_and_a_crowd_of_journals_cost_nothing(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    (tmp_path / "outside").write_text('{"nights": {"2026-11-27": {"unclean_stops": ["2026-11-27T22:00:00+00:00"]}}}')
    (folder / "a.nights").symlink_to(tmp_path / "outside")
    (folder / "b.nights").mkdir()
    (folder / "c.nights").write_bytes(b"{" + b" " * 2_000_000 + b"}")
    one = journal(tmp_path, clock, "d")
    spend(one, clock, "rendering", 60.0)
    one.hear("stopped")
    assert [found.id for found in told(tmp_path)] == ["d"]
    for n in range(MOST_WORKERS + 50):
        (folder / f"x{n:04}.nights").write_text((folder / "d.nights").read_text())
    assert len(told(tmp_path)) <= MOST_WORKERS


def test_nothing_of_somebody_s_is_written_again(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "workers").mkdir()
    path = tmp_path / "workers/w1.nights"
    night = {"waits": [{"reason": "half \udc80", "seconds": 5, "own": ["x" * 9000]}], "own": {}, "worked_s": 1.0}
    path.write_text(json.dumps({"nights": {"2026-11-27": night}, "own": "x"}))
    one = journal(tmp_path, clock)
    spend(one, clock, "paused", 60.0, "half \udc81")
    one.hear("stopped")
    assert "own" not in path.read_text()
    assert len({wait.reason for wait in told(tmp_path)[0].waits}) == 2


def test_a_share_that_is_away_is_no_matter(tmp_path: Path, clock: Clock) -> None:
    one = journal(tmp_path / "away", clock)
    spend(one, clock, "rendering", 600.0)
    assert not (tmp_path / "away").exists()
