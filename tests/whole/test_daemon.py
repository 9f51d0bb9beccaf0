"""The daemon over the real rooms; only the renderer is the in-memory twin."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

from worker.errors import DeviceUnavailable, ExitCode, RendererDied, StopAsked

TWO = "shots:\n  - {id: a, prompt: a red mug}\n  - {id: b, prompt: a blue vase}\nsize: 64x64\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_dropped_job_becomes_a_finished_folder(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox/mugs") == {
        "a_01.png", "a_01.json", "b_01.png", "b_01.json",
        "manifest.json", "results.csv", "index.html", "job.yaml",
    }  # fmt: skip
    assert (house.root / "outbox/mugs/job.yaml").read_text() == TWO
    assert house.manifest("mugs")["status"] == "complete"
    assert house.is_swept()


def test_a_repeated_name_gets_a_number(house: House) -> None:
    for _ in range(3):
        house.drop("mugs.yaml", TWO)
        house.drain()
    assert house.names("outbox") >= {"mugs", "mugs.2", "mugs.3"}


def test_a_job_of_which_some_shots_failed_is_published_as_partial(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain(PaintingRenderer(refuses=["b_01.png"])) == ExitCode.JOBS_FAILED
    manifest = house.manifest("mugs")
    assert manifest["status"] == "partial"
    assert [shot["status"] for shot in manifest["shots"]] == ["ok", "failed"]
    assert "b_01.png" not in house.names("outbox/mugs")


def test_a_job_without_any_picture_goes_to_failed_with_its_reason(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain(PaintingRenderer(refuses=["a_01.png", "b_01.png"])) == ExitCode.JOBS_FAILED
    assert house.names("failed/mugs") >= {"error.txt", "error.json", "manifest.json", "job.yaml"}
    assert json.loads((house.root / "failed/mugs/manifest.json").read_text())["status"] == "failed"
    assert not house.names("outbox")


def test_an_invalid_job_waits_for_its_grace_and_then_goes_to_failed(house: House) -> None:
    house.drop("bad.yaml", "promt: a mug\n")
    assert house.drain(grace_s=5.0) == ExitCode.JOBS_FAILED
    assert house.now_s() >= 5.0
    assert "did you mean" in (house.root / "failed/bad/error.txt").read_text().lower()
    assert (house.root / "failed/bad/job.yaml").read_text() == "promt: a mug\n"


def test_a_job_mended_within_the_grace_is_rendered(house: House) -> None:
    house.drop("mugs.yaml", "prompt: [a red\n")
    house.at(3.0, lambda: house.drop("mugs.yaml", TWO))
    assert house.drain(grace_s=60.0) == ExitCode.DONE
    assert house.manifest("mugs")["status"] == "complete"


def test_the_urgent_job_is_first(house: House) -> None:
    house.drop("a.yaml", TWO.replace("id: a", "id: slow").replace("id: b", "id: slow2"))
    house.drop("z.yaml", "priority: high\n" + TWO)
    renderer = PaintingRenderer()
    house.drain(renderer)
    assert renderer.painted[0] == "a_01.png"


def test_a_stop_gives_the_job_back_and_the_next_worker_keeps_its_pictures(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    first = PaintingRenderer(after=lambda _: house.stop())
    assert house.drain(first) == ExitCode.STOPPED
    assert house.names("inbox") == {".zimage-worker", "mugs.yaml"}
    assert house.names("outbox") == {next(n for n in house.names("outbox") if n.endswith(".partial"))}
    second = PaintingRenderer()
    house.resume()
    assert house.drain(second) == ExitCode.DONE
    assert (first.painted, second.painted) == (["a_01.png"], ["b_01.png"])
    assert house.names("outbox/mugs") >= {"a_01.png", "b_01.png"}
    assert house.is_swept()


def test_stops_are_not_counted_as_attempts(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    for _ in range(5):
        house.stop()
        house.drain(PaintingRenderer())
        house.resume()
    assert house.drain() == ExitCode.DONE


def test_a_renderer_that_does_not_come_up_again_gives_the_job_back(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    with pytest.raises(RendererDied):
        house.drain(PaintingRenderer(dies_at="b_01.png"))
    assert "mugs.yaml" in house.names("inbox")
    assert house.drain() == ExitCode.DONE


def test_a_stop_while_the_model_is_loaded_gives_the_job_back_and_counts_nothing(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    for _ in range(4):
        house.drain(PaintingRenderer(start_error=StopAsked()))
        assert "mugs.yaml" in house.names("inbox")
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"mugs"}


def test_a_lost_gpu_gives_the_job_back(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    with pytest.raises(DeviceUnavailable):
        house.drain(PaintingRenderer(start_error=DeviceUnavailable("the GPU is gone")))
    assert "mugs.yaml" in house.names("inbox")


def test_a_lost_gpu_is_told_also_where_the_job_cannot_be_given_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("mugs.yaml", TWO)

    def failing(*_: object) -> bool:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("worker.spool.claims.move_to_free_name", failing)
        with pytest.raises(DeviceUnavailable):
            house.drain(PaintingRenderer(start_error=DeviceUnavailable("the GPU is gone")))
    assert house.drain() == ExitCode.DONE


@pytest.mark.parametrize("call", ["fsync", "rename", "mkdir", "listdir"])
@pytest.mark.parametrize("after", [0, 1, 5, 12, 25])
def test_a_share_that_fails_for_a_while_costs_time_and_nothing_else(
    house: House, call: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("mugs.yaml", TWO)
    # once the worker is up: at its start a share that fails is an error for a person
    house.at(1.0, lambda: break_for_a_while(monkeypatch, call, after=after))
    assert house.drain() == ExitCode.DONE
    monkeypatch.undo()
    assert house.names("outbox") == {"mugs"}
    assert house.manifest("mugs")["status"] == "complete"
    assert all(len(shot["attempts"]) == 1 for shot in house.manifest("mugs")["shots"])
    house.drain()  # what could not be swept while the share failed is swept at the next start at the latest
    assert house.names("outbox") == {"mugs"}
    assert house.is_swept()


def break_for_a_while(monkeypatch: pytest.MonkeyPatch, call: str, *, after: int) -> None:
    """Three calls of an `os` function fail once `after` have worked."""
    real, calls, failures = getattr(os, call), [], []

    def failing(*args: object, **kwargs: object) -> object:
        calls.append(call)
        if len(calls) > after and len(failures) < 3:
            failures.append(call)
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(os, call, failing)
