"""What a person asks for in the inbox is done: a pause, the end of a job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.disk.content import NotAJob
from worker.errors import ExitCode
from worker.spool import publishing
from worker.spool.layout import HIDDEN
from worker.spool.staging import FolderStaging
from worker.translation import gettext

TWO = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"
ONE = "prompt: a bowl\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def state(house: House) -> object:
    return json.loads((house.folders.workers / "w1.json").read_text())["state"]


def test_pause_lets_the_picture_be_finished_and_waits_until_it_is_removed(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    pause, painted_at = house.root / "inbox/PAUSE", []
    renderer = PaintingRenderer(after=lambda _: (painted_at.append(house.now_s()), pause.touch()))
    house.at(30.0, pause.unlink)
    house.at(90.0, pause.unlink)
    assert house.drain(renderer) == ExitCode.DONE
    assert painted_at[0] < 30.0 <= painted_at[1]
    assert json.loads((house.folders.workers / "w1.json").read_text())["state"]
    assert house.manifest("mugs")["status"] == "complete"


def test_a_pause_during_the_last_picture_holds_back_no_finished_job(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    pause = house.root / "inbox/PAUSE"
    renderer = PaintingRenderer(after=lambda request: pause.touch() if request.file == "b_01.png" else None)
    seen = []
    house.at(60.0, lambda: seen.append((house.names("outbox"), state(house))))
    house.at(90.0, pause.unlink)
    assert house.drain(renderer) == ExitCode.DONE
    assert seen == [({"mugs"}, "paused")]


@pytest.mark.parametrize("name", ["mugs.cancel", "mugs.yaml.cancel", "mugs.cancel.txt"])
def test_cancelling_a_waiting_job_refuses_it_and_follows_once(house: House, name: str) -> None:
    house.drop("mugs.yaml", TWO)
    house.drop(name, "")
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    assert renderer.painted == []
    said = (house.root / "failed/mugs/error.txt").read_text()
    assert f"Cancelled by {name} before it began." in said
    assert "fail" not in said.lower()
    assert json.loads((house.root / "failed/mugs/error.json").read_bytes())["status"] == "cancelled"
    assert name not in house.names("inbox")
    house.drop("mugs.yaml", TWO)
    assert house.drain() == ExitCode.DONE


def test_cancelling_a_running_job_keeps_its_finished_pictures(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain(PaintingRenderer(after=lambda _: house.drop("mugs.cancel", ""))) == ExitCode.JOBS_FAILED
    manifest = house.manifest("mugs")
    assert manifest["status"] == "cancelled"
    assert [shot["status"] for shot in manifest["shots"]] == ["ok", "cancelled"]
    assert manifest["shots"][1]["error"] == "Cancelled by mugs.cancel."
    assert house.is_swept()


def test_a_job_that_is_cancelled_before_any_picture_is_called_failed_nowhere(house: House) -> None:
    """Not in its log lines either; given back before, it had begun."""
    house.drop("mugs.yaml", TWO)
    house.drain(PaintingRenderer(after=lambda _: house.stop(), refuses=["a_01.png"]))
    house.resume()
    house.drop("mugs.cancel", "")
    with capture_logs() as events:
        assert house.drain(PaintingRenderer()) == ExitCode.JOBS_FAILED
    folder = house.root / "failed/mugs"
    manifest, error = (json.loads((folder / name).read_bytes()) for name in ("manifest.json", "error.json"))
    assert (manifest["status"], error["status"]) == ("cancelled", "cancelled")
    assert error["reason"] == "Cancelled by mugs.cancel. No picture had been made."
    assert [manifest[key] for key in ("made", "failed", "cancelled")] == [0, 0, 2]
    assert {event["event"] for event in events} & {"job.refused", "picture.failed", "pictures.refused"} == set()
    settled = next(event for event in events if event["event"] == "job.settled")
    assert (settled["status"], settled["failed"], settled["cancelled"]) == ("cancelled", 0, 2)


def test_a_waiting_job_that_cannot_even_be_refused_keeps_no_other_from_being_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused between two pictures of another: the trouble is its own, not that of the job in work."""
    house.drop("long.yaml", "prompt: mug\ncount: 4\n")
    really = publishing.add_dropped

    def refusing(staging: FolderStaging, dropped: Path) -> None:
        if dropped.name == "bad.yaml":
            raise NotAJob(gettext("it is neither a file nor a folder"))
        really(staging, dropped)

    def after(_request: object) -> None:
        house.wait(20.0)
        if house.names("inbox") == {HIDDEN}:
            house.drop("bad.yaml", "prompt: bad\n")
            house.drop("bad.cancel", "")

    monkeypatch.setattr(publishing, "add_dropped", refusing)
    assert house.drain(PaintingRenderer(after=after)) == ExitCode.JOBS_FAILED
    assert house.manifest("long")["status"] == "complete"
