"""Litter and strangers in the workers' own folders: never taken for a job, and in nobody's way."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.records import StagedFile

FILES = (".DS_Store", "._mug.yaml", "Thumbs.db", "desktop.ini", ".nfs0000000000000028", "~$mug.yaml")


def litter(folder: Path) -> None:
    """What a Mac, Windows and a NAS leave in a folder that they have seen."""
    for name in FILES:
        (folder / name).write_bytes(b"litter")
    (folder / "@eaDir" / "mug.yaml@SynoEAStream").mkdir(parents=True, exist_ok=True)


def everywhere(yard) -> None:
    hidden = yard.folders.hidden
    for folder in [hidden, *(path for path in hidden.rglob("*") if path.is_dir()), *yard.root.glob("*/*.partial")]:
        if "@eaDir" not in folder.parts:
            litter(folder)


def test_the_job_in_a_claim_is_the_one_that_was_dropped(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    everywhere(yard)
    (claim.dropped.parent / "a-stray.yaml").write_text("prompt: not me\n")
    (left,) = spool.ownership.leftovers()
    assert left.dropped == claim.dropped
    staging = spool.publishing.stage(left, name="mug")
    path = spool.publishing.publish(left, staging, name="mug")
    assert (path / "job.yaml").read_text() == "prompt: mug\n"


@pytest.mark.parametrize("end", ["publish", "fail", "give_back"])
def test_litter_stops_no_end_of_a_claim_and_its_folder_goes(yard, end: str) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(StagedFile(name="1.png", data=b"png"))
    everywhere(yard)
    if end == "publish":
        spool.publishing.publish(claim, staging, name="mug")
    elif end == "fail":
        spool.publishing.fail(claim, (), name="mug", staging=staging)
    else:
        assert spool.ownership.give_back(claim)
    assert not claim.dropped.parent.parent.exists()
    assert spool.ownership.leftovers() == ()


def test_an_empty_claim_with_litter_in_it_is_removed_and_litter_is_no_claim(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    claim.dropped.unlink()
    everywhere(yard)
    (yard.folders.claims / "@eaDir" / "w1").mkdir()
    with capture_logs() as logs:
        assert spool.ownership.leftovers() == ()
    assert logs == []
    assert not claim.dropped.parent.parent.exists()
    assert (yard.folders.claims / "@eaDir" / "w1").exists()


def test_a_strange_file_in_an_empty_claim_is_told_once_and_keeps_nobody_from_the_others(yard) -> None:
    spool = yard.worker()
    for name in ("mug.yaml", "vase.yaml"):
        yard.drop(name, f"prompt: {name}\n")
    claims = [spool.ownership.claim(one) for one in yard.settled(spool)]
    gone, other = claims
    gone.dropped.rename(gone.dropped.parent / "notes.txt")
    with capture_logs() as logs:
        for _ in range(3):
            assert spool.ownership.leftovers() == (other,)
    assert [log["event"] for log in logs] == ["claim.passed_over"]
    assert (gone.dropped.parent / "notes.txt").exists()


ERRNOS = [errno.EACCES, errno.EIO, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.EBUSY, errno.ESTALE, errno.EPERM]


@pytest.mark.parametrize("number", ERRNOS, ids=[errno.errorcode[one] for one in ERRNOS])
@pytest.mark.parametrize("owner", ["w1", "dead"])
def test_a_claim_that_cannot_be_dealt_with_is_told_and_the_others_go_on(yard, monkeypatch, owner, number) -> None:
    """As another account left it, or a damaged sector: whatever call of it fails."""
    for name in ("mug.yaml", "vase.yaml"):
        yard.drop(name, f"prompt: {name}\n")
    spool = yard.worker(owner)
    bad, _ = [spool.ownership.begin(spool.ownership.claim(one)) for one in yard.settled(spool)]
    folder = str(bad.dropped.parent.parent.name)

    def failing(call):
        def wrapped(path, *args, **named):
            if folder in str(path):
                raise OSError(number, os.strerror(number), str(path))
            return call(path, *args, **named)

        return wrapped

    heir = yard.worker()
    for call in ("open", "listdir", "rename"):
        with monkeypatch.context() as patch, capture_logs() as logs:
            patch.setattr(os, call, failing(getattr(os, call)))
            left = heir.ownership.leftovers()
        assert [one.stem for one in left if one.stem != "mug"] == ["vase"]
        is_told = [log["event"] for log in logs].count("claim.passed_over") == 1
        may_be_a_living_one_s = owner == "dead" and number in (errno.EACCES, errno.EPERM)
        assert len(left) == 2 or is_told or may_be_a_living_one_s
    assert {one.stem for one in heir.ownership.leftovers()} == {"mug", "vase"}


@pytest.mark.parametrize(("seconds", "year"), [(-70_000_000_000, "1970"), (400_000_000_000, "9999")])
def test_a_file_time_that_no_calendar_has_stops_nothing(yard, monkeypatch, seconds: int, year: str) -> None:
    spool = yard.worker()
    path = yard.drop("mug.yaml")
    real = os.lstat

    def strange(name, **named):
        found = real(name, **named)
        if str(name).endswith("mug.yaml"):
            fields = list(found)
            fields[8] = seconds
            return os.stat_result(fields)
        return found

    monkeypatch.setattr(os, "lstat", strange)
    (candidate,) = yard.settled(spool)
    assert candidate.path == path
    monkeypatch.setattr(Path, "lstat", strange)
    claim = spool.ownership.claim(candidate)
    assert claim.submitted_at == f"{year}-01-01T00:00:00+00:00"
    (claim.dropped.parent.parent / "claim.json").unlink()
    assert len(spool.ownership.leftovers()) == 1


@pytest.mark.parametrize(
    "name", ["caf\udce9.yaml", "cafe\u0301.yaml", "m" * 250 + ".yaml"], ids=["bytes", "nfd", "long"]
)
def test_a_name_of_any_kind_is_found_again_in_its_claim(yard, name: str) -> None:
    spool = yard.worker()
    yard.drop(name)
    claim = spool.ownership.begin(yard.claimed(spool, name))
    assert [one.dropped.name for one in spool.ownership.leftovers()] == [name]
    assert spool.ownership.give_back(claim)
    assert yard.claimed(spool, name).job_id == claim.job_id


def test_a_note_whose_job_id_leads_elsewhere_is_no_note(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    spool.ownership.give_back(spool.ownership.begin(yard.claimed(spool)))
    (note,) = yard.folders.returned.iterdir()
    note.write_text(json.dumps(json.loads(note.read_text()) | {"job_id": "../../../../outbox/x"}))
    claim = yard.claimed(spool)
    assert claim.dropped.parents[2] == yard.folders.claims / "w1"


def test_a_finished_job_whose_claim_cannot_be_removed_is_not_made_again_once_it_is_taken_away(
    yard, monkeypatch
) -> None:
    """A colleague's folder with umask 022: it can be moved, and nothing in it removed."""
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    staging = spool.publishing.stage(claim, name="mug")
    manifest = {"job": claim.job_id, "status": "complete"}
    staging.write(StagedFile(name="manifest.json", data=json.dumps(manifest).encode()))

    def refused(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("worker.spool.claims.remove_tree", refused)
    path = spool.publishing.publish(claim, staging, name="mug")
    path.rename(yard.root / "taken away")
    for worker in (spool, yard.worker(), yard.worker("heir")):
        assert worker.ownership.leftovers() == ()
        worker.inbox.scan()
    assert len(spool.publishing._unswept) == 1
    monkeypatch.undo()
    spool.inbox.scan()


def test_who_loses_the_last_rename_looks_whose_folder_it_is(yard, monkeypatch) -> None:
    """Two claims of one job: the other's appears between this one's look and its rename."""
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(StagedFile(name="1.png", data=b"png"))
    really = os.rename

    def late(source, target, *args, **named) -> None:
        if Path(target) == yard.folders.outbox / "mug":
            Path(target).mkdir()
            (Path(target) / "manifest.json").write_text(json.dumps({"job": claim.job_id}))
        really(source, target, *args, **named)

    monkeypatch.setattr(os, "rename", late)
    assert spool.publishing.publish(claim, staging, name="mug").name == "mug"
    assert [path.name for path in yard.folders.outbox.glob("mug*")] == ["mug"]


def test_a_claim_of_an_older_version_goes_on(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    file = claim.dropped.parent.parent / "claim.json"
    record = json.loads(file.read_text())
    for key in ("dropped", "deaths", "fruitless", "silent", "life"):
        del record[key]
    file.write_text(json.dumps(record))
    (claim.dropped.parent / "._mug.yaml").touch()
    (left,) = yard.worker().ownership.leftovers()
    assert (left.id, left.dropped, left.deaths) == (claim.id, claim.dropped, ())
    assert yard.worker().ownership.begin(left).attempt == 2
