"""Retries that others hinder: made-up pointers, another worker, a share that refuses."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House
from told import receipts
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.spool import retries
from worker.spool.controls import AGAIN_S
from worker.spool.layout import HIDDEN

pytestmark = pytest.mark.slow

TWO = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.drop("mugs.yaml", TWO)
    assert made.drain(PaintingRenderer(refuses=["b_01.png"])) == ExitCode.JOBS_FAILED
    return made


def look(house: House, spool: object = None, *, worker_id: str = "w1") -> None:
    spool = spool or house.spool(worker_id)
    spool.inbox.scan()
    spool.inbox.tell({})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"place": "outbox", "folder": "mugs"}, 1),
        ({"place": "outbox", "folder": "../secret"}, 0),
        ({"place": "failed", "folder": "../outbox/mugs"}, 0),
        ({"place": "inbox", "folder": "mugs"}, 0),
        ({"place": "outbox", "folder": "{root}/secret"}, 0),
        ({"place": "outbox", "folder": "linked"}, 0),
        ({"place": "outbox", "folder": 7, "left_out": {"a": 1}, "kept": "x"}, 0),
        ({"place": "outbox", "folder": "gone", "left_out": [1, "z.png"], "kept": 10**9}, 0),
        ("mugs", 0),
    ],
)
def test_a_pointer_that_somebody_made_up_leads_out_of_nothing(house: House, said: object, kept: int) -> None:
    secret = house.root / "secret"
    (house.root / "outbox/mugs").rename(secret)
    if kept or "../outbox" in str(said):
        secret.rename(house.root / "outbox/mugs")
    (house.root / "outbox/linked").symlink_to(secret)
    if isinstance(said, dict) and isinstance(said["folder"], str):
        said = {**said, "folder": said["folder"].format(root=house.root)}
    folder = house.root / "inbox/vases"
    folder.mkdir()
    (folder / "job.yaml").write_text(TWO)
    (folder / "error.json").write_text(json.dumps({"schema": 1, "name": "vases", "retry": said}))
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.DONE
    assert len(renderer.painted) == 2 - kept


def test_whoever_is_slower_makes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mugs.retry", "")
    really, others = retries._copy, []

    def copy(*given: object, **named: object) -> None:
        really(*given, **named)
        if not others:
            others.append("w2")
            look(house, worker_id="w2")
            (house.root / "inbox/mugs").rename(house.root / "taken")  # and its job is claimed by now

    monkeypatch.setattr(retries, "_copy", copy)
    look(house)
    assert house.names("inbox") == {HIDDEN}
    assert (house.root / "taken/job.yaml").exists()


def test_where_the_name_is_taken_just_then_the_file_is_put_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mugs.retry", "missing")
    really = retries._copy

    def copy(*given: object, **named: object) -> None:
        really(*given, **named)
        house.drop("mugs", "a person's file")

    monkeypatch.setattr(retries, "_copy", copy)
    look(house)
    assert house.names("inbox") == {HIDDEN, "mugs", "mugs.retry"}
    assert (house.root / "inbox/mugs.retry").read_text() == "missing"
    assert "waits until the job `mugs`" in receipts(house)["mugs.retry.txt"]


@pytest.mark.parametrize(
    ("code", "call", "end"),
    [(errno.EPERM, "rename", "mugs.retry"), (errno.ENOSPC, "write", ""), (errno.EIO, "open", "outbox/mugs/job.yaml")],
)
def test_what_the_share_refuses_is_told_and_tried_again_and_leaves_nothing(
    house: House, code: int, call: str, end: str
) -> None:
    house.drop("mugs.retry", "")
    spool = house.spool()
    refusing = FailingCalls(
        lambda made, path: code if made == call and path.endswith(end) and "receipts" not in path else None
    )
    with refusing.installed():
        spool.inbox.scan()
    assert refusing.met
    spool.inbox.tell({})
    assert "cannot be done now" in receipts(house)["mugs.retry.txt"]
    assert house.names("inbox") == {HIDDEN, "mugs.retry"}
    house.spend(AGAIN_S)
    look(house, spool)
    assert house.names("inbox") == {HIDDEN, "mugs"}


def test_of_a_folder_that_is_just_being_deleted_no_half_job_is_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("mugs.retry", "")
    really, job = retries.pieces, house.root / "outbox/mugs/job.yaml"

    def pieces(path: Path, **named: Path) -> object:
        data = [*really(path, **named)]
        job.unlink(missing_ok=True)
        return iter(data)

    monkeypatch.setattr(retries, "pieces", pieces)
    spool = house.spool()
    look(house, spool)
    assert house.names("inbox") == {HIDDEN, "mugs.retry"}
    assert "cannot be done now" in receipts(house)["mugs.retry.txt"]
    house.spend(AGAIN_S)
    look(house, spool)
    assert house.names("inbox") == {HIDDEN}
    assert "or its job.yaml is gone" in receipts(house)["mugs.retry.txt"]
