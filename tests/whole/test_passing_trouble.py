"""Passing trouble is waited for, told once, and ends nothing; what only a person can mend ends at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from house import House
from program import call_here
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.compose import run_worker
from worker.compose.passing_trouble import PassingTrouble
from worker.compose.reloading import Reloading
from worker.demo import weights_dir
from worker.errors import (
    ExitCode,
    FoldersAway,
    FoldersFailing,
    FoldersUnusable,
    ModelAway,
    ModelInvalid,
    StopAsked,
    WorkerIdBusy,
    WorkerIdTaken,
)
from worker.identity import RendererInfo


class Patient:
    """Waits on a clock that only waiting moves; what a step raises, one after the other, is given."""

    def __init__(self, *troubles: Exception, most_s: float | None = None) -> None:
        self.now_s = 0.0
        self.stops_at_s = float("inf")
        self.troubles = [*troubles]
        self.waits: list[float] = []
        self.reasons: list[str] = []
        self.trouble = PassingTrouble(
            should_stop=lambda: self.now_s >= self.stops_at_s,
            pause=self.pause,
            monotonic=lambda: self.now_s,
            again_s=15.0,
            most_s=most_s,
        )
        self.trouble.on_wait = self.reasons.append

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds

    def step(self) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        return "done"

    def outlast(self) -> tuple[str, list[str]]:
        with capture_logs() as logs:
            done = self.trouble.outlast(self.step)
        return done, [entry["event"] for entry in logs]


@pytest.mark.parametrize(
    ("trouble", "event"), [(FoldersAway, "share.away"), (ModelAway, "model.away"), (WorkerIdBusy, "start.delayed")]
)
def test_it_is_waited_for_and_told_once_and_told_when_it_is_over(trouble: Callable, event: str) -> None:
    patient = Patient(*[trouble("it is away") for _ in range(500)])
    assert patient.outlast() == ("done", [event, "trouble.passed"])
    assert patient.waits == [15.0] * 500
    assert patient.reasons == ["it is away"] * 500


def test_another_reason_is_told_anew_and_a_start_without_trouble_says_nothing() -> None:
    assert Patient().outlast() == ("done", [])
    patient = Patient(ModelAway("a"), ModelAway("a"), ModelAway("b"), ModelAway("a"))
    assert patient.outlast() == ("done", ["model.away"] * 3 + ["trouble.passed"])


def test_a_stop_ends_the_wait() -> None:
    patient = Patient(*[ModelAway("away")] * 100)
    patient.stops_at_s = 45.0
    with pytest.raises(StopAsked):
        patient.outlast()
    assert len(patient.waits) == 3


@pytest.mark.parametrize("trouble", [FoldersUnusable, ModelInvalid, WorkerIdTaken, OSError])
def test_what_only_a_person_can_mend_is_not_waited_for(trouble: Callable) -> None:
    patient = Patient(trouble("wrong"))
    with pytest.raises(trouble, match="wrong"):
        patient.outlast()
    assert not patient.waits


def test_a_drain_waits_a_minute_for_a_model_or_room_and_not_at_all_for_folders_that_are_not_there() -> None:
    patient = Patient(*[ModelAway("away")] * 100, most_s=60.0)
    with pytest.raises(ModelAway):
        patient.outlast()
    assert patient.waits == [15.0] * 4
    patient = Patient(*[FoldersFailing("full")] * 100, most_s=60.0)
    with pytest.raises(FoldersFailing):
        patient.outlast()
    assert patient.waits == [15.0] * 4
    patient = Patient(FoldersAway("away"), most_s=60.0)
    with pytest.raises(FoldersAway):
        patient.outlast()
    assert not patient.waits


def test_the_end_of_a_drain_s_patience_is_the_model_s_exit_code(tmp_path: Path, monkeypatch) -> None:
    call_here("init", tmp_path)
    monkeypatch.setattr(run_worker, "DRAIN_WAITS_S", 0.0)
    done = call_here("run", "--drain", "--model", "nowhere", cwd=tmp_path)
    assert done.returncode == ExitCode.MODEL_INVALID
    assert "nowhere: there is no such folder" in done.stderr


def test_a_model_that_a_renderer_refused_is_waited_for_where_it_is_away(tmp_path: Path) -> None:
    patient, link = Patient(), tmp_path / "model"
    settings = House(tmp_path).settings(model=str(link), model_kind="auto")
    patient.trouble.on_wait = lambda _: patient.now_s >= 45.0 and link.symlink_to(weights_dir())
    with capture_logs() as logs:
        assert run_worker._has_returned(settings, patient.trouble)
        assert not run_worker._has_returned(settings, patient.trouble)
    assert patient.now_s == 60.0
    assert [entry["event"] for entry in logs] == ["model.away", "trouble.passed"]
    link.unlink()
    link.mkdir()
    (link / "notes.txt").touch()
    with pytest.raises(ModelInvalid, match=r"no model_index\.json"):
        run_worker._has_returned(settings, patient.trouble)


def test_a_full_share_at_the_start_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ownership.lock` says which folder it is; a start waits for it."""
    house = House(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FoldersFailing, match="No space left on device: make room there"):
            house.worker().spool.ownership.lock(house.wait).__enter__()
    with house.worker().spool.ownership.lock(house.wait):
        pass
    spool = house.spool()
    (tmp_path / "outbox").rename(tmp_path / "away")
    with pytest.raises(FoldersAway) as away:
        spool.ownership.lock(house.wait).__enter__()
    assert not isinstance(away.value, FoldersFailing)


