"""Doctor checks a night: who works, who asked to wait, what waits, whether it fits, what became of the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from worker.doctor.check import Machine
from worker.doctor.checks import CHECKS, pause, queue, results, room, time, workers
from worker.errors import FoldersUnusable
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob, WorkerLine, WorkerState

NOW = "2026-11-28T18:00:00+00:00"
Make = Callable[..., Machine]


def seen(**given: object) -> Callable[[], Overview]:
    return lambda: Overview(as_of=NOW, **given)


def told(check: object, machine: Machine) -> list[tuple[str, str]]:
    return [(finding.mark, str(finding.text)) for finding in check(machine)]


def worker(state: WorkerState, **given: str) -> WorkerLine:
    return WorkerLine(id="studio-1", host="pc-1", state=state, heard_at="2026-11-28T17:00:00+00:00", **given)


def waiting(*names: str, **given: object) -> list[WaitingJob]:
    return [WaitingJob(name=name, state="waiting", **given) for name in names]


@pytest.mark.parametrize(
    ("state", "given", "mark", "said"),
    [
        ("idle", {}, "ok", "`studio-1` is running."),
        ("starting", {}, "ok", "`studio-1` is loading the model."),
        ("rendering", {"job": "mugs"}, "ok", "`studio-1` is making pictures of `mugs`."),
        ("paused", {"reason": "no room"}, "warn", "`studio-1` waits: no room"),
        ("silent", {}, "warn", "`studio-1` on pc-1 is silent, last heard of at"),
        ("dead", {}, "warn", "`studio-1` on pc-1 is dead, last heard of at"),
        ("stopped", {"reason": "the GPU was lost"}, "warn", "`studio-1` ended: the GPU was lost"),
    ],
)
def test_each_worker_is_told_by_its_true_state(machine: Make, state: WorkerState, given: dict, mark: str, said: str):
    (first, *_) = told(workers.check, machine(look=seen(workers=[worker(state, **given)])))
    assert first[0] == mark
    assert first[1].startswith(said)


@pytest.mark.parametrize("former", [[], [worker("dead")], [worker("stopped")]])
def test_jobs_that_wait_for_nobody_are_told(machine: Make, former: list[WorkerLine]) -> None:
    running = RunningJob(name="a", worker="studio-1", folder="a.1.partial", pictures=2, made=1, failed=0)
    found = told(workers.check, machine(look=seen(workers=former, waiting=waiting("b.yaml"), running=[running])))
    assert found[-1] == ("warn", "2 jobs wait and nobody works: start `zimage-worker run`.")
    idle = told(workers.check, machine(look=seen(workers=former)))
    assert idle[-1] == ("ok", "none is running yet: start `zimage-worker run` before the night.")
    alive = told(workers.check, machine(look=seen(workers=[*former, worker("idle")], waiting=waiting("b.yaml"))))
    assert "nobody" not in str(alive)


def test_others_do_a_dead_worker_s_work_only_where_there_are_any(machine: Make) -> None:
    dead = worker("dead")
    alone = told(workers.check, machine(look=seen(workers=[dead])))
    assert alone[0][1].endswith("start it again there; no other worker runs.")
    helped = told(workers.check, machine(look=seen(workers=[dead, replace(worker("idle"), id="studio-2")])))
    assert helped[0][1].endswith("until then the others do its work.")


def test_a_pause_and_jobs_that_wait_for_nobody_let_nothing_be_made(machine: Make) -> None:
    (paused,) = pause.check(machine(look=seen(paused_by="PAUSE")))
    (nobody,) = workers.check(machine(look=seen(waiting=waiting("a.yaml"))))
    assert (paused.stops_work, nobody.stops_work) == (True, True)
    (idle,) = workers.check(machine(look=seen(workers=[worker("idle")], waiting=waiting("a.yaml"))))
    assert not idle.stops_work


def test_a_pause_is_told_with_its_file_and_since_when(machine: Make) -> None:
    look = seen(paused_by="pause.txt", paused_since="2026-11-28T12:00:00+00:00")
    ((mark, text),) = told(pause.check, machine(look=look))
    assert mark == "warn"
    assert text.startswith("`pause.txt` lies in the inbox since 2026-11-28 ")
    assert told(pause.check, machine()) == []


def test_what_waits_is_counted_and_what_cannot_be_made_is_named(machine: Make, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "mug.yaml").write_text("prompt: a mug\ncount: 3\n")
    (inbox / "bad.yaml").write_text("promt: a mug\nsize: 12x12\n")
    jobs = [
        *waiting("mug.yaml", "bad.yaml"),
        WaitingJob(name="vase.yaml", state="held", reason="it is held"),
    ]
    found = told(queue.check, machine(look=seen(waiting=jobs, ignored=[("a.png", "a picture is no job")])))
    assert found[0] == ("ok", "1 job waits: 3 pictures.")
    assert [mark for mark, _ in found[1:]] == ["warn", "warn", "warn"]
    assert found[1][1].startswith("`bad.yaml` cannot be made as it is: bad.yaml:1:1: promt: There is no key `promt`.")
    assert "(and 1 more problem)" in found[1][1]
    assert found[2][1] == "`vase.yaml` is held back: it is held"
    assert found[3][1] == "`a.png`: a picture is no job"
    assert told(queue.check, machine()) == [("ok", "no job waits.")]
    begun = RunningJob(name="bowls", worker="w1", folder="bowls.w1.partial", pictures=48, made=17, failed=0)
    found = told(queue.check, machine(look=seen(running=[begun])))
    assert found == [("ok", "`bowls` is begun: 17 of 48 pictures are made.")]


def test_of_many_of_a_kind_the_first_are_named_and_the_rest_counted(machine: Make) -> None:
    found = told(queue.check, machine(look=seen(ignored=[(f"{n}.png", "a picture is no job") for n in range(50)])))
    assert len(found) == 1 + queue.MOST_NAMED + 1
    assert found[-1] == ("warn", "and 45 more of that kind: see `zimage-worker status`.")


def test_a_job_that_the_share_does_not_give_is_counted_as_unread(machine: Make) -> None:
    def fails(_: str) -> None:
        raise OSError

    found = told(queue.check, machine(look=seen(waiting=waiting("mug.yaml")), read_job=fails))
    assert found == [("ok", "1 job waits: 0 pictures. 1 of them was not read here.")]


def test_pictures_that_do_not_fit_are_told_before_the_night(machine: Make, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox/mug.yaml").write_text("prompt: a mug\ncount: 4\n")
    look = seen(waiting=waiting("mug.yaml"))
    small = machine(look=look, expected_bytes=lambda _: 1e6)
    ((mark, text),) = told(room.check, small)
    assert mark == "ok"
    assert text.startswith("the 4 pictures that wait need about 0.0 GiB of the ")
    assert small.free_bytes is not None
    large = small.free_bytes * 0.45
    ((mark, text),) = told(room.check, machine(look=look, expected_bytes=lambda _: large))
    assert mark == "warn"
    assert text.endswith("about 2 of them fit. Make room there.")
    assert told(room.check, machine()) == []


def test_how_long_the_queue_takes_is_told_and_more_than_a_night_is_a_warning(machine: Make, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox/mug.yaml").write_text("prompt: a mug\n")
    look = seen(waiting=waiting("mug.yaml"))
    assert "is not known" in told(time.check, machine(look=look))[0][1]
    ((mark, text),) = told(time.check, machine(look=look, forecast_s=lambda _: 5_400.0))
    assert (mark, text) == (
        "ok",
        "about 1 h 30 min for all pictures that wait: begun now and by one worker, done at 2026-11-28 19:30.",
    )
    assert told(time.check, machine(look=look, forecast_s=lambda _: 60_000.0))[0][0] == "warn"
    assert told(time.check, machine()) == []


def test_jobs_of_the_last_day_of_which_pictures_are_missing_are_named(machine: Make) -> None:
    ended = [
        EndedJob(name=name, is_in_outbox=True, state=state, ended_at=when, pictures=2, made=1)
        for name, state, when in [
            ("a", "complete", "2026-11-28T03:00:00+00:00"), ("b", "partial", "2026-11-28T02:00:00+00:00"),
            ("c", "refused", "2026-11-28T01:00:00+00:00"), ("d", "failed", "2026-11-27T20:00:00+00:00"),
            ("old", "failed", "2026-11-26T20:00:00+00:00"), ("odd", "failed", "yesterday"),
        ]
    ]  # fmt: skip
    assert told(results.check, machine(look=seen(ended=ended))) == [
        ("ok", "1 job was finished since yesterday."),
        ("warn", "pictures are missing of `b`: see the page in each folder."),
        ("warn", "nothing was made of `c`, `d`: see error.txt in each folder."),
    ]
    assert told(results.check, machine()) == []


@pytest.mark.parametrize("error", [OSError("gone"), FoldersUnusable("inbox: gone")])
def test_a_share_that_goes_away_meanwhile_ends_no_check(machine: Make, error: Exception) -> None:
    def look() -> Overview:
        raise error

    assert [one.what for check in CHECKS for one in check(machine(look=look)) if one.what in ("queue", "room")] == []
