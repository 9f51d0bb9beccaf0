"""The overview says what the folders hold: who has which job, what waits and why, and what has ended."""

from __future__ import annotations

import os
import time

import pytest
from onlooker import killed, move_away, onlooker, record, seen, states

from worker.daemon.queue import JobQueue
from worker.disk.owners import account, owner_name
from worker.job.reader import JobFiles
from worker.records import Limits, StagedFile
from worker.spool.claim_files import folder_of
from worker.studio.model_files.kinds import KINDS
from worker.translation import gettext

PROGRESS = {"done": 5, "failed": 1, "total": 9, "left_s": 40.0, "started_at": "2026-11-23T22:00:00+00:00"}


def rendering(yard, claim, worker_id: str = "w1", **facts: object) -> None:
    record(yard.folders, worker_id, "rendering", **{"job": claim.stem, "claim": claim.id, **PROGRESS, **facts})


def test_nothing_is_changed_by_looking(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    yard.begun(spool)
    with spool.ownership.lock():
        move_away(yard.folders, "w1")
    before = sorted(yard.root.rglob("*"))
    seen(yard.folders, state=yard.root / "nowhere")
    assert sorted(yard.root.rglob("*")) == before


def test_a_job_in_work_is_told_with_its_worker_its_pictures_and_its_folder(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    spool.publishing.stage(claim, name="Red mugs").write(StagedFile(name="a.png", data=b"a"))
    with spool.ownership.lock():
        rendering(yard, claim, job="Red mugs", file="a.png", step=2, steps=8)
        overview = seen(yard.folders)
    (job,) = overview.running
    assert (job.name, job.worker, job.pictures, job.made, job.failed, job.left_s) == ("Red mugs", "w1", 9, 4, 1, 40.0)
    assert job.folder == f"Red mugs.{claim.id}.partial"
    assert (job.file, job.step, job.steps) == ("a.png", 2, 8)
    assert not overview.nobody_works


def test_a_dead_worker_s_job_has_no_forecast_and_nobody_works(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    with spool.ownership.lock():
        pass
    rendering(yard, claim)
    move_away(yard.folders, "w1", silent_s=1_000.0)
    overview = seen(yard.folders)
    (job,) = overview.running
    assert states(overview) == {"w1": "dead"}
    assert (job.worker, job.made, job.left_s, job.file) == ("w1", 4, None, "")
    assert overview.nobody_works


def test_after_a_take_over_one_worker_renders_and_nothing_that_was_made_is_forgotten(yard) -> None:
    dead, heir = yard.worker("w1"), yard.worker("w2")
    yard.drop("mug.yaml")
    claim = yard.begun(dead)
    with dead.ownership.lock():
        pass
    killed(yard.folders, "w1")
    dead.publishing.stage(claim, name="mug").write(StagedFile(name="a.png", data=b"a"))
    with heir.ownership.lock():
        rendering(yard, claim)
        record(yard.folders, "w2", "starting")
        (left,) = heir.ownership.leftovers()
        (job,) = seen(yard.folders).running
        assert (job.worker, job.made, job.folder) == ("w2", 4, f"mug.{claim.id}.partial")
        newer = heir.ownership.begin(left)
        rendering(yard, newer, "w2", done=6)
        overview = seen(yard.folders)
    (job,) = overview.running
    assert (job.worker, job.made) == ("w2", 5)
    assert states(overview) == {"w1": "dead", "w2": "rendering"}


def test_a_job_broken_off_by_a_pause_is_still_in_work(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    yard.drop("PAUSE", "")
    claim = yard.begun(spool)
    broken_off = {"job": "mug", "claim": claim.id, "done": 3, "failed": 0, "total": 9}
    with spool.ownership.lock():
        record(yard.folders, "w1", "paused", reason="PAUSE lies in the inbox", interrupted=broken_off)
        overview = seen(yard.folders)
    (job,) = overview.running
    assert (job.name, job.made, job.pictures, job.left_s) == ("mug", 3, 9, None)
    assert overview.paused_by == "PAUSE"
    assert overview.paused_since is not None
    assert not overview.nobody_works


def test_a_job_that_was_claimed_just_now_is_in_work(yard) -> None:
    """It is read, and maybe verified for minutes, before its worker says anything of it."""
    spool = yard.worker()
    yard.drop("mug.yaml")
    with spool.ownership.lock():
        record(yard.folders, "w1", "idle")
        claim = yard.claimed(spool)
        assert [job.name for job in seen(yard.folders).running] == ["mug"]
        spool.ownership.begin(claim)
        assert [job.name for job in seen(yard.folders).running] == ["mug"]


def test_a_worker_of_an_earlier_version_is_understood(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    with spool.ownership.lock():
        spool.ownership.working(claim, ["a.png"], has_made=False)
        record(yard.folders, "w1", "rendering", job="mug", file="a.png", step=1, steps=8, done=2, total=5)
        (job,) = seen(yard.folders).running
    assert (job.name, job.made, job.pictures, job.left_s) == ("mug", 2, 5, None)


@pytest.mark.parametrize("name", ["mug.yaml", "Mu\u0308ller.yaml"], ids=["plain", "decomposed"])
def test_a_claim_that_rests_waits_with_its_reason(yard, name: str) -> None:
    spool = yard.worker()
    for dropped in (name, "vase.yaml"):
        yard.drop(dropped)
    rests, works = yard.begun(spool, name), yard.begun(spool, "vase.yaml")
    spool.inbox.tell_of(rests, gettext("it waits for room"))
    with spool.ownership.lock():
        spool.ownership.rest(rests)
        rendering(yard, works)
        overview = seen(yard.folders)
    assert [job.name for job in overview.running] == ["vase"]
    (job,) = overview.waiting
    assert (job.name, job.state, job.reason) == (name, "resting", "it waits for room")
    assert (yard.folders.receipts / (job.receipt or "none")).exists()


@pytest.mark.parametrize("text", ["prompt: mug\nstesp: 4\n", "prompt: 红色马克杯\nstesp: 4\n"], ids=["en", "zh"])
def test_an_invalid_job_is_told_with_its_first_problem_in_whatever_language(yard, text: str) -> None:
    spool, files = yard.worker(), JobFiles(Limits(), KINDS["base"].recommendation, guidance_matters=True)
    yard.drop("bad.yaml", text)
    queue = JobQueue(spool.inbox, files, grace_s=60.0, clock=lambda: yard.now_s)
    yard.settled(spool)
    queue.ready()
    (job,) = seen(yard.folders).waiting
    assert (job.state, job.receipt) == ("invalid", "bad.yaml.txt")
    assert "stesp" in job.reason


def test_the_queue_is_told_in_the_order_that_a_living_worker_foresees(yard) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml", "d.yaml"):
        yard.drop(name)
    queue = [
        {"name": "gone.yaml", "position": 1, "starts_in_s": 5.0, "takes_s": 3.0, "pictures": 1},
        {"name": "c.yaml", "position": 2, "starts_in_s": 8.0, "takes_s": 30.0, "pictures": 4},
        {"name": "a.yaml", "position": 3, "starts_in_s": 38.0, "takes_s": None, "pictures": None},
        {"name": "d.yaml", "state": "held", "reason": "beyond the quota", "pictures": 900},
    ]
    spool = yard.worker()
    with spool.ownership.lock():
        record(yard.folders, "w1", "idle", queue=queue, queue_all={"jobs": 4, "pictures": 905, "ends_in_s": 400.0})
        overview = seen(yard.folders)
        waiting = overview.waiting
        assert overview.queue_ends_in_s == 400.0
        assert [(job.name, job.position, job.starts_in_s, job.takes_s, job.pictures) for job in waiting] == [
            ("c.yaml", 1, 8.0, 30.0, 4),
            ("a.yaml", 2, 38.0, None, None),
            ("b.yaml", None, None, None, None),
            ("d.yaml", None, None, None, 900),
        ]
        assert (waiting[3].state, waiting[3].reason) == ("held", "beyond the quota")
        yard.drop("e.yaml")
        yard.drop("f.yaml")
        assert seen(yard.folders).queue_ends_in_s is None, "two more wait than were foreseen"
        yard.drop("PAUSE", "")
        overview = seen(yard.folders)
        assert ({job.starts_in_s for job in overview.waiting}, overview.queue_ends_in_s) == ({None}, None)
    (yard.folders.inbox / "PAUSE").unlink()
    assert {job.position for job in seen(yard.folders).waiting} == {None}  # nobody works: nobody foresees


def test_names_that_are_no_jobs_and_control_files_are_told_with_what_is_said_of_them(yard) -> None:
    spool = yard.worker()
    for name in ("mugs.docx", "other.cancel", "PAUSE"):
        yard.drop(name, "")
    for _ in range(2):
        spool.inbox.scan()
        spool.inbox.tell({})
        yard.now_s += 61
    overview = seen(yard.folders)
    assert [(name, bool(remedy)) for name, remedy in overview.ignored] == [("mugs.docx", True)]
    assert [(name, bool(said)) for name, said in overview.control_files] == [("other.cancel", True)]


def test_former_workers_leave_the_list_and_the_last_stays_while_nobody_works(yard) -> None:
    for name in ("old", "older", "new"):
        record(yard.folders, name, "stopped")
        with yard.worker(name).ownership.lock():
            pass
    for name, days in (("old", 2), ("older", 3)):
        then_s = time.time() - days * 86_400
        os.utime(yard.folders.workers / f"{name}.beat", (then_s, then_s))
    assert states(seen(yard.folders)) == {"new": "stopped"}
    os.utime(yard.folders.workers / "new.beat", (1e9, 1e9))
    assert states(seen(yard.folders)) == {"old": "stopped"}


def test_a_dead_worker_with_a_job_stays_in_the_list_however_long(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    yard.begun(spool)
    with spool.ownership.lock():
        pass
    move_away(yard.folders, "w1", silent_s=9 * 86_400)
    assert states(seen(yard.folders)) == {"w1": "dead"}


def test_receipts_are_read_once(yard, opened) -> None:
    spool = yard.worker()
    for number in range(5):
        yard.drop(f"{number}.yaml")
    spool.inbox.scan()
    spool.inbox.tell({f"{number}.yaml": gettext("it cannot be read") for number in range(5)})
    reader = onlooker(yard.folders)
    assert {job.reason for job in reader.look().waiting} == {"it cannot be read"}
    opened.clear()
    assert {job.reason for job in reader.look().waiting} == {"it cannot be read"}
    assert not [name for name in opened if name.endswith(".txt")]


def test_a_job_whose_claim_lies_under_two_workers_is_told_once(yard) -> None:
    """An NFS client may list a claim at both places for a moment after a take-over."""
    spool = yard.worker("w2")
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    twin = yard.folders.claims / "w1" / folder_of(claim).name
    twin.mkdir(parents=True)
    (twin / "claim.json").write_bytes((folder_of(claim) / "claim.json").read_bytes())
    with spool.ownership.lock():
        rendering(yard, claim, "w2")
        assert [job.worker for job in seen(yard.folders).running] == ["w2"]


def test_who_dropped_a_job_is_told_before_any_worker_has_seen_it(yard) -> None:
    yard.drop("mugs.yaml", "prompt: a mug\n")
    yard.drop("bad.yaml", "promt: a mug\n")
    mine = owner_name(os.getuid(), name_of=account)
    assert mine is not None
    assert {job.name: job.dropped_by for job in seen(yard.folders).waiting} == {"mugs.yaml": mine, "bad.yaml": mine}
