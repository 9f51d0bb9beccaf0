"""Jobs of every form have proofs: folders, lone tables, Chinese ones; whoever stops, dies or changes something."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

TABLE = "sku,colour\n1,red\n2,blue\n3,green\n"
TEMPLATE = 'proof: {every: 2}\nprompt: "a {colour} mug"\ncount: 2\n'
PROOFED = ["1_01.png", "3_01.png"]
REST = ["1_02.png", "2_01.png", "2_02.png", "3_02.png"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def painted(house: House, **options: object) -> list[str]:
    renderer = PaintingRenderer()
    house.drain(renderer, **options)
    return renderer.painted


def catalogue(house: House) -> None:
    (house.root / "inbox/mugs").mkdir()
    house.drop("mugs/job.yaml", f"products: mugs.csv\n{TEMPLATE}")
    house.drop("mugs/mugs.csv", TABLE)


def test_a_catalogue_in_a_folder_is_proofed_and_goes_on(house: House) -> None:
    catalogue(house)
    assert painted(house) == PROOFED
    house.drop("mugs.approve", "")
    assert painted(house, worker_id="w2") == REST
    assert (house.root / "outbox/mugs/job/mugs.csv").read_text() == TABLE
    assert house.is_swept()


def test_a_lone_table_keeps_the_template_with_which_it_was_proofed(house: House) -> None:
    (house.root / "inbox/_templates").mkdir()
    house.drop("_templates/default.yaml", TEMPLATE)
    house.drop("mugs.csv", TABLE)
    assert painted(house) == PROOFED
    house.drop("_templates/default.yaml", TEMPLATE.replace("mug", "cup"))
    house.drop("mugs.approve", "")
    assert painted(house) == REST
    assert {shot["prompt"] for shot in house.manifest("mugs")["shots"]} == {"a red mug", "a blue mug", "a green mug"}


def test_a_chinese_job_is_told_in_chinese(house: House) -> None:
    house.drop("杯子.yaml", "打样: 是\n提示词: 红色陶瓷马克杯\n数量: 2\n")
    assert painted(house) == ["shot-01_01.png"]
    house.drop("杯子.approve", "")
    assert painted(house) == ["shot-01_02.png"]
    assert house.names("outbox") == {"杯子", "杯子.proof"}


def test_a_worker_that_is_stopped_in_the_rest_gives_back_what_stays_approved(house: House) -> None:
    catalogue(house)
    house.drain()
    house.drop("mugs.approve", "")
    house.drain(PaintingRenderer(after=lambda _: house.stop()))
    house.resume()
    assert painted(house, worker_id="w2") == REST[1:]
    assert house.manifest("mugs")["warnings"] == []


def test_a_rejected_job_that_a_stopped_worker_gives_back_ends_all_the_same(house: House) -> None:
    catalogue(house)
    house.drain()
    house.drop("mugs.reject", "")
    spool = house.spool()
    spool.inbox.scan()
    house.wait(30.0)
    with spool.ownership.lock():
        for _ in range(3):
            candidates = spool.inbox.scan()
            house.wait(11.0)
        claim = spool.ownership.claim(candidates[0])
        assert spool.ownership.give_back(claim)
    assert painted(house) == []
    assert (house.names("outbox"), house.names("failed")) == ({"mugs.proof"}, {"mugs"})


@pytest.mark.parametrize("harm", ["cut", "gone", "odd"])
def test_a_damaged_record_is_mended_and_the_job_is_proofed_again_and_not_lost(house: House, harm: str) -> None:
    catalogue(house)
    house.drain()
    (record,) = house.folders.proofs.glob("*/claim.json")
    if harm == "cut":
        record.write_bytes(record.read_bytes()[:40])
    elif harm == "gone":
        record.unlink()
    else:
        record.write_text(json.dumps({**json.loads(record.read_bytes()), "proof": {"folder": "../../x", "runs": 7}}))
    painted(house)
    assert len(list(house.folders.proofs.iterdir())) == 1
    house.drop("mugs.approve", "")
    assert set(REST) <= set(painted(house))
    assert house.manifest("mugs")["status"] == "complete"


def test_with_ready_files_an_approved_job_is_taken_again(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 2\n")
    house.drop("mugs.yaml.ready", "")
    renderer = PaintingRenderer()

    def drain() -> ExitCode:
        worker = house.worker(renderer, ready_files=True)
        with worker.spool.ownership.lock(house.wait):
            from house import MODEL

            return worker.daemon(MODEL).run(drain=True)

    assert drain() == ExitCode.DONE
    house.drop("mugs.approve", "")
    assert drain() == ExitCode.DONE
    assert renderer.painted == ["shot-01_01.png", "shot-01_02.png"]


def test_during_a_pause_an_approval_is_heard_and_nothing_is_begun(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 2\n")
    house.drain()
    house.drop("PAUSE", "")
    house.drop("mugs.approve", "")
    house.at(house.now_s() + 200.0, (house.root / "inbox/PAUSE").unlink)
    seen: list[set[str]] = []
    house.at(house.now_s() + 190.0, lambda: seen.append(house.names("outbox") | house.names("inbox")))
    assert painted(house) == ["shot-01_02.png"]
    assert "mugs" not in seen[0]


def test_an_approved_job_whose_record_cannot_be_read_just_then_is_done_all_the_same(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 2\n")
    house.drain()
    house.drop("mugs.approve", "")
    left = [errno.EPERM]  # once it has moved from those that wait to its worker's claims
    record = re.compile(r"/claims/w1/[0-9a-f]+/claim.json$")
    calls = FailingCalls(lambda call, path: left.pop() if left and call == "fstat" and record.search(path) else None)
    with calls.installed():
        assert painted(house) == ["shot-01_02.png"]
    assert not left
    assert (house.manifest("mugs")["status"], house.names("failed")) == ("complete", set())


def test_a_proof_that_has_appeared_is_not_made_again_where_its_job_cannot_be_laid_aside(house: House) -> None:
    house.drop("mugs.yaml", "proof: true\nprompt: a mug\ncount: 2\n")
    calls = FailingCalls(lambda call, path: errno.ENOENT if call == "open" and "/proofs" in path else None)
    with calls.installed():
        assert painted(house) == ["shot-01_01.png"]
    assert calls.met
    assert painted(house) == []
    assert house.names("outbox") == {"mugs.proof"}
    assert len([*house.folders.proofs.iterdir()]) == 1
