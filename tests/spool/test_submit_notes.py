"""What `submit` puts into the inbox is taken at the first look, and nothing else is."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from worker.disk.content import fingerprint
from worker.spool.janitor import ALONE_S, EVERY_S
from worker.spool.layout import note_name
from worker.spool.settling import LARGE_BYTES
from worker.spool.submission import submit
from worker.spool.submit_notes import SUBMITTED


@pytest.fixture
def worker(yard):
    """One that lives: it has made what workers make."""
    spool = yard.worker()
    with spool.ownership.lock():
        yield spool


def given(yard, name: str = "mug.yaml", text: str = "prompt: mug\n") -> Path:
    path = yard.root / "given" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def notes(yard) -> list[Path]:
    return sorted((yard.folders.inbox / SUBMITTED).iterdir())


def note_on(yard, name: str, record: object) -> Path:
    path = yard.folders.inbox / SUBMITTED / note_name(name)
    path.write_text(json.dumps(record))
    return path


def test_a_submitted_job_is_claimed_at_the_first_look_and_its_note_goes(yard, worker) -> None:
    submit(given(yard), yard.folders)
    assert len(notes(yard)) == 1
    (candidate,) = worker.inbox.scan()
    assert worker.ownership.claim(candidate) is not None
    assert notes(yard) == []


def test_a_submitted_folder_too_also_a_large_one(yard, worker) -> None:
    given(yard, "set/job.yaml")
    given(yard, "set/much.csv", "a" * (LARGE_BYTES + 1))
    submit(yard.root / "given/set", yard.folders)
    assert [one.path.name for one in worker.inbox.scan()] == ["set"]


def test_one_that_is_changed_after_it_was_submitted_settles_like_any_other(yard, worker) -> None:
    submit(given(yard), yard.folders)
    (yard.folders.inbox / "mug.yaml").write_text("prompt: a mug and\n")
    assert worker.inbox.scan() == ()
    yard.now_s += 2.0
    assert len(worker.inbox.scan()) == 1


def test_one_that_is_changed_between_look_and_claim_goes_back(yard, worker) -> None:
    submit(given(yard), yard.folders)
    (candidate,) = worker.inbox.scan()
    (yard.folders.inbox / "mug.yaml").write_text("prompt: a mug and\n")
    assert worker.ownership.claim(candidate) is None
    assert worker.inbox.scan() == ()


@pytest.mark.parametrize("record", [[], {}, {"fingerprint": 7}, {"fingerprint": "ab" * 32}, "x" * 2_000_000])
def test_a_note_of_anything_else_says_nothing(yard, worker, record: object) -> None:
    yard.drop("mug.yaml")
    note_on(yard, "mug.yaml", record)
    assert worker.inbox.scan() == ()
    yard.now_s += 2.0
    assert len(worker.inbox.scan()) == 1


def test_no_link_is_followed_to_a_note(yard, worker) -> None:
    job = yard.drop("mug.yaml")
    elsewhere = yard.root / "note.json"
    elsewhere.write_text(json.dumps({"fingerprint": fingerprint(job)}))
    (yard.folders.inbox / SUBMITTED / note_name("mug.yaml")).symlink_to(elsewhere)
    assert worker.inbox.scan() == ()


def test_a_note_that_cannot_be_read_is_not_the_job_s_trouble(yard, worker, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(given(yard), yard.folders)

    def refused(inbox: Path, name: str) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("worker.spool.scan.noted_fingerprint", refused)
    assert worker.inbox.scan() == ()
    assert worker.inbox.passed_over() == {}
    yard.now_s += 2.0
    assert len(worker.inbox.scan()) == 1


def test_where_no_worker_has_made_the_folder_nothing_is_written_and_the_job_is_submitted(yard) -> None:
    before = sorted(path.name for path in yard.folders.inbox.rglob("*"))
    submit(given(yard), yard.folders)
    assert sorted(path.name for path in yard.folders.inbox.rglob("*")) == sorted([*before, "mug.yaml"])


def test_whoever_may_drop_a_job_may_leave_a_note(yard) -> None:
    yard.folders.inbox.chmod(0o1777)
    with yard.worker().ownership.lock():
        assert stat.S_IMODE((yard.folders.inbox / SUBMITTED).stat().st_mode) == 0o1777


def test_a_note_whose_job_was_withdrawn_goes(yard, worker) -> None:
    submit(given(yard), yard.folders)
    (yard.folders.inbox / "mug.yaml").unlink()
    worker.janitor.sweep()
    assert len(notes(yard)) == 1
    yard.now_s += ALONE_S + EVERY_S
    worker.janitor.sweep()
    assert notes(yard) == []


def test_a_look_without_a_new_name_asks_for_no_notes(yard, worker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("worker.spool.scan.submit_notes", lambda inbox: asked.append(inbox) or frozenset())
    for number in range(3):
        yard.drop(f"mug-{number}.yaml")
    for _ in range(3):
        yard.now_s += 20.0
        worker.inbox.scan()
    assert len(asked) == 1
