"""A job that has ended is made again: what is finished is kept, the rest made, and the old folder stays as it is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from house import House
from told import receipts
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.records import Candidate
from worker.spool import FolderSpool, retries
from worker.spool.controls import EXPIRES_S
from worker.spool.janitor import EVERY_S
from worker.spool.layout import HIDDEN
from worker.spool.retries import ASKED, Retries

THREE = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n  - {id: c, prompt: a bowl}\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def failing(*files: str) -> PaintingRenderer:
    return PaintingRenderer(refuses=files)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def partial(house: House, *failed: str, name: str = "mugs.yaml") -> Path:
    """A finished folder in which these pictures have failed."""
    house.drop(name, THREE)
    assert house.drain(failing(*failed)) == (ExitCode.JOBS_FAILED if failed else ExitCode.DONE)
    return house.root / "outbox/mugs"


def retried(house: House, *, file: str = "mugs.retry", words: str = "") -> PaintingRenderer:
    house.drop(file, words)
    renderer = PaintingRenderer()
    house.code = house.drain(renderer)
    assert file not in house.names("inbox")
    return renderer


def settled(house: House, spool: FolderSpool) -> Candidate:
    """The only job that waits."""
    for _ in range(9):
        if found := spool.inbox.scan():
            return found[0]
        house.spend(5.0)
    raise AssertionError("nothing settles")


def answer(house: House, file: str = "mugs.retry.txt") -> str:
    return receipts(house)[file]


def test_failed_pictures_are_made_in_a_new_folder_into_which_the_others_are_copied(house: House) -> None:
    former = partial(house, "b_01.png")
    before = tree(former)
    assert retried(house).painted == ["b_01.png"]
    assert tree(former) == before
    manifest = house.manifest("mugs.2")
    assert (manifest["status"], [shot["status"] for shot in manifest["shots"]]) == ("complete", ["ok"] * 3)
    assert not manifest["warnings"]
    after = tree(house.root / "outbox/mugs.2")
    for name in ("a_01.png", "a_01.json", "c_01.png", "c_01.json", "job.yaml"):
        assert after[name] == before[name], name
    assert "1 picture is made again, 2 are kept" in answer(house)
    assert "retry" not in "".join(after), "what steers is no part of the finished folder"
    assert house.is_swept()


@pytest.mark.parametrize(
    "file", ["mugs.retry", "MUGS.Retry", "mugs.yaml.retry", "mugs.retry.txt", "Mugs.YAML.RETRY.TXT"]
)
def test_a_retry_is_understood_in_every_spelling(house: House, file: str) -> None:
    partial(house, "b_01.png")
    assert retried(house, file=file).painted == ["b_01.png"]


def test_a_folder_is_a_retry_too(house: House) -> None:
    partial(house, "b_01.png")
    (house.root / "inbox/mugs.retry").mkdir()
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.DONE
    assert renderer.painted == ["b_01.png"]
    assert house.is_swept()


def test_a_retry_of_what_is_whole_says_so_and_makes_no_equal_folder(house: House) -> None:
    partial(house)
    assert retried(house).painted == []
    assert house.names("outbox") == {"mugs"}
    assert "every picture of outbox/mugs is made" in answer(house)


@pytest.mark.parametrize("words", ["missing", "--missing", "\ufeff缺失"])
def test_deleted_pictures_are_made_again_only_where_that_is_asked_for(house: House, words: str) -> None:
    former = partial(house)
    (former / "a_01.png").unlink()
    assert retried(house).painted == []
    assert "1 picture that was made has been deleted since" in answer(house)
    assert retried(house, words=words).painted == ["a_01.png"]
    assert house.manifest("mugs.2")["status"] == "complete"


def test_what_a_person_deleted_is_left_out_while_what_failed_is_made(house: House) -> None:
    former = partial(house, "b_01.png")
    (former / "a_01.png").unlink()
    assert retried(house).painted == ["b_01.png"]
    shots = {shot["file"] or shot["id"]: shot for shot in house.manifest("mugs.2")["shots"]}
    assert [shot["status"] for shot in shots.values()].count("ok") == 2
    assert "has been deleted since" in str(house.manifest("mugs.2")["shots"][0]["error"])


def test_a_picture_that_was_changed_is_made_anew_and_that_is_told(house: House) -> None:
    former = partial(house, "b_01.png")
    (former / "a_01.png").write_bytes(b"retouched")
    assert retried(house).painted == ["a_01.png", "b_01.png"]
    assert (former / "a_01.png").read_bytes() == b"retouched"
    (warning,) = house.manifest("mugs.2")["warnings"]
    assert (warning["rule"], warning["count"]) == ("retry.not_kept", 1)
    assert "1 picture of outbox/mugs was to be kept and is made anew" in str(warning["message"])


def test_a_folder_that_goes_before_its_retry_begins_is_made_whole_and_that_is_told(house: House) -> None:
    former = partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    house.worker().spool.inbox.scan()
    former.rename(house.root / "away")
    renderer = PaintingRenderer()
    house.drain(renderer)
    assert len(renderer.painted) == 3
    assert [one["count"] for one in house.manifest("mugs")["warnings"]] == [2]


@pytest.mark.parametrize("taken", ["mugs.2", "Mugs.2"])
def test_the_next_free_number_is_taken(house: House, taken: str) -> None:
    partial(house, "b_01.png")
    (house.root / "outbox" / taken).mkdir()
    retried(house)
    assert house.manifest("mugs.3")["status"] == "complete"


def test_a_job_that_failed_whole_or_was_refused_is_made_whole(house: House) -> None:
    partial(house, "a_01.png", "b_01.png", "c_01.png")
    house.drop("bad.yaml", "prompt: a mug\nstesp: 3\n")
    house.drain()
    assert house.names("failed") == {"mugs", "bad"}
    assert len(retried(house).painted) == 3
    assert house.manifest("mugs")["status"] == "complete"
    assert len(retried(house, file="bad.retry").painted) == 0
    assert "bad.2" in house.names("failed")
    assert "all of it is made" in answer(house, "bad.retry.txt")


def test_a_cancelled_job_goes_on_where_it_was(house: House) -> None:
    house.drop("mugs.yaml", THREE)
    house.drain(PaintingRenderer(after=lambda _: house.drop("mugs.cancel", "")))
    assert retried(house).painted == ["b_01.png", "c_01.png"]
    assert house.manifest("mugs.2")["status"] == "complete"


def test_a_catalogue_keeps_its_table_and_a_retry_of_a_retry_its_name(house: House) -> None:
    folder = house.root / "inbox/mugs"
    folder.mkdir()
    (folder / "job.yaml").write_text("prompt: a {colour} mug\nproducts: p.csv\n")
    (folder / "p.csv").write_text("sku,colour\nA,red\nB,blue\n")
    house.drain(failing("A_01.png"))
    former = house.root / "outbox/mugs"
    assert retried(house).painted == ["A_01.png"]
    assert (house.root / "outbox/mugs.2/job/p.csv").read_bytes() == (former / "job/p.csv").read_bytes()
    (house.root / "outbox/mugs.2/B_01.png").unlink()
    assert retried(house, file="mugs.2.retry", words="missing").painted == ["B_01.png"]
    assert house.names("outbox") == {"mugs", "mugs.2", "mugs.3"}


def test_of_two_folders_the_word_in_the_file_says_which_else_it_is_the_last(house: House) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.yaml", "prompt: {broken\n")
    house.drain()
    assert house.names("failed") == {"mugs"}
    assert retried(house, words="outbox").painted == ["b_01.png"]
    os.utime(house.root / "failed/mugs", (2_000_000_000, 2_000_000_000))
    assert retried(house).painted == []
    assert "made of failed/mugs" in answer(house)


def test_a_retry_waits_while_a_job_of_that_name_does_and_is_told(house: House) -> None:
    partial(house, "b_01.png")
    worker = house.worker()
    house.drop("mugs.retry", "")
    (house.root / "inbox/mugs").mkdir()  # somebody begins another job
    worker.spool.inbox.scan()
    worker.spool.inbox.tell({})
    assert "waits until the job `mugs`" in answer(house)
    (house.root / "inbox/mugs").rmdir()
    renderer = PaintingRenderer()
    house.drain(renderer)
    assert renderer.painted == ["b_01.png"]


def test_a_stop_in_the_middle_of_a_retry_loses_nothing(house: House) -> None:
    partial(house, "b_01.png", "c_01.png")
    house.drop("mugs.retry", "")
    first = PaintingRenderer(after=lambda _: house.stop())
    house.drain(first)
    house.resume()
    second = PaintingRenderer()
    assert house.drain(second) == ExitCode.DONE
    assert first.painted + second.painted == ["b_01.png", "c_01.png"]
    assert not house.manifest("mugs.2")["warnings"]
    assert house.is_swept()


def test_pictures_of_a_retry_that_was_withdrawn_lie_in_failed(house: House) -> None:
    """Those that it keeps are another job's, which has appeared: they must not speak for the new ones."""
    partial(house, "b_01.png", "c_01.png")
    house.drop("mugs.retry", "")
    house.drain(PaintingRenderer(after=lambda _: house.stop()))
    shutil.rmtree(house.root / "inbox/mugs")
    spool = house.spool("w2")
    for _ in range(9):
        spool.janitor.sweep()
        house.spend(EVERY_S)
    assert (house.root / "failed/mugs/b_01.png").exists()


