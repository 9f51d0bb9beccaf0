"""A more urgent job takes its turn between two pictures of a running one, which then goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House
from job_walk import Killed
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.errors import ExitCode, RendererDied
from worker.records import Request
from worker.spool.claims import Claims
from worker.spool.layout import RECEIPTS
from worker.spool.submission import submit
from worker.spool.submit_notes import SUBMITTED

pytestmark = pytest.mark.slow

PICTURE_S = 20.0
LONG = "shots: [{id: long, prompt: a mug}]\ncount: 6\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Slow(PaintingRenderer):
    """Takes its time for each picture, and tells how many times it was given one job's pictures."""

    def __init__(self, house: House, *, after: Callable[[Request], object] = lambda _: None) -> None:
        super().__init__(after=lambda request: (after(request), house.wait(PICTURE_S)))
        self.calls: list[list[str]] = []

    def render(self, requests, *, on_progress):
        self.calls.append([request.file for request in requests])
        yield from super().render(requests, on_progress=on_progress)


def job(name: str, *, priority: str | int = "high", count: int = 1) -> str:
    return f"shots: [{{id: {name}, prompt: a cup}}]\ncount: {count}\npriority: {priority}\n"


def stems(renderer: PaintingRenderer) -> list[str]:
    """Whose pictures were painted, in order, each run of them once."""
    names = [file.partition("_")[0] for file in renderer.painted]
    return [name for number, name in enumerate(names) if number == 0 or names[number - 1] != name]


def test_an_urgent_job_is_made_between_two_pictures_and_the_other_goes_on_where_it_was(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=2)))
    renderer = Slow(house)
    with capture_logs() as events:
        assert house.drain(renderer) == ExitCode.DONE
    assert stems(renderer) == ["long", "now", "long"]
    assert sorted(renderer.painted) == sorted(set(renderer.painted))  # nothing twice
    assert renderer.starts == 1
    seconds = {event["job"]: event["seconds"] for event in events if event["event"] == "job.settled"}
    assert seconds == {"long": 6 * PICTURE_S, "now": 2 * PICTURE_S}
    assert [house.manifest(name)["status"] for name in ("long", "now")] == ["complete", "complete"]
    assert house.is_swept()


def test_the_warnings_of_a_job_that_gave_way_are_told_once(house: House) -> None:
    house.drop("long.yaml", LONG + "guidance: 0\nnegative_prompt: text\n")
    house.at(10.0, lambda: house.drop("now.yaml", job("now")))
    renderer = Slow(house)
    with capture_logs() as events:
        house.drain(renderer)
    assert stems(renderer) == ["long", "now", "long"]
    told = [event["problem"] for event in events if event["event"] == "job.warned" and event["job"] == "long"]
    assert told
    assert len(told) == len(set(told))


def test_what_was_finished_is_not_read_again_and_no_attempt_is_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now")))
    read: list[str] = []
    monkeypatch.setattr(
        "worker.daemon.run_job.reused", lambda claim, job, record, *_: (read.append(job.name), (record, {}))[1]
    )
    assert house.drain(Slow(house)) == ExitCode.DONE
    assert read == ["long", "now"]
    assert len(house.manifest("long")["shots"]) == 6


def test_one_that_is_submitted_counts_as_settled_at_once(house: House, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "now.yaml").write_text(job("now"))
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: submit(given / "now.yaml", house.folders))
    notes: list[int] = []
    house.at(11.0, lambda: notes.append(len([*(house.folders.inbox / SUBMITTED).iterdir()])))
    renderer = Slow(house)
    assert house.drain(renderer) == ExitCode.DONE
    assert renderer.painted[:2] == ["long_01.png", "now_01.png"]
    assert notes == [1]
    assert not [*(house.folders.inbox / SUBMITTED).iterdir()]


@pytest.mark.parametrize("priority", ["high", 100, 5])
def test_one_of_no_higher_priority_waits_for_its_turn(house: House, priority: str | int) -> None:
    house.drop("long.yaml", f"{LONG}priority: high\n")
    house.at(10.0, lambda: house.drop("other.yaml", job("other", priority=priority)))
    renderer = Slow(house)
    assert house.drain(renderer) == ExitCode.DONE
    assert stems(renderer) == ["long", "other"]


def test_two_high_ones_come_one_after_the_other_and_a_low_one_gives_way_to_a_normal_one(house: House) -> None:
    house.drop("long.yaml", f"{LONG}priority: low\n")
    house.at(10.0, lambda: house.drop("n.yaml", job("n", priority="normal", count=6)))
    house.at(70.0, lambda: (house.drop("h1.yaml", job("h1", count=3)), house.drop("h2.yaml", job("h2", count=3))))
    house.at(75.0, lambda: house.drop("n2.yaml", job("n2", priority="normal")))
    renderer = Slow(house)
    assert house.drain(renderer) == ExitCode.DONE
    assert stems(renderer) in (
        ["long", "n", "h1", "h2", "n", "n2", "long"],
        ["long", "n", "h2", "h1", "n", "n2", "long"],
    )


