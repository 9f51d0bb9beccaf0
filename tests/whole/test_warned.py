"""Warnings are told where people look: in a receipt before and while a job is rendered, then on its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house import MODEL, House
from twins import PaintingRenderer

from worker.compose.from_settings import job_reader as job_reader_of
from worker.compose.status import statuses
from worker.daemon import queue
from worker.daemon.queue import JobQueue
from worker.errors import ExitCode
from worker.job import severity
from worker.records import Request

POINTLESS = "prompt: a mug\ncount: 3\nguidance: 0\nnegative_prompt: text\nmatrix: {angle: [front, back]}\n"
"""A negative prompt that has no effect, and a key of the matrix that nothing uses."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def receipts(house: House) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (house.root / "outbox/receipts").glob("*.txt")}


def run(house: House, renderer: PaintingRenderer | None = None, **settings: object) -> ExitCode:
    """A drain under these settings."""
    worker = house.worker(renderer, **settings)
    with worker.spool.ownership.lock(house.wait):
        return worker.daemon(MODEL).run(drain=True)


class Look:
    """What people see while pictures are made."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.receipts: list[dict[str, str]] = []
        self.status: list[str] = []
        self.pages: list[str] = []

    def __call__(self, _: Request) -> None:
        self.receipts.append(receipts(self._house))
        self.status.append(statuses(self._house.settings())().text)
        self.pages += [path.read_text("utf-8") for path in self._house.root.glob("outbox/*.partial/index.html")]


def test_a_job_with_warnings_is_told_before_and_while_it_is_rendered_and_then_on_its_page(house: House) -> None:
    house.drop("a-bowl.yaml", "prompt: a bowl\n")
    house.drop("mug.yaml", POINTLESS)
    look = Look(house)
    assert run(house, PaintingRenderer(after=look)) == ExitCode.DONE
    assert len(look.receipts) == 1 + 6
    assert len({json.dumps(seen) for seen in look.receipts}) == 1, "the same before and while it is rendered"
    [(name, receipt)] = look.receipts[0].items()
    assert name == "mug.yaml.txt"
    assert "There are 2 warnings: mend the job if it is not meant so; else there is nothing to do." in receipt
    first, second = (line for line in receipt.splitlines() if line.startswith("* "))
    assert first.startswith("* mug.yaml, line 4, column 1, at negative_prompt: The negative prompt has no effect")
    assert second.startswith("* mug.yaml, line 5, column 10, at matrix.angle: `prompt` does not use `{angle}`")
    assert all("\n  mug.yaml.txt: 2 warnings\n" in f"{text}\n" for text in look.status)
    assert not any("rests" in text or "not done" in text for text in look.status)
    assert "2 warnings" in look.pages[-1]
    assert receipts(house) == {}
    assert "warning" not in statuses(house.settings())().text
    warnings = house.manifest("mug")["warnings"]
    assert [(one["where"], one["line"]) for one in warnings] == [("negative_prompt", 4), ("matrix.angle", 5)]
    assert house.manifest("a-bowl")["warnings"] == []
    page = (house.root / "outbox/mug/index.html").read_text("utf-8")
    assert page.index("2 warnings") < page.index("has no effect at guidance 0") < page.index('class="tile"')


def test_a_job_that_goes_on_after_a_stop_still_has_its_warnings(house: House) -> None:
    house.drop("mug.yaml", POINTLESS)
    assert run(house, PaintingRenderer(after=lambda _: house.stop())) == ExitCode.STOPPED
    assert receipts(house).keys() == {"mug.yaml.txt"}, "it waits again"
    house.resume()
    look = Look(house)
    assert run(house, PaintingRenderer(after=look)) == ExitCode.DONE
    assert len(look.receipts) == 5
    assert all(seen.keys() == {"mug.yaml.txt"} for seen in look.receipts)
    assert len(house.manifest("mug")["warnings"]) == 2
    assert receipts(house) == {}


def test_no_note_is_left_of_a_job_that_ended_while_the_worker_was_stopped(house: House) -> None:
    house.drop("mug.yaml", POINTLESS.replace("count: 3\n", "").replace(", back]", "]"))
    assert run(house, PaintingRenderer(after=lambda _: house.stop())) == ExitCode.STOPPED
    assert house.names("outbox") == {"mug"}
    assert receipts(house) == {}


def test_the_first_of_many_waiting_jobs_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_WARNED", 2)
    house.drop("a-bowl.yaml", "prompt: a bowl\n")
    for name in "bcd":
        house.drop(f"{name}.yaml", POINTLESS)
    look = Look(house)
    assert run(house, PaintingRenderer(after=look)) == ExitCode.DONE
    assert len(look.receipts[0]) == 2
    assert receipts(house) == {}


def test_another_worker_leaves_the_note_of_a_job_in_work_and_writes_the_same(house: House) -> None:
    house.drop("mug.yaml", POINTLESS)
    house.drop("vase.yaml", POINTLESS)
    other = house.worker(worker_id="w2", state_dir=house.root / "state2")
    looks = JobQueue(other.spool.inbox, job_reader_of(house.settings()), grace_s=60.0, clock=house.now_s)
    told: list[dict[str, str]] = []

    def look(_: Request) -> None:
        told.append(receipts(house))
        for _ in "12":
            looks.ready()
            house.spend(3.0)
        told.append(receipts(house))

    assert run(house, PaintingRenderer(after=look)) == ExitCode.DONE
    assert told[0] == told[1]
    assert told[0].keys() == {"mug.yaml.txt", "vase.yaml.txt"}
    assert told[-1].keys() == {"vase.yaml.txt"}


def test_a_job_that_is_mended_while_it_waits_loses_its_note(house: House) -> None:
    house.drop("a-bowl.yaml", "prompt: a bowl\n")
    house.drop("mug.yaml", POINTLESS)
    told = []

    def mend(request: Request) -> None:
        told.append((request.prompt, [*receipts(house)]))
        if request.prompt == "a bowl":
            house.drop("mug.yaml", "prompt: a mug\n")

    assert run(house, PaintingRenderer(after=mend)) == ExitCode.DONE
    assert told == [("a bowl", ["mug.yaml.txt"]), ("a mug", [])]
    assert house.manifest("mug")["warnings"] == []


def test_a_job_without_a_picture_has_its_warnings_in_all_its_files(house: House) -> None:
    house.drop("mug.yaml", POINTLESS.replace("count: 3\n", "").replace("angle: [front, back]", "angle: [front]"))
    assert run(house, PaintingRenderer(refuses=["mug_front_01.png", "shot-01_front_01.png"])) == ExitCode.JOBS_FAILED
    failed = house.root / "failed/mug"
    for name in ("manifest.json", "error.json"):
        assert len(json.loads((failed / name).read_text("utf-8"))["warnings"]) == 2
    text = (failed / "error.txt").read_text("utf-8")
    assert text.index("Every picture was black.") < text.index("Warnings (2)")
    assert "to try once more" in text


def test_a_strict_worker_refuses_a_job_with_warnings_before_the_night(house: House) -> None:
    house.drop("bowl.yaml", "prompt: a bowl\n")
    house.drop("meant.yaml", f"{POINTLESS}strict: false\n")
    house.drop("mug.yaml", POINTLESS)
    assert run(house, strict=True) == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"bowl", "meant"}
    text = (house.root / "failed/mug/error.txt").read_text("utf-8")
    assert "What is wrong (1)" in text
    assert "`strict` is set for all jobs here" in text
    assert "`strict: false`" in text
    assert text.index("Warnings (2)") < text.index("has no effect at guidance 0") < text.index("does not use `{angle}`")
    document = json.loads((house.root / "failed/mug/error.json").read_text("utf-8"))
    assert [one["rule"] for one in document["problems"]] == ["job.strict"]
    assert len(document["warnings"]) == 2


def test_a_strict_job_is_told_while_it_may_still_be_mended(house: House) -> None:
    house.drop("mug.yaml", f"{POINTLESS}strict: true\n")
    told = []
    house.at(20.0, lambda: told.append(receipts(house)["mug.yaml.txt"]))
    assert run(house) == ExitCode.JOBS_FAILED
    assert "1 problem: mug.yaml:6:9: strict: This is `true`, and there are warnings." in told[0]
    assert told[0].count("\n- ") == 2
    assert house.names("failed") == {"mug"}


@pytest.mark.parametrize(("line", "is_made"), [("", False), ("strict: false\n", True)])
def test_a_catalogue_that_most_products_are_wrong_in_is_refused_unless_it_is_meant(
    house: House, monkeypatch: pytest.MonkeyPatch, line: str, is_made: bool
) -> None:
    monkeypatch.setattr(severity, "REFUSING", frozenset({"job.unused_file"}))  # one that any job can have
    folder = house.root / "inbox/autumn"
    folder.mkdir()
    (folder / "products.csv").write_text("sku;status\n1;new\n2;old\n3;new\n")
    for name in ("a.docx", "b.docx", "c.docx"):
        (folder / name).write_text("")
    (folder / "job.yaml").write_text(f"products: products.csv\nprompt: a {{status}} mug {{sku}}\n{line}")
    assert run(house) == (ExitCode.DONE if is_made else ExitCode.JOBS_FAILED)
    if is_made:
        assert [one["rule"] for one in house.manifest("autumn")["warnings"]] == ["job.unused_file"]
        table = (house.root / "outbox/autumn/results.csv").read_text("utf-8-sig").splitlines()
        assert table[0] == "sku;status;shot;file;zimage_status;seed;error;index;size;prompt;sha256"
        assert table[2].startswith("2;old;2;2_01.png;ok;")
    else:
        text = (house.root / "failed/autumn/error.txt").read_text("utf-8")
        assert "That is every one of them, so nothing is rendered." in text
        assert house.names("outbox") == set()


def test_status_names_what_is_no_job_without_any_worker(house: House) -> None:
    for name in ("mug.docx", "notes.txt"):
        house.drop(name, "a mug")
    house.drop("mug.yaml", "prompt: a mug\n")
    house.drop("mug.sync-conflict-20240101-120000-ABCDEFG.yaml", "prompt: a mug\n")
    text = statuses(house.settings())().text
    assert "waiting: 1 (mug.yaml)" in text
    assert "ignored: 3 (" in text
    assert "\n  mug.docx: " in text
    assert "\n  mug.sync-conflict-20240101-120000-ABCDEFG.yaml: " in text
