"""A cancel means what a person sees, goes when it was followed, and expires where it means nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from structlog.testing import capture_logs
from told import look, receipts

from worker.spool.control_words import EXPIRES_S
from worker.spool.listing import RECENT_S
from worker.spool.settling import LOOK_AGAIN_S


def test_a_cancel_of_a_job_that_waits_or_is_in_anybody_s_work_does_not_expire(yard) -> None:
    first, second = yard.worker("w1"), yard.worker("w2")
    yard.drop("mug.yaml")
    claim = yard.begun(first)
    first.publishing.stage(claim, name="Autumn mugs 1.5")
    yard.drop("vase.yaml")
    for name in ("MUG.cancel", "autumn MUGS 1.5.cancel", "Vase.yaml.cancel.txt"):
        yard.drop(name)
    for _ in range(50):
        yard.now_s += LOOK_AGAIN_S
        look(yard, second)
    assert len([*yard.folders.inbox.glob("*[cC]ancel*")]) == 3
    assert len(receipts(yard)) == 3
    assert all("is cancelled after the picture in work" in text for text in receipts(yard).values())


@pytest.mark.parametrize(
    "cancel",
    ["mug.cancel", "mug.yaml.cancel", "MUG.Cancel", "Mug.YAML.cancel.TXT", "autumn mugs.cancel",
     "Autumn Mugs.yaml.cancel", "Mu\u0308ller.cancel", "MÜLLER.cancel"],
)  # fmt: skip
def test_a_cancel_means_what_a_person_sees(yard, cancel: str) -> None:
    spool = yard.worker()
    job = "Müller.yaml" if "LLER" in cancel.upper() else "mug.yaml"
    yard.drop(job)
    claim = yard.begun(spool, job)
    yard.drop(cancel)
    yard.now_s += RECENT_S
    assert spool.inbox.cancelled_by(claim, shown="Autumn Mugs") == cancel
    yard.drop(job)
    (candidate,) = yard.settled(spool)
    assert spool.inbox.cancelled_by(candidate, shown="Autumn Mugs") == cancel


def test_a_cancel_that_was_followed_does_not_meet_the_next_job_of_that_name(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="Autumn")
    cancel = yard.drop("autumn.cancel")
    look(yard, spool)
    assert spool.inbox.cancelled_by(claim, shown="Autumn")
    look(yard, spool)
    assert cancel.exists(), "it is in work"
    spool.publishing.publish(claim, staging, name="Autumn")
    look(yard, spool)
    assert not cancel.exists()


@pytest.mark.parametrize("ending", [".cancel", ".CANCEL", ".yaml.cancel", ".cancel.txt"])
def test_a_new_folder_is_a_cancel_too_and_goes_when_it_was_followed(yard, ending: str) -> None:
    """In a file manager a folder is made more easily than an empty file."""
    yard.drop("mug.yaml")
    cancel = yard.folders.inbox / f"mug{ending}"
    cancel.mkdir()
    spool = yard.worker()
    claim = yard.claimed(spool)
    assert spool.inbox.cancelled_by(claim) == cancel.name
    spool.publishing.fail(claim, (), name="mug", staging=None)
    assert not cancel.exists()


def test_a_folder_that_cancels_nothing_expires_like_a_file_and_one_with_something_in_it_stays(yard) -> None:
    cancels = [yard.folders.inbox / name for name in ("a.cancel", "b.cancel", "c.cancel")]
    cancels[0].mkdir()
    yard.drop("b.cancel/mine.txt")
    cancels[2].touch()
    spool = yard.worker()
    with capture_logs() as events:
        for _ in range(40):
            look(yard, spool)
            yard.now_s += EXPIRES_S / 10
    assert [path.exists() for path in cancels] == [False, True, False]
    assert sorted(event["file"] for event in events if event["event"] == "control.expired") == ["a.cancel", "c.cancel"]
    told = receipts(yard)
    assert "delete it, and write it anew" in told.pop("b.cancel.txt")
    assert all("matched no job for 10 minutes, and has been removed" in text for text in told.values())
    assert set(told) == {"a.cancel.txt", "c.cancel.txt"}


def sticky(name: str) -> FailingCalls:
    """The inbox lets nobody but a file's owner remove it, and this one is another account's."""
    return FailingCalls(lambda call, path: errno.EPERM if call == "unlink" and path.endswith(f"inbox/{name}") else None)


def cancelled(yard, spool, cancel: str) -> bool:
    """Whether that file cancels a job, waiting and in work; the job ends."""
    yard.drop("mug.yaml")
    (candidate,) = yard.settled(spool)
    waiting = spool.inbox.cancelled_by(candidate, shown="Autumn")
    claim = spool.ownership.begin(spool.ownership.claim(candidate))
    in_work = spool.inbox.cancelled_by(claim, shown="Autumn")
    staging = spool.publishing.stage(claim, name="Autumn")
    spool.publishing.publish(claim, staging, name="Autumn")
    assert waiting == in_work
    return waiting == cancel


@pytest.mark.parametrize("cancel", ["mug.cancel", "autumn.Cancel"])
def test_a_cancel_that_may_not_be_removed_meets_one_job_and_is_told_until_it_goes(yard, cancel: str) -> None:
    spool, other = yard.worker(), yard.worker("w2")
    path = yard.drop(cancel)
    with sticky(cancel).installed():
        assert cancelled(yard, spool, cancel)
        assert path.exists()
        assert not cancelled(yard, spool, cancel)
        assert not cancelled(yard, other, cancel), "another worker knows it too"
        assert not cancelled(yard, yard.worker(), cancel), "and one that begins anew"
        look(yard, spool)
        (told,) = receipts(yard).values()
        assert "means nothing any more" in told
        os.utime(path, (2_000_000_000, 2_000_000_000))  # a person writes it anew
        assert cancelled(yard, spool, cancel)
    path.unlink()
    look(yard, spool)
    (answer,) = receipts(yard).values()
    assert "`Autumn` has ended" in answer
    assert not [*yard.folders.obeyed.iterdir()], "nothing grows"


def test_a_cancel_that_has_expired_and_may_not_be_removed_meets_no_job_that_comes_later(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.cancel")
    with sticky("mug.cancel").installed(), capture_logs() as events:
        for _ in range(40):
            look(yard, spool)
            yard.now_s += EXPIRES_S / 10
        assert not cancelled(yard, spool, "mug.cancel")
    events_of = [event["event"] for event in events if event["event"].startswith("control.")]
    assert events_of == ["control.heard", "control.kept"]


def test_a_fresh_cancel_beside_one_that_stays_is_obeyed(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.cancel")
    with sticky("mug.cancel").installed():
        assert cancelled(yard, spool, "mug.cancel")
        yard.drop("mug.cancel.txt")
        assert cancelled(yard, spool, "mug.cancel.txt")
        assert not Path(yard.folders.inbox / "mug.cancel.txt").exists()


def test_a_folder_of_a_nas_among_the_notes_keeps_nobody_waiting(yard) -> None:
    yard.drop("mug.yaml")
    spool = yard.worker()
    for name in ("@eaDir", "somebody"):
        (yard.folders.obeyed / name).mkdir(parents=True)
    assert [candidate.stem for candidate in yard.settled(spool)] == ["mug"]


def test_claims_of_another_account_silence_no_receipt(yard) -> None:
    spool = yard.worker()
    (yard.folders.claims / "theirs").mkdir(parents=True)
    yard.drop("nothing.cancel", "")
    private = FailingCalls(lambda _, path: errno.EACCES if path.endswith("/theirs") else None)
    with private.installed():
        look(yard, spool)
        yard.now_s += EXPIRES_S / 10
        look(yard, spool)
    assert [name for name in receipts(yard) if name.startswith("nothing.cancel")]