def test_the_one_that_gave_way_is_told_why_until_it_goes_on(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now")))
    seen: dict[str, str] = {}

    def look(request: Request) -> None:
        receipt = house.root / "outbox" / RECEIPTS / "long.yaml.txt"
        seen[request.file] = receipt.read_text("utf-8") if receipt.exists() else ""

    assert house.drain(Slow(house, after=look)) == ExitCode.DONE
    assert "now is more urgent and is made first." in seen["now_01.png"]
    assert "more urgent" not in seen["long_01.png"] + seen["long_06.png"]


def test_a_worker_that_is_stopped_meanwhile_gives_both_back_and_no_attempt_is_counted(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=3)))
    renderer = Slow(house, after=lambda request: house.stop() if request.file == "now_01.png" else None)
    assert house.drain(renderer) == ExitCode.STOPPED
    assert {"long.yaml", "now.yaml"} <= house.names("inbox")
    notes = [json.loads(path.read_bytes()) for path in house.folders.returned.glob("*.json")]
    assert [note["attempt"] for note in notes] == [0, 0]
    house.resume()
    again = PaintingRenderer()
    assert house.drain(again, attempts=1) == ExitCode.DONE
    assert stems(again) == ["now", "long"]
    assert not set(again.painted) & set(renderer.painted)


def test_a_stop_just_when_a_job_gives_way_gives_both_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now")))
    renderer = Slow(house)
    monkeypatch.setattr(renderer, "finish", house.stop)
    assert house.drain(renderer) == ExitCode.STOPPED
    assert stems(renderer) == ["long"]
    assert {"long.yaml", "now.yaml"} <= house.names("inbox")
    notes = [json.loads(path.read_bytes()) for path in house.folders.returned.glob("*.json")]
    assert [note["attempt"] for note in notes] == [0, 0]


def test_after_a_power_cut_the_urgent_one_goes_on_first_and_the_other_has_no_death_against_it(house: House) -> None:
    house.drop("long.yaml", LONG)
    os.utime(house.root / "inbox/long.yaml", (1_700_000_000, 1_700_000_000))
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=2)))

    def cut(request: Request) -> None:
        if request.file == "now_02.png":
            raise Killed

    with pytest.raises(Killed):
        house.drain(Slow(house, after=cut))
    again = PaintingRenderer()
    assert house.drain(again, attempts=2) == ExitCode.DONE
    assert stems(again) == ["now", "long"]
    assert [house.manifest(name)["status"] for name in ("long", "now")] == ["complete", "complete"]


def test_a_renderer_that_is_lost_meanwhile_gives_both_back(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=2)))
    renderer = Slow(house)
    renderer.dies_at = "now_02.png"
    with pytest.raises(RendererDied):
        house.drain(renderer)
    assert {"long.yaml", "now.yaml"} <= house.names("inbox")


def test_the_one_that_gave_way_is_cancelled_at_once_and_the_urgent_one_goes_on(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=4)))
    published: dict[str, bool] = {}

    def look(request: Request) -> None:
        published[request.file] = "long" in house.names("outbox")
        if request.file == "now_01.png":
            house.drop("long.cancel", "")

    renderer = Slow(house, after=look)
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    assert (published["now_01.png"], published["now_02.png"]) == (False, True)
    assert (house.manifest("long")["status"], house.manifest("now")["status"]) == ("cancelled", "complete")
    assert house.names("inbox") == {".zimage-worker"}


def test_the_urgent_one_is_cancelled_and_the_other_goes_on(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=4)))
    renderer = Slow(house, after=lambda one: house.drop("now.cancel", "") if one.file == "now_01.png" else None)
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    assert (house.manifest("long")["status"], house.manifest("now")["status"]) == ("complete", "cancelled")


def test_a_pause_while_an_urgent_one_is_in_work_holds_both(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=2)))
    pause, painted_at = house.root / "inbox/PAUSE", {}

    def look(request: Request) -> None:
        painted_at[request.file] = house.now_s()
        if request.file == "now_01.png":
            pause.touch()
            house.at(house.now_s() + 500.0, pause.unlink)

    assert house.drain(Slow(house, after=look)) == ExitCode.DONE
    assert painted_at["now_02.png"] - painted_at["now_01.png"] >= 500.0


def test_one_that_cannot_be_claimed_interrupts_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now")))
    renderer = Slow(house)
    claim = Claims.claim

    def taken(self, candidate):
        return None if candidate.stem == "now" and "long_06.png" not in renderer.painted else claim(self, candidate)

    monkeypatch.setattr(Claims, "claim", taken)
    assert house.drain(renderer) == ExitCode.DONE
    assert stems(renderer) == ["long", "now"]
    assert [call[0] for call in renderer.calls] == ["long_01.png", "now_01.png"]


def test_an_invalid_one_interrupts_nothing(house: House) -> None:
    """It is taken when its grace is over, to be refused, and counts as no more urgent than a normal one until then."""
    house.drop("long.yaml", f"{LONG}priority: low\n")
    house.at(10.0, lambda: house.drop("bad.yaml", "prompt: [\npriority: high\n"))
    renderer = Slow(house)
    assert house.drain(renderer, grace_s=20.0) == ExitCode.JOBS_FAILED
    assert len(renderer.calls) == 1


def test_a_claim_that_is_removed_while_its_job_waits_for_its_turn_is_let_go(house: House) -> None:
    house.drop("long.yaml", LONG)
    house.at(10.0, lambda: house.drop("now.yaml", job("now", count=2)))

    def remove(request: Request) -> None:
        if request.file == "now_01.png":
            for claim in house.folders.claims.glob("*/*"):
                if (claim / "dropped/long.yaml").exists():
                    shutil.rmtree(claim)

    assert house.drain(Slow(house, after=remove)) == ExitCode.DONE
    assert house.manifest("now")["status"] == "complete"
