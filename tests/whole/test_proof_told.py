"""People and programs are told of a job whose proof waits: pages, status, commands; nobody is missed for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from house import House
from onlooker import seen
from structlog.testing import capture_logs

from worker import compose, spool
from worker.commands.waited_jobs import WaitedJob, ending
from worker.commands.waiting import Wait
from worker.compose.overview.outbox import Outbox
from worker.errors import UsageError
from worker.operations.overview_schema import overview_schema
from worker.operations.status import text
from worker.operations.status_json import status_json
from worker.spool.submitted import Submitted, known_before
from worker.translation import translated

SIX = "proof: true\nshots:\n  - {id: a, prompt: a mug, count: 2}\n  - {id: b, prompt: a vase, count: 4}\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.drop("mugs.yaml", SIX)
    made.drain()
    told = made.spool()
    told.inbox.scan()
    told.inbox.tell({})
    return made


def test_the_overview_has_it_as_held_with_its_proof_and_misses_no_worker(house: House) -> None:
    overview = seen(house.folders)
    (job,) = overview.waiting
    assert (job.state, job.proof, job.pictures, job.position) == ("held", "mugs.proof", 6, None)
    assert overview.nobody_works is False
    document = json.loads(status_json(overview))
    jsonschema.validate(document, overview_schema())
    assert (document["counts"]["held"], document["counts"]["proof"], document["nobody_works"]) == (1, 1, False)
    house.drop("vases.yaml", "prompt: a vase\n")
    assert seen(house.folders).nobody_works is True


def test_why_it_waits_is_told_in_the_reader_s_language(house: House) -> None:
    said = translated(text(seen(house.folders), now=datetime.now(UTC)), "zh")
    assert "mugs.approve" in said
    assert "its proof waits" not in said, "whatever language its receipt is in"


def test_status_says_what_waits_for_approval(house: House) -> None:
    said = text(seen(house.folders), now=datetime.now(UTC))
    assert "waiting for approval: 1 (mugs.yaml)" in said
    assert "1 proof" in said
    assert "\nheld:" not in said


def test_the_page_of_everything_leads_to_the_proof_and_says_once_it_is_answered(house: House) -> None:
    outbox = Outbox(house.folders, lambda _: seen(house.folders))

    def page() -> str:
        outbox.write_front(outbox.sight("en", note=None))
        return (house.root / "outbox/index.html").read_text("utf-8")

    first = page()
    assert first.count("./mugs.proof/index.html") >= 3
    assert "Waiting for approval" in first
    assert "nobody works: start" not in first
    assert ">answered<" not in first
    house.drop("mugs.approve", "")
    house.drain()
    later = page()
    assert "Waiting for approval" not in later
    assert ">answered<" in later


def test_the_page_of_the_proof_says_what_to_do(house: House) -> None:
    page = (house.root / "outbox/mugs.proof/index.html").read_text("utf-8")
    assert "Proof of mugs: 2 of 6 pictures." in page
    for verb in ("approve", "reject"):
        assert f'<a download="mugs.{verb}" href="data:application/octet-stream,{verb}">' in page
        assert f"zimage-worker {verb} mugs" in page


def test_the_live_page_leads_to_the_proof(house: House) -> None:
    (live,) = (house.root / "outbox/_overview/live").glob("*.js")
    assert "mugs.proof" in live.read_text("utf-8")


def test_who_waits_for_the_job_is_told_of_its_proof_and_is_done(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    house = House(tmp_path)
    known = known_before(house.folders)
    job = tmp_path / "mugs.yaml"
    job.write_text(SIX)
    submitted = spool.submit(job, house.folders)
    assert isinstance(submitted, Submitted)
    assert submitted.known == known
    house.drain()
    looks = compose.Onlooker(house.settings(), [submitted])
    waited = WaitedJob(name=submitted.name, shown="mugs", pictures=6)
    wait = Wait([waited], looks, outcome=compose.outcome_in, inbox=house.folders.inbox, start="run", sleep=house.wait)
    assert wait.until_all_ended() is True
    said = capsys.readouterr().out
    assert "its proof is made, 2 pictures, and waits for approval" in said
    assert "zimage-worker approve mugs" in said


def test_how_a_proof_ended_is_said_with_a_name_that_a_shell_takes(house: House) -> None:
    told = ending("red mugs", Path("x"), compose.outcome_in(house.root / "outbox/mugs.proof"))
    assert "approve 'red mugs'" in told


@pytest.mark.parametrize("said", ["mugs", "MUGS.yaml", "mugs.proof", "outbox/mugs.proof/index.html"])
def test_the_command_approves_it_by_any_name_or_path(house: House, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.chdir(house.root)
    asked = compose.ask(house.settings(), "approve", said)
    assert asked.file == house.root / "inbox/mugs.approve"
    with capture_logs() as logs:
        house.drain()
    assert [log["left"] for log in logs if log["event"] == "proof.approved"] == [4]
    assert house.manifest("mugs")["status"] == "complete"


def test_where_two_are_called_alike_the_command_says_so(house: House) -> None:
    house.drop("mugs.yaml", SIX.replace("a mug", "a cup"))
    house.drain()
    with pytest.raises(UsageError, match=r"`mugs\.proof`, `mugs\.proof\.2`|`mugs\.proof\.2`, `mugs\.proof`"):
        compose.ask(house.settings(), "approve", "mugs")
    assert compose.ask(house.settings(), "approve", "mugs.proof.2").file.name == "mugs.proof.2.approve"
