"""Jobs of any name are made again, for whoever asked for it, and once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house import House
from retrying import THREE, answer, failing, partial, retried, settled
from told import receipts
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.spool import retries
from worker.spool.control_words import EXPIRES_S
from worker.spool.layout import HIDDEN
from worker.spool.retries import ASKED, Retries

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"schema": 2, "shots": 3}', '{"shots": [1, {"file": 2, "status": []}]}']
)
def test_of_a_damaged_manifest_nothing_is_believed(house: House, manifest: str) -> None:
    former = partial(house, "b_01.png")
    (former / "manifest.json").write_text(manifest)
    assert retried(house).painted == ["b_01.png"]
    assert house.manifest("mugs.2" if "mugs.2" in house.names("outbox") else "mugs")["status"] == "complete"


@pytest.mark.parametrize(
    ("job", "folder"),
    [
        ("asked", "asked"),
        ("mugs.retry", "mugs-retry"),
        ("mugs.Approve.txt", "mugs-Approve.txt"),
        ("mugs~", "mugs"),
        ("mugs (conflicted copy 2026-01-01)", "mugs (conflicted copy 2026-01-01)"),
        ("mugs.sync-conflict-20260101-120000-ABCDEFG", "mugs.sync-conflict-20260101-120000-ABCDEFG"),
        ("冲突副本", "冲突副本"),
    ],
)
def test_a_job_of_any_name_is_made_again_and_never_means_something_else(house: House, job: str, folder: str) -> None:
    house.drop("mugs.yaml", f"name: {job}\n{THREE}")
    house.drain(failing("b_01.png"))
    assert house.names("outbox") == {folder}
    assert retried(house, file=f"{folder}.retry").painted == ["b_01.png"]
    assert house.code == ExitCode.DONE
    assert house.names("outbox") == {folder, f"{folder}.2"}
    assert house.is_swept()


def test_a_folder_whose_name_steers_pauses_nobody_when_it_is_made_again(house: House) -> None:
    former = partial(house, "b_01.png")
    former.rename(house.root / "outbox/PAUSE")
    assert retried(house, file="PAUSE.retry").painted == ["b_01.png"]
    assert house.names("outbox") == {"PAUSE", "mugs"}


def test_two_that_let_the_same_job_appear_put_no_file_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    really = retries.move_to_free_name

    def moved_by_another(source: Path, target: Path) -> bool:
        return really(source, target) and False  # it was, and to the slower one the name is taken

    monkeypatch.setattr(retries, "move_to_free_name", moved_by_another)
    house.spool().inbox.scan()
    assert house.names("inbox") == {"mugs", HIDDEN}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_is_made_again_is_whose_who_asked_and_counts_what_is_to_be_made(house: House) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    os.chown(house.root / "inbox/mugs.retry", 4711, -1)
    worker = house.worker()
    candidate = settled(house, worker.spool)
    assert (candidate.dropped_by, candidate.kept) == ("4711", 2)
    house.drain()
    assert house.manifest("mugs.2")["dropped_by"] == "4711"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_note_of_another_account_makes_no_job_somebody_else_s_or_smaller(house: House) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    worker = house.worker()
    worker.spool.inbox.scan()
    os.chown(house.root / "inbox/mugs", 4712, -1)
    candidate = settled(house, worker.spool)
    assert (candidate.dropped_by, candidate.kept) == ("4712", 0)


def test_what_a_worker_left_is_put_back_under_the_folder_s_name(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mugs.yaml", f"name: mugs (conflicted copy 2026-01-01)\n{THREE}")
    house.drain(failing("b_01.png"))
    house.drop("mugs (conflicted copy 2026-01-01).retry", "missing")
    with monkeypatch.context() as patch:
        patch.setattr(Retries, "_appears", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house.spool().inbox.scan()
    (hidden,) = (house.root / "inbox").glob(".retry.*.submit")
    (job,) = (path.name for path in hidden.iterdir() if path.name != ASKED)
    (house.root / "inbox" / job).mkdir()  # somebody begins a job of that name
    spool = house.spool("w2")
    spool.inbox.scan()
    assert house.names("inbox") == {job, "mugs (conflicted copy 2026-01-01).retry", HIDDEN}


@pytest.mark.parametrize("first_s", [0.0, 25.0])
def test_whoever_asks_twice_gets_one_job(house: House, first_s: float) -> None:
    partial(house, "a_01.png", "b_01.png")
    house.drop("mugs.retry", "")
    house.at(house.now_s() + first_s, lambda: house.drop("Mugs.yaml.retry", ""))
    renderer = PaintingRenderer(after=lambda _: house.wait(20.0))
    house.drain(renderer)
    assert renderer.painted == ["a_01.png", "b_01.png"]
    assert house.names("outbox") == {"mugs", "mugs.2"}
    assert "does that already" in "".join(receipts(house).values())
    assert house.is_swept()


def test_whoever_asks_for_more_while_a_job_is_made_again_gets_that_too(house: House) -> None:
    former = partial(house, "b_01.png")
    (former / "a_01.png").unlink()
    house.drop("mugs.retry", "")
    asked: list[bool] = []
    renderer = PaintingRenderer(after=lambda _: asked or asked.append(house.drop("mugs.retry", "missing") is None))
    house.drain(renderer)
    house.drain(renderer)
    assert renderer.painted == ["b_01.png", "a_01.png", "b_01.png"]


def test_what_waited_for_a_folder_that_has_gone_waits_for_nothing_more(house: House) -> None:
    former = partial(house, "b_01.png")
    (house.root / "inbox/mugs").mkdir()
    house.drop("mugs.retry", "")
    spool = house.spool()
    spool.inbox.scan()
    spool.inbox.tell({})
    assert "waits until the job `mugs`" in answer(house)
    former.rename(house.root / "away")
    for _ in range(2):
        house.spend(EXPIRES_S)
        spool.inbox.scan()
        spool.inbox.tell({})
    assert "mugs.retry" not in house.names("inbox")
    assert "it matched no job" in answer(house)


@pytest.mark.parametrize("name", ["\\ud800", "a\\u0000b\\n", "../../x", "杯" * 400])
def test_whatever_a_manifest_says_a_job_is_called_it_is_made_again(house: House, name: str) -> None:
    former = partial(house, "b_01.png")
    manifest = former / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"name": "mugs"', f'"name": "{name}"'), "utf-8")
    assert f'"name": "{name}"' in manifest.read_text("utf-8")
    assert retried(house).painted == ["b_01.png"]
    assert house.code == ExitCode.DONE
    assert house.is_swept()
