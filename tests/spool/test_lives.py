"""How a life on a claim ended, decided by values: a death, an end in order, or a silence that has yet to be told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from worker.spool.alive.lease import Heartbeat
from worker.spool.lives import Life, begun, fate_of, working

FORMER = Life(worker="a", run="r1", place="here", files=("mug.png",))
NOTED = working(FORMER, has_made=False)
HEIR = Life(worker="b", run="r2", place="there")


def beat(run: str, count: int, *, is_stopped: bool = False) -> Heartbeat:
    return Heartbeat(run=run, count=count, host="h", locks="l", is_stopped=is_stopped)


@pytest.mark.parametrize(
    ("seen", "later", "deaths"),
    [
        (beat("r1", 7), beat("r1", 8), 0),
        (beat("r1", 7), beat("r1", 7), 1),
        (beat("r1", 7), beat("r3", 1), 1),
        (beat("r1", 7), None, 1),
        (beat("r3", 1), beat("r3", 2), 1),
        (beat("r1", 7, is_stopped=True), beat("r3", 1), 0),
        (None, beat("r1", 8), 0),
        (None, None, 1),
    ],
    ids=["it lives", "still silent", "another run", "its beat is gone", "it had begun anew", "it stopped",
         "seen at last", "never seen"],
)  # fmt: skip
def test_a_worker_that_fell_silent_is_no_death_until_its_heartbeat_has_told(
    seen: Heartbeat | None, later: Heartbeat | None, deaths: int
) -> None:
    """Asked when another machine's worker begins, and once more when the next one does."""
    record: dict[str, object] = {"life": json.loads(json.dumps(asdict(FORMER)))}
    record |= begun(record, NOTED, HEIR, has_stopped=lambda _: False, last_beat=lambda _: seen)
    at_once = len(record["deaths"])  # type: ignore[arg-type]
    assert at_once == (1 if seen is not None and seen.run == "r3" else 0)
    record = json.loads(json.dumps(record)) | {"life": None}  # the heir's own life, whose end is another matter
    record |= begun(record, {}, replace(HEIR, run="r4"), has_stopped=lambda _: False, last_beat=lambda _: later)
    assert record["deaths"] == [["mug.png"]] * deaths


def test_on_one_machine_a_lock_that_is_free_is_a_death_unless_a_stop_was_noted() -> None:
    assert fate_of(FORMER, beat=beat("r1", 7, is_stopped=True), is_here=True) == "died"
    record: dict[str, object] = {"life": json.loads(json.dumps(asdict(FORMER)))}
    heir = replace(HEIR, place="here")
    for has_stopped in (True, False):
        found = begun(
            record, NOTED, heir, has_stopped=lambda life, stopped=has_stopped: stopped, last_beat=lambda _: None
        )
        assert found["deaths"] == ([] if has_stopped else [["mug.png"]])


@pytest.mark.parametrize("damage", [None, 3, "r1", [], {}, {"files": 3, "count": "x"}, {"run": None, "files": [1]}])
def test_a_damaged_life_is_at_worst_a_death_of_nothing(damage: object) -> None:
    found = begun({"life": damage, "deaths": damage, "fruitless": damage, "silent": damage},
                  {"run": damage, "files": damage, "has_made": damage}, HEIR,
                  has_stopped=lambda _: False, last_beat=lambda _: None)  # fmt: skip
    assert all(isinstance(death, list) for death in found["deaths"])  # type: ignore[attr-defined]


def test_what_another_run_wrote_down_is_not_this_life_s() -> None:
    """It died between counting the death before it and its own first picture."""
    record: dict[str, object] = {"life": asdict(replace(FORMER, run="r0", files=())), "fruitless": 2}
    heir = replace(HEIR, place="here")
    noted = working(FORMER, has_made=True)
    found = begun(record, noted, heir, has_stopped=lambda _: False, last_beat=lambda _: None)
    assert (found["deaths"], found["fruitless"]) == ([[]], 3)


def test_a_life_that_made_a_picture_leaves_none_before_it_for_nothing() -> None:
    record: dict[str, object] = {"life": asdict(FORMER), "fruitless": 7}
    noted = working(FORMER, has_made=True)
    found = begun(record, noted, HEIR, has_stopped=lambda _: True, last_beat=lambda _: None)
    assert found["fruitless"] == 0
