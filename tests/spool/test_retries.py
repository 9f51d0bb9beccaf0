"""A job that has ended is made again: what is finished is kept, the rest made, and the old folder stays as it is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from house import House
from retrying import THREE, answer, failing, partial, retried, tree
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.spool.janitor import EVERY_S
from worker.spool.layout import HIDDEN
from worker.spool.retries import ASKED, Retries


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


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
