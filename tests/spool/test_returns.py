"""Giving back: a job that returns to the inbox stays the same job, and replaces nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from worker.disk.moves import is_second_name
from worker.records import StagedFile


def reclaimed_after_return(yard, spool, heir):
    former = yard.begun(spool)
    spool.ownership.give_back(former)
    return former, yard.claimed(heir)


@pytest.mark.parametrize("heir", ["w1", "w2"])
def test_a_returned_job_keeps_its_id_and_former_claims_and_no_attempt(yard, heir: str) -> None:
    yard.drop("mug.yaml")
    former, claim = reclaimed_after_return(yard, yard.worker(), yard.worker(heir))
    assert claim.job_id == former.job_id
    assert claim.attempt == 0
    assert claim.earlier == (former.id,)
    assert claim.submitted_at == former.submitted_at
    assert not list(yard.folders.returned.iterdir())


def test_a_returned_folder_keeps_its_id(yard) -> None:
    spool = yard.worker()
    yard.drop("set/job.yaml")
    former = yard.begun(spool, "set")
    spool.ownership.give_back(former)
    assert yard.claimed(spool, "set").job_id == former.job_id


def test_pictures_staged_by_a_former_claim_can_be_read_by_the_next(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    former = yard.begun(spool)
    spool.publishing.stage(former, name="mug").write(StagedFile(name="1.png", data=b"png"))
    spool.ownership.give_back(former)
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    assert staging.earlier("1.png") == b"png"
    assert staging.earlier("2.png") is None
    assert not (staging.path / "1.png").exists()


def test_another_job_under_the_name_of_a_returned_one_is_a_new_job(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    former = yard.begun(spool)
    spool.ownership.give_back(former)
    yard.drop("mug.yaml", "prompt: jug\n")
    claim = yard.claimed(spool)
    assert claim.job_id != former.job_id
    assert claim.earlier == ()


@pytest.mark.parametrize("name", ["mug.yaml", "set"])
def test_a_return_never_replaces_what_was_dropped_meanwhile(yard, name: str) -> None:
    spool = yard.worker()
    job = name if name == "mug.yaml" else f"{name}/job.yaml"
    yard.drop(job, "prompt: old\n")
    claim = yard.begun(spool, name)
    new = yard.drop(job, "prompt: new\n")
    spool.ownership.give_back(claim)
    assert new.read_text() == "prompt: new\n"
    (left,) = spool.ownership.leftovers()
    assert left.job_id == claim.job_id
    assert left.attempt == 0
    assert yard.claimed(spool, name).job_id != claim.job_id


def test_a_return_whose_link_reports_failure_but_happened_leaves_one_job(yard, monkeypatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    really = os.link

    def lying(source, target) -> None:
        really(source, target)
        raise OSError(errno.EIO, "the reply was lost")

    monkeypatch.setattr(os, "link", lying)
    spool.ownership.give_back(claim)
    assert spool.ownership.leftovers() == ()
    assert yard.claimed(spool).job_id == claim.job_id


@pytest.mark.parametrize("dropped_meanwhile", [False, True])
def test_a_return_needs_no_hard_links(yard, monkeypatch: pytest.MonkeyPatch, dropped_meanwhile: bool) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    claim = yard.begun(spool)

    def refused(source, target) -> None:
        raise PermissionError(errno.EPERM, "no links here", str(source))

    monkeypatch.setattr(os, "link", refused)
    if dropped_meanwhile:
        yard.drop("mug.yaml", "prompt: new\n")
    spool.ownership.give_back(claim)
    assert path.read_text() == ("prompt: new\n" if dropped_meanwhile else "prompt: mug\n")
    assert [left.job_id for left in spool.ownership.leftovers()] == ([claim.job_id] if dropped_meanwhile else [])


@pytest.mark.parametrize("has_happened", [False, True])
def test_a_return_without_hard_links_that_fails_leaves_no_empty_job(yard, monkeypatch, has_happened: bool) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    claim = yard.begun(spool)
    really = os.rename

    def refused(source, target) -> None:
        raise PermissionError(errno.EPERM, "no links here", str(source))

    def failing(source, target, **named) -> None:
        if Path(target) != path:
            return really(source, target, **named)
        if has_happened:
            really(source, target)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "link", refused)
    with monkeypatch.context() as share:
        share.setattr(os, "rename", failing)
        if has_happened:
            assert spool.ownership.give_back(claim)
        else:
            with pytest.raises(OSError, match="Input/output"):
                spool.ownership.give_back(claim)
            assert not path.exists()
            assert spool.ownership.holds(claim)
    if not has_happened:
        assert spool.ownership.give_back(claim)
    assert path.read_text() == "prompt: mug\n"
    assert spool.ownership.leftovers() == ()


def test_a_name_that_only_a_cache_still_knows_is_no_second_name(tmp_path: Path, monkeypatch) -> None:
    """An SMB client looks up a renamed file under both its names; its listing and the count of names are right."""
    path, gone, twin = tmp_path / "claimed.yaml", tmp_path / "job.yaml", tmp_path / "twin.yaml"
    path.write_text("prompt: a mug")
    monkeypatch.setattr(os.path, "samefile", lambda one, other: True)
    assert not is_second_name(path, gone)
    twin.write_text("prompt: a mug")  # listed, but another file
    assert not is_second_name(path, twin)
    os.link(path, gone)
    assert is_second_name(path, gone)
    assert not is_second_name(tmp_path / "nothing.yaml", gone)
