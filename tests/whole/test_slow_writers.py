"""A job that a program goes on writing after it was claimed is read again, and never called complete before."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.delivery.delivery import FileDelivery
from worker.errors import ExitCode

ONE = "size: 64x64\nsteps: 1\nshots:\n  - {id: a, prompt: a red mug}\n"
TABLE = 'products: products.csv\nsize: 64x64\nsteps: 1\nshot:\n  product: {subject: "{subject}", colour: red}\n'


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Writer:
    """Has a file open, and writes on wherever that file goes."""

    def __init__(self, path: Path, text: str) -> None:
        self._file = path.open("w")
        self.write(text)

    def write(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a share, where nobody knows whether another machine's program has a file open."""
    monkeypatch.setattr("worker.spool.scan.is_open_for_writing", lambda _: False)


@pytest.mark.usefixtures("unseen")
def test_rows_that_come_after_the_claim_are_made_too_and_no_picture_twice(house: House) -> None:
    folder = house.root / "inbox/export"
    folder.mkdir()
    (folder / "job.yaml").write_text(TABLE)
    writer = Writer(folder / "products.csv", "sku,subject\nM-0,mug 0\n")
    rows = iter(range(1, 4))

    def another_row(_request: object) -> None:
        if (row := next(rows, None)) is not None:
            writer.write(f"M-{row},mug {row}\n")

    painter = PaintingRenderer(after=another_row)
    with capture_logs() as events:
        assert house.drain(painter) == ExitCode.DONE
    manifest = house.manifest("export")
    assert (manifest["status"], len(manifest["shots"])) == ("complete", 4)
    assert sorted(painter.painted) == [f"M-{row}_01.png" for row in range(4)]
    assert (house.root / "outbox/export/job/products.csv").read_text().splitlines()[1:] == [
        f"M-{row},mug {row}" for row in range(4)
    ]
    assert [event["event"] for event in events if event["event"] == "job.changed"]
    assert house.is_swept()


@pytest.mark.usefixtures("unseen")
def test_a_job_of_which_half_was_read_is_not_refused_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(house.root / "inbox/mugs.yaml", ONE + "  - {id: b, pro")
    real, refused = FileDelivery.refusal, []

    def while_it_is_refused(*args: object, **named: object) -> object:
        if not refused:
            refused.append(args)
            writer.write("mpt: a blue mug}\n")
        return real(*args, **named)

    monkeypatch.setattr(FileDelivery, "refusal", while_it_is_refused)
    assert house.drain(grace_s=0.0) == ExitCode.DONE
    assert refused
    assert [shot["id"] for shot in house.manifest("mugs")["shots"]] == ["a", "b"]
    assert house.names("failed") == set()


@pytest.mark.usefixtures("unseen")
def test_a_job_that_changes_without_end_rests_while_the_others_are_made(house: House) -> None:
    writer = Writer(house.root / "inbox/a-log.yaml", ONE)
    house.drop("bowl.yaml", "prompt: a bowl\n")

    def write_on() -> None:
        if house.now_s() < 600.0:
            writer.write("# more\n")
            house.at(house.now_s() + 1.0, write_on)

    painter = PaintingRenderer(after=lambda _: write_on())
    with capture_logs() as events:
        assert house.drain(painter) == ExitCode.JOBS_FAILED
    assert [event["job"] for event in events if event["event"] == "job.set_aside"] == ["a-log"]
    assert house.names("outbox") >= {"bowl"}
    assert house.names("failed") == set()
    assert len(events) < 100
    assert sorted(painter.painted) == ["a_01.png", "shot-01_01.png"]
    house.spend(600.0)
    assert house.drain(painter) == ExitCode.DONE, "the next start finds it at rest"
    assert house.names("outbox") == {"a-log", "bowl"}