def test_jobs_that_wait_while_the_model_is_away_are_told_why_and_that_goes_once_a_worker_works(tmp_path: Path) -> None:
    house = House(tmp_path)
    for name in ("mug.yaml", "notes.pdf"):
        house.drop(name, "prompt: a mug\n")
    told = tmp_path / "outbox/receipts"
    house.drain(drain=True)
    assert {path.name for path in told.glob("*.txt")} == {"notes.pdf.txt"}
    house.drop("vase.yaml", "prompt: a vase\n")
    tell = run_worker._tell_inbox(house.settings())
    for _ in range(3):
        tell("/models/z-image: there is no such folder")
    assert {path.name for path in told.glob("*.txt")} == {"notes.pdf.txt", "vase.yaml.txt"}
    assert "no such folder" in (told / "vase.yaml.txt").read_text()
    assert house.drain() == ExitCode.JOBS_FAILED
    assert {path.name for path in told.glob("*.txt")} == {"notes.pdf.txt"}


def test_a_worker_whose_model_goes_while_it_runs_tells_what_waits_and_takes_it_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.drop("mug.yaml", "prompt: a mug\n")
    worker = house.worker()
    with worker.spool.ownership.lock(house.wait):
        run_worker._waits(worker, "the model is away")
        assert [path.name for path in (tmp_path / "outbox/receipts").glob("*.txt")] == ["mug.yaml.txt"]
        worker.spool.inbox.tell_of_all(None)
        assert not (tmp_path / "outbox/receipts").exists()


def test_nothing_is_told_where_the_folders_are_away(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.drop("mug.yaml", "prompt: a mug\n")
    (tmp_path / "outbox").rename(tmp_path / "away")
    run_worker._tell_inbox(house.settings())("the model is away")
    assert not (tmp_path / "outbox").exists()


def test_a_model_that_goes_while_the_renderer_loads_is_waited_for_once_more(tmp_path: Path) -> None:
    """The loop's own look at the model comes after that of the start."""
    house, link = House(tmp_path), tmp_path / "model"
    link.symlink_to(weights_dir())

    class GoingWhileItLoads(PaintingRenderer):
        def start(self) -> RendererInfo:
            link.unlink()
            return super().start()

    house.drop("mug.yaml", "prompt: a mug\n")
    worker = house.worker(GoingWhileItLoads(), model=str(link))
    patient = Patient()
    patient.trouble.on_wait = lambda _: patient.now_s >= 30.0 and link.symlink_to(weights_dir())
    found = replace(run_worker._whole(worker.settings), contradiction="Turbo by this, base by that.")
    with worker.spool.ownership.lock(house.wait), capture_logs() as logs:
        assert (
            run_worker._work_locked(worker, found, patient.trouble, Reloading(house.settings), drain=True)
            == ExitCode.DONE
        )
    assert patient.now_s == 45.0
    [told] = [entry for entry in logs if entry["event"] == "kind.contradicted"]
    assert (told["kind"], told["note"], told["log_level"]) == ("demo", "Turbo by this, base by that.", "warning")
    assert house.manifest("mug")["status"] == "complete"
