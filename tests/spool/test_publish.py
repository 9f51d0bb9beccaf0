from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.errors import ClaimLost
from worker.records import StagedFile
from worker.spool.final_rename import NotAsWritten


def begun(yard, spool, name: str = "mug.yaml"):
    return spool.ownership.begin(yard.claimed(spool, name))


def rendered(spool, claim, *, name: str = "mug"):
    """A staging with a picture and a manifest, as the delivery writes it."""
    staging = spool.publishing.stage(claim, name=name)
    staging.write(StagedFile(name="1.png", data=b"png"))
    staging.write(StagedFile(name="manifest.json", data=json.dumps({"job": claim.job_id}).encode()))
    return staging


def published(yard, spool, name: str = "mug.yaml") -> Path:
    claim = begun(yard, spool, name)
    return spool.publishing.publish(claim, rendered(spool, claim), name="mug")


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def is_swept(yard) -> bool:
    partials = [*yard.folders.outbox.glob("*.partial"), *yard.folders.failed.glob("*.partial")]
    return not partials and not list(yard.folders.claims.glob("*/*"))


@pytest.fixture
def open_umask() -> Iterator[None]:
    former = os.umask(0o002)
    yield
    os.umask(former)


def test_a_file_job_is_published_byte_for_byte_and_its_claim_ends(yard) -> None:
    text = "prompt: 白色陶瓷马克杯\r\n# no newline at the end"
    spool = yard.worker()
    yard.drop("mug.yaml").write_bytes(text.encode())
    path = published(yard, spool)
    assert path == yard.folders.outbox / "mug"
    assert set(files_in(path)) == {"1.png", "manifest.json", "job.yaml"}
    assert files_in(path)["job.yaml"] == text.encode()
    assert is_swept(yard)


def test_a_folder_job_keeps_its_other_files_under_job(yard) -> None:
    spool = yard.worker()
    dropped = {"job.yaml": b"prompt: a", "mugs.csv": b"sku\n1\n", "refs/job.yaml": b"b", ".draft.tmp": b"mine"}
    for name, data in dropped.items():
        path = yard.folders.inbox / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    files = files_in(published(yard, spool, "set"))
    assert files.pop("1.png") == b"png"
    assert json.loads(files.pop("manifest.json"))
    assert files == {name if name == "job.yaml" else f"job/{name}": data for name, data in dropped.items()}


def test_a_taken_name_is_never_replaced_and_the_next_number_is_used(yard) -> None:
    spool = yard.worker()
    paths = []
    for number in range(3):
        yard.drop("mug.yaml", f"prompt: {number}\n")
        paths.append(published(yard, spool))
    assert [path.name for path in paths] == ["mug", "mug.2", "mug.3"]
    assert [(path / "job.yaml").read_text() for path in paths] == [f"prompt: {number}\n" for number in range(3)]


def test_a_file_under_the_final_name_is_a_taken_name_too(yard) -> None:
    (yard.folders.outbox / "mug").write_text("mine")
    yard.drop("mug.yaml")
    assert published(yard, yard.worker()).name == "mug.2"


def test_the_same_job_published_by_two_claims_is_one_folder(yard) -> None:
    """A worker that was thought dead wakes up: the share refuses its rename."""
    zombie, heir = yard.worker("zombie"), yard.worker("heir")
    yard.drop("mug.yaml")
    claim = begun(yard, zombie)
    (taken,) = heir.ownership.leftovers()
    taken = heir.ownership.begin(taken)
    first = heir.publishing.publish(taken, rendered(heir, taken), name="mug")
    with pytest.raises(ClaimLost):
        zombie.publishing.publish(claim, rendered(zombie, claim), name="mug")
    assert [path.name for path in yard.folders.outbox.glob("mug*") if path.suffix != ".partial"] == [first.name]


