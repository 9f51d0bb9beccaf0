"""What `spool_ports.Publishing` and `Staging` promise, held against the folders and the in-memory twin."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import PurePath

import pytest

from worker.errors import ClaimLost, JobChanged
from worker.kept_records import Retry
from worker.records import StagedFile


def test_what_is_staged_can_be_read_and_is_hashed(spools) -> None:
    spool = spools.worker()
    staging = spool.publishing.stage(spool.ownership.begin(spools.claimed(spool)), name="mug")
    staging.write(StagedFile(name="a.png", data=b"first"))
    staging.write(StagedFile(name="a.png", data=b"second"))
    staging.copy("rejected/b.png", lambda: (b"thi", b"rd"))
    assert (staging.read("a.png"), staging.read("rejected/b.png")) == (b"second", b"third")
    assert staging.hashes == {name: staging.read_hash(name) for name in ("a.png", "rejected/b.png")}
    assert staging.read_hash("a.png") == hashlib.sha256(b"second").hexdigest()
    for read in (staging.read, staging.read_hash):
        with pytest.raises(FileNotFoundError):
            read("c.png")


def test_a_claim_finds_its_staging_again_and_that_of_former_claims(spools) -> None:
    spool = spools.worker()
    first = spool.ownership.begin(spools.claimed(spool))
    spools.staged(spool, first)
    assert spool.publishing.stage(first, name="mug").read("a.png") == b"picture"
    second = spool.ownership.begin(first)
    staging = spool.publishing.stage(second, name="mug")
    assert staging.earlier("a.png") == b"picture"
    assert staging.earlier("b.png") is None
    with pytest.raises(FileNotFoundError):
        staging.read("a.png")


def test_what_is_kept_of_a_former_claim_is_there_once(spools) -> None:
    spool = spools.worker()
    first = spool.ownership.begin(spools.claimed(spool))
    spools.staged(spool, first)
    second = spool.ownership.begin(first)
    staging = spool.publishing.stage(second, name="mug")
    data = staging.earlier("a.png")
    for _ in range(2):  # it can be repeated
        staging.keep([StagedFile(name="a.png", data=data)])
    assert (staging.read("a.png"), staging.hashes["a.png"]) == (data, hashlib.sha256(data).hexdigest())
    assert staging.earlier("a.png") is None


def test_a_retry_reads_what_it_was_made_of_and_changes_nothing_there(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    spool.publishing.publish(claim, spools.staged(spool, claim), name="mug")
    before = spools.finished("outbox")
    again = spool.ownership.begin(spools.claimed(spool, "bowl.yaml"))
    staging = spool.publishing.stage(replace(again, retry=Retry(place="outbox", folder="mug")), name="mug")
    assert staging.finished("a.png") == before["mug"]["a.png"]
    assert staging.finished("b.png") is None
    assert spool.publishing.stage(again, name="mug").finished("a.png") is None
    assert spools.finished("outbox")["mug"] == before["mug"]


def test_publishing_shows_the_whole_folder_and_ends_the_claim(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    path = spool.publishing.publish(claim, spools.staged(spool, claim), name="mug")
    assert path.name == "mug"
    files = spools.finished("outbox")["mug"]
    assert (files["a.png"], files["job.yaml"]) == (b"picture", b"prompt: a mug\n")
    assert not spool.ownership.holds(claim)
    assert spool.ownership.leftovers() == ()
    assert spools.unfinished() == 0


def test_a_taken_name_gets_a_number_and_nothing_is_overwritten(spools) -> None:
    spool = spools.worker()
    for text in ("prompt: one\n", "prompt: two\n", "prompt: three\n"):
        spools.drop("mug.yaml", text)
        claim = spool.ownership.begin(spools.claimed(spool))
        spool.publishing.publish(claim, spools.staged(spool, claim), name="Mug" if "two" in text else "mug")
    jobs = {name: files["job.yaml"] for name, files in spools.finished("outbox").items()}
    assert jobs == {"mug": b"prompt: one\n", "Mug.2": b"prompt: two\n", "mug.3": b"prompt: three\n"}


def test_a_refused_job_lies_in_failed_with_its_reason_and_what_was_staged(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    error = StagedFile(name="error.txt", data=b"why")
    path = spool.publishing.fail(claim, (error,), name="mug", staging=spools.staged(spool, claim))
    files = spools.finished("failed")[path.name]
    assert (files["error.txt"], files["a.png"], files["job.yaml"]) == (b"why", b"picture", b"prompt: a mug\n")
    assert spools.finished("outbox") == {}
    assert spool.ownership.leftovers() == ()


def test_who_lost_the_claim_publishes_nothing(spools) -> None:
    dead, heir = spools.worker("dead"), spools.worker("heir")
    with dead.ownership.lock():
        claim = dead.ownership.begin(spools.claimed(dead))
        staging = spools.staged(dead, claim)
    with heir.ownership.lock():
        (taken,) = heir.ownership.leftovers()
        with pytest.raises(ClaimLost):
            dead.publishing.publish(claim, staging, name="mug")
        with pytest.raises(ClaimLost):
            dead.publishing.fail(claim, (), name="mug", staging=staging)
        assert (spools.finished("outbox"), spools.finished("failed")) == ({}, {})
        begun = heir.ownership.begin(taken)
        heir.publishing.publish(begun, spools.staged(heir, begun), name="mug")
    assert list(spools.finished("outbox")) == ["mug"]


def test_a_share_that_fails_is_an_os_error_nothing_appears_and_the_next_try_succeeds(spools) -> None:
    spool = spools.worker()
    with spool.ownership.lock():
        claim = spool.ownership.begin(spools.claimed(spool))
        staging = spools.staged(spool, claim)
        spools.break_share()
        for act in (
            lambda: spool.publishing.stage(claim, name="mug"),
            lambda: staging.write(StagedFile(name="b.png", data=b"")),
            lambda: spool.publishing.publish(claim, staging, name="mug"),
            lambda: spool.publishing.fail(claim, (), name="mug", staging=None),
        ):
            with pytest.raises(OSError, match=r"away|No such file|mount the share"):
                act()
        spools.mend_share()
        assert (spools.finished("outbox"), spools.finished("failed")) == ({}, {})
        spool.publishing.publish(claim, staging, name="mug")
    assert spools.finished("outbox")["mug"]["a.png"] == b"picture"


def test_a_claim_that_has_ended_publishes_nothing_more(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    staging = spools.staged(spool, claim)
    spool.publishing.publish(claim, staging, name="mug")
    for again in (
        lambda: spool.publishing.publish(claim, staging, name="mug"),
        lambda: spool.publishing.fail(claim, (), name="mug", staging=None),
    ):
        with pytest.raises(ClaimLost):
            again()
    assert (list(spools.finished("outbox")), spools.finished("failed")) == (["mug"], {})


def picture(spools, staging, name: str, data: bytes) -> None:
    """A picture with the sidecar that vouches for it."""
    staging.write(StagedFile(name=f"{name}.png", data=data))
    record = {"file": f"{name}.png", "sha256": hashlib.sha256(data).hexdigest()}
    staging.write(StagedFile(name=f"{name}.json", data=json.dumps(record).encode()))


@pytest.mark.parametrize("end", ["publish", "fail", "fail without staging"])
def test_verified_pictures_of_earlier_claims_come_along_whatever_the_end(spools, end: str) -> None:
    spool = spools.worker()
    first = spool.ownership.begin(spools.claimed(spool))
    earlier = spool.publishing.stage(first, name="mug")
    for name in ("kept", "other", "rotten"):
        picture(spools, earlier, name, name.encode())
    earlier.write(StagedFile(name="rotten.png", data=b"rot"))
    second = spool.ownership.begin(first)
    staging = None
    if end != "fail without staging":
        staging = spools.staged(spool, second)
        picture(spools, staging, "other", b"made anew")
    if end == "publish":
        path = spool.publishing.publish(second, staging, name="mug")
    else:
        path = spool.publishing.fail(second, (), name="mug", staging=staging)
    files = spools.finished("outbox" if end == "publish" else "failed")[path.name]
    found = {PurePath(name): data for name, data in files.items() if name.endswith(".png") and name != "a.png"}
    assert found.pop(PurePath("kept.png")) == b"kept"
    assert found.pop(PurePath("other.png")) == (b"other" if staging is None else b"made anew")
    assert [(path.parts[0], path.name, data) for path, data in found.items()] == (
        [] if staging is None else [("earlier", "other.png", b"other")]
    )
    assert spools.unfinished() == 0


def test_what_was_read_must_read_back_too(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    spools.staged(spool, claim)
    again = spool.publishing.stage(claim, name="mug")
    assert again.read("a.png") == b"picture"
    assert again.hashes == {"a.png": hashlib.sha256(b"picture").hexdigest()}


@pytest.mark.parametrize("end", ["publish", "fail"])
def test_a_job_whose_files_changed_after_the_claim_ends_only_once_it_was_read_again(spools, end: str) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))

    def ended() -> PurePath:
        staging = spools.staged(spool, claim)
        if end == "publish":
            return spool.publishing.publish(claim, staging, name="mug")
        return spool.publishing.fail(claim, (), name="mug", staging=staging)

    for text in ("prompt: a mug\nsize: 64x64\n", "prompt: a mug\nsize: 64x64\nsteps: 3\n"):
        claim.dropped.write_text(text)
        with pytest.raises(JobChanged):
            ended()
        assert spools.finished("outbox") == spools.finished("failed") == {}
        assert spool.ownership.holds(claim)
    path = ended()
    files = spools.finished("outbox" if end == "publish" else "failed")[path.name]
    assert (files["a.png"], files["job.yaml"]) == (b"picture", b"prompt: a mug\nsize: 64x64\nsteps: 3\n")
