"""What belongs to nobody is remembered between short runs of one start of the machine, and of no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worker.spool import sightings
from worker.spool.alive import heartbeats
from worker.spool.janitor import ALONE_S, EVERY_S
from worker.spool.sightings import MOST_KEPT, Sightings

MUG = ("partial", "/outbox/mug.partial", "1 2 3")
VASE = ("note", "/inbox/vase\udcff.json", "4 5 6")


class Machine:
    """Its clock begins anew at each start."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.now_s = 1_000.0

    def run(self) -> Sightings:
        return Sightings(self.file, clock=lambda: self.now_s)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "leftovers-w1.json")


def test_a_later_run_knows_since_when(machine: Machine) -> None:
    machine.run().see([MUG, VASE])
    machine.now_s += 86_400.0
    later = machine.run()
    later.see([MUG, VASE])
    assert (later.alone_s(MUG), later.alone_s(VASE)) == (86_400.0, 86_400.0)


@pytest.mark.parametrize("between", [[], [(*MUG[:2], "another")]], ids=["somebody's", "worked on"])
def test_what_was_somebody_s_meanwhile_begins_anew(machine: Machine, between: list[tuple[str, str, str]]) -> None:
    machine.run().see([MUG])
    machine.now_s += 3_600.0
    machine.run().see(between)
    later = machine.run()
    later.see([MUG])
    assert later.alone_s(MUG) == 0.0


def test_another_start_of_the_machine_begins_anew(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.run().see([MUG])
    machine.now_s += 3_600.0
    for other in ("another", ""):
        monkeypatch.setattr(sightings, "boot_id", lambda other=other: other)
        later = machine.run()
        later.see([MUG])
        assert later.alone_s(MUG) == 0.0
        machine.now_s += 60.0


@pytest.mark.parametrize("junk", ["", "[", "[]", '{"seen": 1}', '{"seen": [1, [], ["a", "b", "c", "d"], [1, 2, 3, 4]]}',
                                  '{"seen": [["partial", "/outbox/mug.partial", "1 2 3", 1e9]]}'])  # fmt: skip
def test_a_file_of_any_content_is_none(machine: Machine, junk: str) -> None:
    machine.file.write_text(junk.replace("{", f'{{"boot": "{heartbeats.boot_id()}", ', 1))
    run = machine.run()
    run.see([MUG])
    assert run.alone_s(MUG) == 0.0


def test_without_a_disk_it_is_remembered_for_the_run(machine: Machine, tmp_path: Path) -> None:
    machine.file = tmp_path / "nowhere/leftovers.json"
    run = machine.run()
    run.see([MUG])
    machine.now_s += 10.0
    run.see([MUG])
    assert run.alone_s(MUG) == 10.0


def test_the_file_stays_small(machine: Machine) -> None:
    machine.run().see([("note", str(number), "") for number in range(MOST_KEPT + 5)])
    assert len(json.loads(machine.file.read_text())["seen"]) == MOST_KEPT


def test_short_runs_reach_what_belongs_to_nobody(yard) -> None:
    (yard.folders.outbox / ".a.12345678.tmp").touch()
    for _ in range(3):  # each ends long before an hour is over
        spool = yard.worker()
        with spool.ownership.lock():
            spool.janitor.sweep()
            yard.now_s += EVERY_S
            spool.janitor.sweep()
        yard.now_s += ALONE_S / 2
    assert not (yard.folders.outbox / ".a.12345678.tmp").exists()
