"""A job with a proof: its pictures come first, nobody waits for the answer, and nothing proofed is made again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from told import receipts
from twins import PaintingRenderer

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

SIX = "proof: true\nshots:\n  - {id: a, prompt: a mug, count: 2}\n  - {id: b, prompt: a vase, count: 4}\n"
PROOFED = ["a_01.png", "b_01.png"]
REST = ["a_02.png", "b_02.png", "b_03.png", "b_04.png"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def painted(house: House) -> list[str]:
    """What a drain makes."""
    renderer = PaintingRenderer()
    house.drain(renderer)
    return renderer.painted


def proofed(house: House, text: str = SIX) -> None:
    """A job whose proof waits."""
    house.drop("mugs.yaml", text)
    house.drain()


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.png")}


def test_the_proof_comes_first_and_the_job_waits(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.DONE, "a proof that waits has not failed"
    assert renderer.painted == PROOFED
    assert house.names("outbox") == {"mugs.proof"}
    manifest = house.manifest("mugs.proof")
    assert (manifest["status"], manifest["pictures"], manifest["proof_of"]) == ("proof", 2, 6)
    assert not list(house.folders.claims.glob("*/*")), "nobody's claim"
    assert not list((house.root / "outbox").glob("*.partial"))


def test_the_rest_is_made_once_it_is_approved_and_what_was_proofed_is_copied(house: House) -> None:
    proofed(house)
    before = hashes(house.root / "outbox/mugs.proof")
    house.drop("mugs.approve", "")
    assert painted(house) == REST
    manifest = house.manifest("mugs")
    assert (manifest["status"], manifest["pictures"], manifest["warnings"]) == ("complete", 6, [])
    assert manifest["approved_at"]
    after = hashes(house.root / "outbox/mugs")
    assert {name: after[name] for name in before} == before
    assert hashes(house.root / "outbox/mugs.proof") == before, "it stays as it is"
    assert (house.root / "outbox/mugs/job.yaml").read_text() == SIX
    assert not list(house.folders.proofs.glob("*"))


def test_a_rejected_job_ends_as_cancelled_and_its_proof_stays(house: House) -> None:
    proofed(house)
    house.drop("mugs.reject", "")
    assert painted(house) == []
    assert (house.names("outbox"), house.names("failed")) == ({"mugs.proof"}, {"mugs"})
    error = json.loads((house.root / "failed/mugs/error.json").read_bytes())
    assert (error["status"], "outbox/mugs.proof" in error["reason"]) == ("cancelled", True)
    assert (house.root / "failed/mugs/job.yaml").read_text() == SIX


def test_other_jobs_go_on_while_a_proof_waits(house: House) -> None:
    proofed(house)
    house.drop("vases.yaml", "prompt: a vase\n")
    assert painted(house) == ["shot-01_01.png"]
    assert house.names("outbox") == {"mugs.proof", "vases"}
    assert [folder.name for folder in house.folders.proofs.iterdir()] == [house.manifest("mugs.proof")["job"]]


@pytest.mark.parametrize("lacks", ["all", "picture", "edited", "sidecar"])
def test_what_a_person_has_done_to_the_proof_keeps_no_job_from_being_whole(house: House, lacks: str) -> None:
    proofed(house)
    proof = house.root / "outbox/mugs.proof"
    if lacks == "all":
        shutil.rmtree(proof)
    elif lacks == "edited":
        (proof / "a_01.png").write_bytes((proof / "b_01.png").read_bytes())
    else:
        (proof / {"picture": "a_01.png", "sidecar": "a_01.json"}[lacks]).unlink()
    house.drop("mugs.approve", "")
    again = ["a_01.png", "b_01.png"] if lacks == "all" else ["a_01.png"]
    assert sorted(painted(house)) == sorted([*again, *REST])
    manifest = house.manifest("mugs")
    assert manifest["status"] == "complete"
    (warning,) = manifest["warnings"]
    assert ("outbox/mugs.proof" in warning["message"], warning["count"]) == (True, len(again))


def test_a_proof_of_which_a_picture_fails_waits_and_that_picture_is_tried_again(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    assert house.drain(PaintingRenderer(refuses=["a_01.png"])) == ExitCode.DONE
    assert (house.manifest("mugs.proof")["status"], house.manifest("mugs.proof")["failed"]) == ("proof", 1)
    house.drop("mugs.approve", "")
    assert painted(house) == ["a_01.png", *REST]
    assert (house.manifest("mugs")["status"], house.manifest("mugs")["warnings"]) == ("complete", [])


def test_a_proof_of_which_nothing_can_be_made_fails_and_asks_nobody(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    assert house.drain(PaintingRenderer(refuses=PROOFED)) == ExitCode.JOBS_FAILED
    assert (house.names("outbox"), house.names("failed")) == (set(), {"mugs"})


@pytest.mark.parametrize("name", ["MUGS.approve.txt", "mugs.yaml.approve", "Autumn.approve", "Autumn.proof.Approve"])
def test_it_is_approved_by_any_name_that_people_call_it(house: House, name: str) -> None:
    proofed(house, f"name: Autumn\n{SIX}")
    house.drop(name, "")
    assert painted(house) == REST
    assert house.names("outbox") == {"Autumn.proof", "Autumn"}
    (text,) = receipts(house).values()
    assert "is approved: 4 more pictures" in text


def test_who_approves_before_the_proof_is_there_is_told_and_nothing_is_approved(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    house.drop("mugs.approve", "")
    assert painted(house) == PROOFED
    assert "waits for nobody's approval now" in receipts(house)["mugs.approve.txt"]
    assert painted(house) == []


def test_who_approves_twice_is_told_and_the_next_job_of_that_name_is_not_approved(house: House) -> None:
    proofed(house)
    house.drop("mugs.approve", "")
    asked = []
    renderer = PaintingRenderer(after=lambda _: asked or asked.append(house.drop("mugs.approve", "")))
    house.drain(renderer)
    assert renderer.painted == REST
    house.drain()
    house.drop("mugs.yaml", SIX)
    assert painted(house) == PROOFED
    assert house.names("outbox") == {"mugs.proof", "mugs", "mugs.proof.2"}
    assert painted(house) == []


def test_of_two_that_are_called_alike_nobody_approves_the_wrong_one(house: House) -> None:
    proofed(house)
    proofed(house, SIX.replace("a mug", "a cup"))
    assert house.names("outbox") == {"mugs.proof", "mugs.proof.2"}
    house.drop("mugs.approve", "")
    assert painted(house) == []
    assert "`mugs.proof.approve`, `mugs.proof.2.approve`" in receipts(house)["mugs.approve.txt"]
    (house.root / "inbox/mugs.approve").unlink()
    house.drop("mugs.proof.2.approve", "")
    assert painted(house) == REST
    assert "a cup" in house.manifest("mugs")["shots"][0]["prompt"]
    house.drop("mugs.reject", "")
    house.drain()
    assert house.names("failed") == {"mugs"}


def test_a_job_that_waits_is_cancelled_and_one_of_its_name_that_does_not_wait_goes_first(house: House) -> None:
    proofed(house)
    house.drop("mugs.cancel", "")
    house.drop("mugs.yaml", "prompt: a bowl\n")
    assert painted(house) == []
    assert len(list(house.folders.proofs.iterdir())) == 1, "the other of that name was meant"
    house.drop("mugs.cancel", "")
    assert painted(house) == []
    assert house.names("failed") == {"mugs", "mugs.2"}
    assert house.names("outbox") == {"mugs.proof"}


def test_a_job_that_is_cancelled_in_its_proof_ends_with_what_is_made(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    house.drain(PaintingRenderer(after=lambda _: house.drop("mugs.cancel", "")))
    manifest = house.manifest("mugs")
    assert (manifest["status"], manifest["pictures"], manifest["made"]) == ("cancelled", 6, 1)
    house.drop("mugs.retry", "")
    assert painted(house) == ["b_01.png"], "nobody has approved anything: a proof comes first"
    house.drop("mugs.approve", "")
    assert painted(house) == REST


def test_a_retry_of_an_approved_job_asks_nobody_again(house: House) -> None:
    proofed(house)
    house.drop("mugs.approve", "")
    house.drain(PaintingRenderer(refuses=["b_03.png"]))
    assert house.manifest("mugs")["status"] == "partial"
    for _ in range(2):
        house.drop("mugs.retry", "")
        house.drain(PaintingRenderer(refuses=["b_03.png"]))
    house.drop("mugs.3.retry", "")
    assert painted(house) == ["b_03.png"]
    assert house.names("outbox") == {"mugs.proof", "mugs", "mugs.2", "mugs.3", "mugs.4"}


def test_a_retry_of_a_proof_is_told_to_approve_it(house: House) -> None:
    proofed(house)
    house.drop("mugs.proof.retry", "")
    assert painted(house) == []
    assert "approve or reject it" in receipts(house)["mugs.proof.retry.txt"]


def test_the_job_is_that_which_was_proofed_whatever_lies_in_the_inbox_since(house: House) -> None:
    proofed(house)
    house.drop("mugs.yaml", "prompt: a bowl\n")
    house.drop("mugs.approve", "")
    house.drain()
    house.drain()
    assert house.names("outbox") == {"mugs.proof", "mugs", "mugs.2"}
    assert {house.manifest(name)["pictures"] for name in ("mugs", "mugs.2")} == {1, 6}


def test_one_whose_worker_dies_between_the_rename_and_the_wait_waits_all_the_same(house: House) -> None:
    house.drop("mugs.yaml", SIX)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worker.spool.proofs.Proofs.hold", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house.drain()
    assert house.names("outbox") >= {"mugs.proof"}
    assert painted(house) == []
    assert len(list(house.folders.proofs.iterdir())) == 1
    house.drop("mugs.approve", "")
    assert painted(house) == REST


def test_a_day_later_and_each_day_it_is_said_once_whoever_looks(house: House) -> None:
    proofed(house)
    (held,) = house.folders.proofs.iterdir()
    record = json.loads((held / "claim.json").read_bytes())
    with capture_logs() as logs:
        for day, days in (("2026-01-01T00:00:00+00:00", 2), ("2025-12-01T00:00:00+00:00", 2)):
            record["proof"]["since"] = day
            (held / "claim.json").write_text(json.dumps(record))
            for _ in range(days):
                for worker in ("w1", "w2"):
                    spool = house.spool(worker)
                    spool.inbox.scan()
                    spool.inbox.scan()
    said = [log for log in logs if log["event"] == "proof.waiting"]
    assert [log["since"][:4] for log in said] == ["2026", "2025"]
    assert len([*held.glob("reminded-*")]) == 1, "of former days nothing is kept, however long nobody answers"


def test_a_proof_waits_for_no_worker_and_its_receipt_says_how_to_approve_it(house: House) -> None:
    proofed(house)
    spool = house.spool()
    spool.inbox.scan()
    spool.inbox.tell({})
    text = receipts(house)["mugs.yaml.txt"]
    assert "2 of 6 pictures lie in outbox/mugs.proof" in text
    assert "mugs.approve" in text
    assert "mugs.reject" in text
