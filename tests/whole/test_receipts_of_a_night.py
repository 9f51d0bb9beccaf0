"""Receipts through a night: when each job's turn comes, how the one in work goes, how those before it ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house import House, whole_path
from twins import PaintingRenderer

from worker.errors import ExitCode

PICTURE_S = 10.0
JOB = "size: 64x64\nshots: [{{prompt: a mug, count: {count}}}]\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    for name, count in (("a-mugs", 8), ("b-cups", 3), ("c-杯子", 2)):
        house.drop(f"{name}.yaml", JOB.format(count=count))
        os.utime(house.root / f"inbox/{name}.yaml", (0, 0))
    return house


def receipts(house: House, folder: str = "receipts") -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (house.root / "outbox" / folder).glob("*.txt")}


class Renderer(PaintingRenderer):
    """Each picture takes its time, and then somebody looks."""

    def __init__(self, house: House, look, **named) -> None:
        def after(_request: object) -> None:
            house.spend(PICTURE_S)
            look()

        super().__init__(after=after, **named)


def test_who_looks_at_the_share_knows_at_any_time_where_each_job_is(house: House) -> None:
    seen: list[dict[str, str]] = []
    assert house.drain(Renderer(house, lambda: seen.append(receipts(house)))) == ExitCode.DONE
    while_a = seen[6]
    assert "w1 works on it" in while_a["a-mugs.yaml.txt"]
    assert "of 8 pictures" in while_a["a-mugs.yaml.txt"]
    assert "It is done at about" in while_a["a-mugs.yaml.txt"]
    assert "number 1 in line" in while_a["b-cups.yaml.txt"]
    assert "It asks for 3 pictures" in while_a["b-cups.yaml.txt"]
    assert [*while_a].index("b-cups.yaml.txt") >= 0
    assert any("2" in text and "c-杯子" in text for text in while_a.values())
    page = next(line for line in while_a["a-mugs.yaml.txt"].splitlines() if ".partial/index.html" in line)
    assert "a-mugs.w1-" in page
    assert receipts(house) == {}, "what has ended is not on its way"
    ended = receipts(house, "receipts/ended")
    assert len(ended) == 3
    assert "is done" in ended["a-mugs.yaml.txt"]
    assert "outbox/a-mugs" in ended["a-mugs.yaml.txt"]
    assert any("杯" in text and "outbox/c-杯子" in text for text in ended.values())


def test_what_could_not_be_done_says_where_the_reason_lies_and_what_was_done_in_part_says_so(house: House) -> None:
    house.drop("bad.yaml", "promt: a mug\n")
    refuses = ["shot-01_02.png"]
    assert house.drain(Renderer(house, lambda: None, refuses=refuses), grace_s=0.0) == ExitCode.JOBS_FAILED
    ended = receipts(house, "receipts/ended")
    assert "could not be done" in ended["bad.yaml.txt"]
    assert "failed/bad" in ended["bad.yaml.txt"]
    assert "done in part" in ended["b-cups.yaml.txt"]


@pytest.mark.slow
def test_a_night_writes_few_receipts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        house.drop(f"later-{number:02}.yaml", JOB.format(count=1))
    real, written = os.rename, []

    def counting(source, target, *args, **named) -> None:
        path = str(whole_path(target, named.get("dst_dir_fd")))
        if "/receipts" in path:
            written.append((house.now_s() // 60, path))
        real(source, target, *args, **named)

    monkeypatch.setattr(os, "rename", counting)
    assert house.drain(Renderer(house, lambda: None)) == ExitCode.DONE
    minutes = [minute for minute, _ in written]
    most = max(map(minutes.count, set(minutes)))
    print(f"{len(written)} receipts in {house.now_s():.0f} s, at most {most} a minute")
    assert most <= 4 * 20 + 2 * 60 / PICTURE_S
    assert len(written) < 63 * 12


def test_another_worker_that_looks_meanwhile_changes_nothing(house: House) -> None:
    other = house.spool("w2", state="state-2")
    before: list[dict[str, str]] = []
    after: list[dict[str, str]] = []

    def look() -> None:
        before.append(receipts(house))
        other.inbox.scan()
        other.inbox.tell({})
        after.append(receipts(house))

    assert house.drain(Renderer(house, look)) == ExitCode.DONE
    assert before == after
    assert any(before)


def test_a_job_that_was_cancelled_before_it_began_is_not_said_to_have_failed(house: House) -> None:
    house.drop("b-cups.cancel", "")
    house.drain(PaintingRenderer())
    ended = receipts(house, "receipts/ended")["b-cups.yaml.txt"]
    assert "`b-cups.yaml` was cancelled. What is there of it lies in failed/b-cups." in ended
    assert "could not be done" not in ended
