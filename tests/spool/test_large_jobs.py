"""Large jobs: what is being copied is not read at every look, and what is far too large is not read at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house import House

from worker.disk import content
from worker.disk.content import NotAJob, files_of, statuses
from worker.disk.json_records import read_head
from worker.spool.final_rename import job_of

SETTLE_S = 2.0
MIB = 1024 * 1024


def read_bytes() -> int:
    """So many this process has read, by the kernel's count."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(facts["rchar"])


def test_a_folder_that_is_being_copied_is_not_read_and_a_whole_one_twice(yard) -> None:
    spool = yard.worker()
    yard.drop("shop/job.yaml")
    begun = read_bytes()
    for number in range(20):
        (yard.folders.inbox / f"shop/{number:02}.jpg").write_bytes(bytes(MIB))
        assert spool.inbox.scan() == ()
        yard.now_s += 1.0
    copied = read_bytes()
    assert copied - begun < 4 * MIB  # what was small at first
    for _ in range(30):
        spool.inbox.scan()
        yard.now_s += SETTLE_S
    assert len(spool.inbox.scan()) == 1
    assert 40 * MIB <= read_bytes() - copied < 41 * MIB


def test_a_large_job_settles_after_twice_the_time(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml", "prompt: mug\n" + "# words\n" * MIB)
    looks = []
    for _ in range(5):
        looks.append(len(spool.inbox.scan()))
        yard.now_s += SETTLE_S / 2
    assert looks == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("names", [["shop.yaml"], ["shop/job.yaml", "shop/a.psd", "shop/deep/b.psd"]])
def test_what_is_far_too_large_is_told_and_not_read_once(
    yard, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    monkeypatch.setattr(content, "DROPPED_BYTES", 3 * MIB)
    spool = yard.worker()
    for name in names:
        (yard.folders.inbox / name).parent.mkdir(exist_ok=True, parents=True)
        os.truncate(yard.drop(name), 4 * MIB // len(names))
    begun = read_bytes()
    for _ in range(9):
        assert spool.inbox.scan() == ()
        yard.now_s += SETTLE_S
    assert read_bytes() - begun < MIB
    with pytest.raises(NotAJob, match="holds more than 0 GiB: no job is so large"):
        statuses(yard.folders.inbox / names[0].split("/")[0])
    with pytest.raises(NotAJob, match="no job is so large"):
        [*files_of(yard.folders.inbox / names[0].split("/")[0])]


@pytest.mark.parametrize("name", ["plain.txt", "two\nlines\n7.txt", "1.txt", "a\udce9.txt"])
def test_one_walk_tells_how_much_a_job_holds_whatever_its_files_are_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(1234))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_bytes(bytes(66))
    os.utime(tmp_path / "deep" / "b", ns=(-(10**18), -(10**18)))
    assert sum(status.st_size for status in statuses(tmp_path).values()) == 1300


def test_of_a_finished_folder_s_manifest_only_the_head_is_read(tmp_path: Path) -> None:
    """One of 300 MB beside which a job was published came to 7.7 GB of values."""
    head = '{"schema": 1, "job": "a", "name": "the \\"shots\\" of, it", "status": "complete", "shots": ['
    (tmp_path / "manifest.json").write_text(head + "[[]], " * (5 * MIB) + "]}")
    begun = read_bytes()
    assert read_head(tmp_path / "manifest.json") == {
        "schema": 1, "job": "a", "name": 'the "shots" of, it', "status": "complete",
    }  # fmt: skip
    assert job_of(tmp_path) == "a"
    assert read_bytes() - begun < MIB


@pytest.mark.parametrize("text", ["", "[1]", '{"job": 7, "shots": []}', '"shots"', '[[[["shots"', "{" * 70_000, "rot"])
def test_what_is_no_manifest_names_no_job(tmp_path: Path, text: str) -> None:
    assert job_of(tmp_path) is None
    (tmp_path / "manifest.json").write_text(text)
    assert job_of(tmp_path) is None


def test_the_head_of_a_real_manifest_is_understood(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.drop("mug.yaml", "prompt: a mug\nsize: 64x64\n")
    house.drain()
    whole = house.manifest("mug")
    head = read_head(tmp_path / "outbox/mug/manifest.json")
    assert {"job", "name", "status"} <= head.keys()
    assert head.items() <= whole.items()