def test_two_workers_make_one_job_of_one_retry(house: House) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    first, second = house.spool("w1"), house.spool("w2")
    first.inbox.hear()
    second.inbox.hear()
    first.inbox.scan()
    second.inbox.scan()
    assert house.names("inbox") == {"mugs", HIDDEN}


def test_a_worker_that_dies_before_the_job_appears_leaves_it_to_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial(house, "b_01.png")
    house.drop("mugs.retry", "")
    with monkeypatch.context() as patch:
        patch.setattr(Retries, "_appears", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house.spool("w1").inbox.scan()
    (hidden,) = (house.root / "inbox").glob(".retry.*.submit")
    assert (hidden / ASKED).exists()
    renderer = PaintingRenderer()
    house.drain(renderer, worker_id="w2")
    assert renderer.painted == ["b_01.png"]
    assert house.is_swept()


def test_a_folder_that_is_no_job_s_and_a_full_control_folder_are_told(house: House) -> None:
    (house.root / "outbox/mine").mkdir()
    partial(house, "b_01.png")
    (house.root / "inbox/mugs.retry").mkdir()
    (house.root / "inbox/mugs.retry/job.yaml").write_text(THREE)
    house.drop("mine.retry", "")
    worker = house.worker()
    worker.spool.inbox.scan()
    worker.spool.inbox.tell({})
    assert "no folder of a job that has ended" in answer(house, "mine.retry.txt")
    assert "a folder with something in it asks for nothing" in answer(house)
    assert (house.root / "inbox/mugs.retry/job.yaml").exists()


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
