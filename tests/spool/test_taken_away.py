"""A finished folder that a person takes away at once, while its worker dies: the job is not made a second time."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from failing_calls import FailingCalls

from worker.records import Claim, StagedFile


class Killed(BaseException):
    """Nothing of the program runs any more."""


def staged(spool, claim: Claim, name: str = "Mugs"):
    staging = spool.publishing.stage(claim, name=name)
    manifest = {"job": claim.job_id, "status": "complete"}
    staging.write(StagedFile(name="manifest.json", data=json.dumps(manifest).encode()))
    return staging


def killed_at(call: str, place: str) -> FailingCalls:
    """Dies before the first such call about a path of that ending."""

    def kill(met: str, path: str) -> None:
        if met == call and path.endswith(place):
            raise Killed

    return FailingCalls(kill)


def publishing(yard, worker, *, killed: FailingCalls) -> Claim:
    yard.drop("mug.yaml")
    claim = worker.ownership.begin(yard.claimed(worker))
    staging = staged(worker, claim)
    with killed.installed(), pytest.raises(Killed):
        worker.publishing.publish(claim, staging, name="Mugs")
    return claim


def left(yard) -> list[Path]:
    return [*yard.folders.claims.glob("*/*"), *yard.root.glob("*/*.partial")]


def test_a_job_whose_folder_is_gone_when_its_worker_begins_anew_is_told_and_kept_and_not_made_again(yard) -> None:
    publishing(yard, yard.worker(), killed=killed_at("fsync", "/outbox"))  # just behind the rename
    (yard.folders.outbox / "Mugs").rename(yard.root / "taken away")
    again = yard.worker()
    assert again.ownership.leftovers() == ()
    told = yard.folders.failed / "Mugs"
    assert {path.name for path in told.iterdir()} == {"error.txt", "error.json", "job.yaml"}
    assert "is not made again" in (told / "error.txt").read_text()
    assert (told / "job.yaml").read_text() == "prompt: mug\n"
    assert not left(yard)
    assert [*yard.folders.inbox.glob("*.yaml")] == []


def test_once_the_end_is_written_down_a_folder_may_go_without_a_word(yard) -> None:
    publishing(yard, yard.worker(), killed=killed_at("unlink", "/mug.yaml"))  # in the sweep
    (yard.folders.outbox / "Mugs").rename(yard.root / "taken away")
    assert yard.worker().ownership.leftovers() == ()
    assert [path.name for path in yard.folders.failed.iterdir() if path.is_dir()] == []
    assert not left(yard)


@pytest.mark.parametrize(
    ("call", "place"),
    [("rename", "/failed/Mugs"), ("fsync", ".partial"), ("fsync", "/failed"), ("unlink", "/mug.yaml")],
)
def test_who_dies_while_telling_tells_it_once(yard, call: str, place: str) -> None:
    publishing(yard, yard.worker(), killed=killed_at("fsync", "/outbox"))
    (yard.folders.outbox / "Mugs").rename(yard.root / "taken away")
    with killed_at(call, place).installed(), pytest.raises(Killed):
        yard.worker().ownership.leftovers()
    assert yard.worker().ownership.leftovers() == ()
    assert [path.name for path in yard.folders.failed.iterdir() if path.is_dir()] == ["Mugs"]
    assert not left(yard)


def test_a_worker_that_dies_before_the_last_rename_makes_the_job_anew(yard) -> None:
    publishing(yard, yard.worker(), killed=killed_at("rename", "/outbox/Mugs"))
    again = yard.worker()
    (claim,) = again.ownership.leftovers()
    begun = again.ownership.begin(claim)
    path = again.publishing.publish(begun, staged(again, begun), name="Mugs")
    assert (path, path.is_dir()) == (yard.folders.outbox / "Mugs", True)
    assert [path.name for path in yard.folders.failed.iterdir() if path.is_dir()] == []


def test_a_last_rename_that_is_refused_and_a_staged_folder_that_a_later_claim_swept_is_no_end(yard) -> None:
    worker = yard.worker()
    yard.drop("mug.yaml")
    claim = worker.ownership.begin(yard.claimed(worker))
    refused = FailingCalls(lambda call, path: errno.EACCES if call == "rename" and path.endswith("/Mugs") else None)
    with refused.installed(), pytest.raises(PermissionError):
        worker.publishing.publish(claim, staged(worker, claim), name="Mugs")
    begun = worker.ownership.begin(claim)
    (yard.folders.outbox / f"Mugs.{claim.id}.partial").rename(yard.root / "elsewhere")
    assert [one.id for one in worker.ownership.leftovers()] == [begun.id]
