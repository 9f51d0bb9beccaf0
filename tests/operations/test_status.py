"""What `status` says to a person: each line true, whatever lies in the folders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.operations.status import bar, rough_duration, since_yesterday, text
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob, WorkerLine
from worker.translation import printable

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORKER = WorkerLine(id="studio-pc", host="pc", state="rendering", heard_at=NOW.isoformat(), job="mugs")
RUNNING = RunningJob(
    name="mugs", worker="studio-pc", folder="mugs.c.partial", pictures=24, made=12, failed=0, left_s=50.0,
    file="MUG-01_01.png", step=3, steps=8,
)  # fmt: skip
EMPTY = Overview(as_of=NOW.isoformat())
WORKING = replace(EMPTY, workers=[WORKER], running=[RUNNING])


def lines(overview: Overview, *, now: datetime = NOW) -> list[str]:
    return text(overview, now=now, receipts_folder="/out/receipts").splitlines()


def ended(name: str, state: str, *, ended_at: datetime = NOW, **facts: object) -> EndedJob:
    about = {"is_in_outbox": state not in ("failed", "refused"), "ended_at": ended_at.isoformat()}
    return EndedJob(name=name, state=state, **{**about, "pictures": 0, "made": 0, **facts})  # type: ignore[arg-type]


def test_a_rendering_worker_shows_its_bar_its_step_and_the_time_left() -> None:
    line = lines(WORKING)[0]
    assert "mugs [############............] 12/24" in line
    assert "MUG-01_01.png step 3/8" in line
    assert "about 50 s left" in line
    assert "failed" not in line
    assert "16/24, 4 failed" in lines(replace(WORKING, running=[replace(RUNNING, failed=4)]))[0]


def test_without_a_recorded_speed_no_time_is_promised() -> None:
    assert " left" not in lines(replace(WORKING, running=[replace(RUNNING, left_s=None)]))[0]


@pytest.mark.parametrize("state", ["silent", "dead"])
def test_a_worker_that_does_not_work_is_named_as_such_and_its_job_has_no_bar_of_it(state: str) -> None:
    gone = replace(WORKER, state=state, job=None, heard_at=(NOW - timedelta(minutes=5)).isoformat())
    left = replace(RUNNING, left_s=None, file="")
    told = lines(replace(EMPTY, workers=[gone], running=[left]))
    assert told[0] == f"worker studio-pc: {state}  last heard of 5 min ago"
    assert state in told[1]
    assert "mugs [############............] 12/24" in told[1]


def test_one_that_hangs_is_told_with_the_remedy() -> None:
    heard_at = (NOW - timedelta(minutes=5)).isoformat()
    hung = replace(EMPTY, workers=[replace(WORKER, state="silent", hangs=True, heard_at=heard_at)], running=[RUNNING])
    told = lines(hung)
    assert told[0] == "worker studio-pc: silent  last heard of 5 min ago  it hangs: end it, and start it again"
    assert hung.nobody_works


def test_jobs_without_a_worker_are_told_and_how_to_mend_that() -> None:
    waiting = [WaitingJob(name="a.yaml", state="waiting")]
    never = lines(replace(EMPTY, waiting=waiting))
    assert never[0] == "no worker has ever run on this inbox: start one with `zimage-worker run`"
    stopped = replace(WORKER, state="stopped", job=None, reason="picture after picture failed")
    told = lines(replace(EMPTY, waiting=waiting, workers=[stopped]))
    assert told[0] == "worker studio-pc: stopped  picture after picture failed"
    assert told[1] == "nobody works: start a worker with `zimage-worker run`"
    assert "nobody works" not in "\n".join(lines(replace(WORKING, waiting=waiting)))
    assert "nobody works" not in "\n".join(lines(replace(EMPTY, workers=[stopped])))


@pytest.mark.parametrize(
    ("states", "is_left", "nobody"),
    [
        ([], True, True), ([], False, False), (["idle"], True, False), (["starting"], True, False),
        (["paused"], True, False), (["silent"], True, False), (["dead", "stopped"], True, True),
        (["dead"], False, False), (["dead", "rendering"], True, False),
    ],
)  # fmt: skip
def test_nobody_works_only_where_something_is_left_and_nobody_is_known_to_live_or_may(
    states: list[str], is_left: bool, nobody: bool
) -> None:
    workers = [replace(WORKER, id=state, state=state) for state in states]  # type: ignore[arg-type]
    waiting = [WaitingJob(name="a.yaml", state="invalid")] if is_left else []
    assert replace(EMPTY, workers=workers, waiting=waiting).nobody_works is nobody
    assert replace(EMPTY, workers=workers, running=[RUNNING] if is_left else []).nobody_works is nobody


def test_a_pause_is_told_with_its_file_and_since_when() -> None:
    paused = replace(WORKING, paused_by="pause.txt", paused_since="2026-11-22T21:05:00+00:00")
    assert lines(paused)[0] == "paused since 2026-11-22 21:05: all workers wait while pause.txt lies in the inbox"


def test_what_waits_is_told_by_what_it_waits_for() -> None:
    waiting = [
        WaitingJob(name="a.yaml", state="waiting", position=1, starts_in_s=60.0, ends_in_s=660.0),
        WaitingJob(name="b.yaml", state="waiting", position=2, starts_in_s=660.0, ends_in_s=6_660.0),
        WaitingJob(name="bad.yaml", state="invalid", reason="1 problem: bad.yaml:1:1: stesp"),
        WaitingJob(name="big.yaml", state="held", reason="its owner has 500 pictures waiting"),
        WaitingJob(name="full.yaml", state="resting", reason="it waits for room", warnings=2),
    ]
    told = lines(replace(WORKING, waiting=waiting))
    assert told[1:] == [
        "waiting: 2 (a.yaml, b.yaml), about 1 h 51 min in all",
        "invalid: 1 (bad.yaml): refused unless they are mended",
        "  bad.yaml: 1 problem: bad.yaml:1:1: stesp",
        "held: 1 (big.yaml)",
        "  big.yaml: its owner has 500 pictures waiting",
        "claimed, and not gone on with now: 1 (full.yaml)",
        "  full.yaml: it waits for room",
        "with warnings: 1: they lie in /out/receipts",
        "  full.yaml: 2 warnings",
        "since yesterday: nothing has ended",
    ]
    foreseen = replace(WORKING, waiting=waiting, queue_ends_in_s=7_200.0)
    assert lines(foreseen)[1] == "waiting: 2 (a.yaml, b.yaml), about 2 h 00 min in all"
    unread = [*waiting[:2], WaitingJob(name="c.yaml", state="waiting")]
    assert lines(replace(WORKING, waiting=unread))[1].endswith(", more than 1 h 51 min in all")
    invalid = [WaitingJob(name="bad.yaml", state="invalid", reason="1 problem: bad")]
    assert lines(replace(WORKING, waiting=invalid, queue_ends_in_s=300.0))[1] == "waiting: 0"


def test_what_ended_since_yesterday_is_counted_and_what_is_not_complete_has_a_line() -> None:
    jobs = [
        *(ended(f"j{number}", "complete", pictures=2, made=2) for number in range(66)),
        ended("mugs", "partial", pictures=80, made=37, failed=43, reason="it was black"),
        ended("cups", "cancelled", pictures=9, made=3, cancelled=6),
        ended("bowls", "failed", pictures=4, failed=4, reason="every picture was black"),
        ended("bad", "refused", reason="2 problems"),
        ended("unbegun", "cancelled", is_in_outbox=False, reason="Cancelled by unbegun.cancel"),
        ended("old", "partial", pictures=5, made=1, ended_at=NOW - timedelta(hours=33)),
        ended("yesterday", "complete", pictures=1, made=1, ended_at=NOW - timedelta(hours=31)),
    ]
    told = lines(replace(WORKING, ended=jobs, ended_more=12))[2:]
    assert told == [
        "since yesterday: 67 complete, 1 partial, 2 cancelled, 1 failed, 1 refused: 173 pictures",
        "  mugs: partial, 37 of 80: it was black",
        "  cups: cancelled, 3 of 9",
        "  bowls: failed, 0 of 4: every picture was black",
        "  bad: refused: 2 problems",
        "  unbegun: cancelled: Cancelled by unbegun.cancel",
        "failed:  2 (bowls, bad): see error.txt in each",
        "earlier: 12 more folders of jobs",
    ]


def test_yesterday_is_the_reader_s() -> None:
    from zoneinfo import ZoneInfo

    late = datetime(2026, 11, 23, 17, 0, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    assert since_yesterday(late).astimezone(UTC) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def test_names_that_are_no_jobs_get_a_line_each_up_to_a_number() -> None:
    told = lines(replace(EMPTY, ignored=[(f"{number}.docx", "a job ends in .yaml") for number in range(13)]))
    at = told.index("ignored: 13 (0.docx, 1.docx, 2.docx, 3.docx, 4.docx, ...)")
    assert told[at + 1] == "  0.docx: a job ends in .yaml"
    assert told[at + 11] == "  and 3 more"


def test_control_files_are_told_with_what_became_of_them() -> None:
    told = lines(replace(EMPTY, control_files=[("other.cancel", "it matches no job that waits or is in work")]))
    at = told.index("control files: 1 (other.cancel)")
    assert told[at + 1] == "  other.cancel: it matches no job that waits or is in work"


@pytest.mark.parametrize(("done", "total", "filled"), [(0, 0, 0), (0, 9, 0), (9, 9, 24), (1, 2, 12), (9, 3, 24)])
def test_the_bar_is_as_full_as_the_job(done: int, total: int, filled: int) -> None:
    assert bar(done, total).count("#") == filled


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (11_100, "3 h 05 min")])
def test_durations_are_as_exact_as_a_forecast_deserves(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words


ANY = st.text(st.characters(codec=None), max_size=40)


@settings(max_examples=150)
@given(
    worker=st.builds(WorkerLine, id=ANY, host=ANY, reason=ANY, heard_at=st.none() | st.just(NOW.isoformat()),
                     state=st.sampled_from(["starting", "idle", "rendering", "paused", "stopped", "silent", "dead"])),
    name=ANY, reason=ANY, file=ANY,
)  # fmt: skip
@pytest.mark.slow
def test_names_and_reasons_of_any_content_forge_no_line(worker: WorkerLine, name: str, reason: str, file: str) -> None:
    job = replace(RUNNING, name=name, worker=worker.id, file=file)
    waiting = [WaitingJob(name=name, state="invalid", reason=reason)]
    whole = replace(EMPTY, workers=[worker], running=[job], waiting=waiting, ignored=[(name, reason)],
                    ended=[ended(name, "partial", reason=reason, made=1, pictures=2)])  # fmt: skip
    told = text(whole, now=NOW).split("\n")
    assert [line for line in told if printable(line) != line] == []
    assert 7 <= len(told) <= 11