def test_two_claims_that_both_come_to_the_last_rename_make_one_folder(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share itself refuses the second time, should a worker fall asleep after its last look."""
    zombie, heir = yard.worker("zombie"), yard.worker("heir")
    yard.drop("mug.yaml")
    claim = begun(yard, zombie)
    staging, really = rendered(zombie, claim), os.rename

    def asleep_before_the_rename(source, target, *args, **kwargs) -> None:
        if Path(source) == staging.path:
            (taken,) = heir.ownership.leftovers()
            monkeypatch.undo()
            taken = heir.ownership.begin(taken)
            heir.publishing.publish(taken, rendered(heir, taken), name="mug")
        really(source, target, *args, **kwargs)

    monkeypatch.setattr(os, "rename", asleep_before_the_rename)
    assert zombie.publishing.publish(claim, staging, name="mug").name == "mug"
    assert [path.name for path in yard.folders.outbox.glob("mug*") if path.suffix != ".partial"] == ["mug"]


def test_publishing_again_returns_the_folder_that_is_there(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    with monkeypatch.context() as failing:
        failing.setattr("worker.spool.final_rename.sync_folder", _fails_on(yard.folders.outbox))
        with pytest.raises(OSError, match="share"):
            spool.publishing.publish(claim, staging, name="mug")
    assert spool.publishing.publish(claim, staging, name="mug").name == "mug"
    assert [path.name for path in yard.folders.outbox.glob("mug*")] == ["mug"]
    assert is_swept(yard)


def _fails_on(folder: Path):
    def sync(path: Path) -> None:
        if path == folder:
            raise OSError(errno.EIO, "the share failed")

    return sync


def test_a_rename_that_reports_failure_but_happened_is_a_publish(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    really = os.rename

    def lying(source, target, **named) -> None:
        really(source, target, **named)
        if Path(target).parent == yard.folders.outbox:
            raise OSError(errno.EIO, "the reply was lost")

    monkeypatch.setattr(os, "rename", lying)
    assert spool.publishing.publish(claim, staging, name="mug").name == "mug"
    assert is_swept(yard)


def test_nothing_has_a_final_name_before_the_last_rename(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    seen, places, really = [], [], os.rename

    def looking(source, target, **named) -> None:
        if not places or places[-1] != "mug":
            seen.append(sorted(path.name for path in yard.folders.outbox.glob("mug*") if path.suffix != ".partial"))
            places.append(Path(target).name)
        really(source, target, **named)

    monkeypatch.setattr(os, "rename", looking)
    spool.publishing.publish(claim, rendered(spool, claim), name="mug")
    assert places[-1] == "mug"
    assert not any(seen)


def test_a_sweep_that_failed_is_done_at_the_next_scan(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)

    def failing(folder: Path) -> None:
        raise OSError(errno.EIO, "the share failed")

    with monkeypatch.context() as broken:
        broken.setattr("worker.spool.claims.remove_tree", failing)
        assert spool.publishing.publish(claim, staging, name="mug").name == "mug"
    assert not is_swept(yard)
    assert yard.worker().ownership.leftovers() == ()
    spool.inbox.scan()
    assert is_swept(yard)


def test_a_folder_of_another_job_is_not_taken_for_this_one(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the last rename; then somebody clears the staging away and another job gets the name."""
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    with monkeypatch.context() as killed:
        killed.setattr("worker.spool.final_rename._renamed", lambda staged, target: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            spool.publishing.publish(claim, staging, name="mug")
    staging.path.rename(yard.root / "cleared")
    (yard.folders.outbox / "mug").mkdir()
    (yard.folders.outbox / "mug" / "manifest.json").write_text('{"job": "another"}')
    assert [left.job_id for left in yard.worker().ownership.leftovers()] == [claim.job_id]


def test_a_job_that_has_not_appeared_has_not_ended(yard) -> None:
    yard.drop("mug.yaml")
    spool = yard.worker()
    claim = yard.begun(spool)
    assert spool.publishing.ended(claim) is None
    spool.publishing.stage(claim, name="mug")
    assert spool.publishing.ended(claim) is None


def test_a_failed_job_takes_its_staging_along(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    staging.write(StagedFile(name="rejected/1.first.png", data=b"black"))
    (staging.path / ".2.png.77.tmp").write_bytes(b"half")
    path = spool.publishing.fail(claim, [StagedFile(name="error.txt", data=b"why")], name="mug", staging=staging)
    assert path == yard.folders.failed / "mug"
    assert set(files_in(path)) == {"1.png", "manifest.json", "rejected/1.first.png", "error.txt", "job.yaml"}
    assert is_swept(yard)


def test_a_refused_job_repeats_its_name_with_a_number(yard) -> None:
    spool = yard.worker()
    for number in (1, 2):
        yard.drop("mug.yaml", f"{number}")
        error = StagedFile(name="error.txt", data=b"why")
        path = spool.publishing.fail(yard.claimed(spool), [error], name="mug", staging=None)
        assert (path / "job.yaml").read_text() == f"{number}"
    assert path.name == "mug.2"


def test_files_and_folders_follow_the_umask(yard, open_umask: None) -> None:
    spool = yard.worker()
    yard.drop("set/job.yaml")
    yard.drop("set/mugs.csv")
    path = published(yard, spool, "set")
    assert stat.S_IMODE(path.stat().st_mode) == 0o775
    modes = {stat.S_IMODE(p.stat().st_mode): p.is_dir() for p in path.rglob("*")}
    assert modes == {0o664: False, 0o775: True}


def test_what_a_killed_writer_left_is_not_published(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    (staging.path / ".1.png.77.tmp").write_bytes(b"half")
    assert not list(spool.publishing.publish(claim, staging, name="mug").rglob(".*"))


@pytest.mark.parametrize("end", ["publish", "fail"])
def test_a_file_that_does_not_read_back_is_not_published_and_the_claim_stands(yard, end: str) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)
    (staging.path / "1.png").write_bytes(b"bit rot")
    with pytest.raises(NotAsWritten, match="read back"):
        spool.publishing.publish(claim, staging, name="mug") if end == "publish" else spool.publishing.fail(
            claim, [], name="mug", staging=staging
        )
    assert not [path for path in yard.folders.outbox.glob("mug*") if path.suffix != ".partial"]
    assert [left.job_id for left in spool.ownership.leftovers()] == [claim.job_id]


def test_a_full_share_leaves_the_former_file_and_the_claim(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = begun(yard, spool)
    staging = rendered(spool, claim)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as share:
        share.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            staging.write(StagedFile(name="1.png", data=b"another"))
    assert staging.read("1.png") == b"png"
    assert files_in(spool.publishing.publish(claim, staging, name="mug"))["1.png"] == b"png"
