"""Events as sentences: each has one or is left out on purpose, and no fact that is missing or odd breaks one."""

from __future__ import annotations

import pytest
from pages import page

from worker.operations.sentences import NOT_SHOWN, ON_THE_LINE, SENTENCES, on_the_line, said
from worker.translation import Text, gettext, translated

EVENTS = set(page("worker/operations/README.md").first_words("## Events in the log"))
PLACES = {"inbox_path": "/in", "outbox_path": "/out", "failed_path": "/fail"}


def test_each_event_of_the_table_has_a_sentence_or_is_left_out_on_purpose() -> None:
    told = [SENTENCES.keys(), ON_THE_LINE.keys(), NOT_SHOWN]
    assert set().union(*told) == EVENTS
    assert sum(map(len, told)) == len(EVENTS), "each in one place"


@pytest.mark.parametrize("odd", [None, [1], {"a": 1}, float("nan"), float("inf"), -1, True, 10**30, "", "\x1b[2J\n{x}"])
@pytest.mark.parametrize("event", sorted(EVENTS))
def test_whatever_the_facts_are_there_is_a_sentence(event: str, odd: object) -> None:
    names = "job file files error reason seconds pictures failed left fits problems first again_s lines status"
    for facts in ({}, dict.fromkeys(names.split(), odd)):
        told = said(event, facts) or on_the_line(event, facts)
        if told is not None:
            assert translated(told, "zh").strip()


def settled(status: str, **counts: int) -> str:
    return str(
        said("job.settled", {**PLACES, "job": "mugs", "status": status, "folder": "mugs", "seconds": 24.1, **counts})
    )


def test_how_a_job_ended_is_said_with_its_numbers_and_where_it_lies() -> None:
    assert settled("complete", pictures=8) == "finished: mugs, 8 pictures in 24 s: /out/mugs"
    assert settled("complete", pictures=1) == "finished: mugs, 1 picture in 24 s: /out/mugs"
    assert settled("partial", pictures=37, failed=43) == "partial: mugs, 37 of 80 pictures in 24 s: /out/mugs"
    assert settled("cancelled", pictures=3, cancelled=5) == "cancelled: mugs, 3 of 8 pictures were made: /out/mugs"
    assert settled("cancelled", cancelled=8) == "cancelled: mugs, 0 of 8 pictures were made: /fail/mugs"
    assert settled("failed", failed=8) == "failed: mugs, 0 of 8 pictures could be made: /fail/mugs"


def test_a_reason_of_the_catalogue_stays_one_inside_a_sentence() -> None:
    told = said("worker.paused", {"reason": gettext("PAUSE lies in the inbox: remove it to go on")})
    assert isinstance(told, Text)
    assert translated(str(told.values["reason"]), "zh") != str(told.values["reason"])


def test_ready_says_where_it_looks_unless_it_only_drains() -> None:
    facts = {**PLACES, "device": "cpu", "gpu": None, "precision": "bf16", "model": "m"}
    assert "Watching /in" in str(said("worker.ready", {**facts, "is_draining": False}))
    assert str(said("worker.ready", {**facts, "is_draining": True})) == "Ready: cpu, bf16, model m."


def test_stopping_says_what_is_waited_for() -> None:
    assert said("stop.asked", {"is_rendering": True}) == "Finishing this picture; Ctrl-C again stops at once."
    assert said("stop.asked", {"is_rendering": False}) == "Stopping ...; Ctrl-C again stops at once."


def test_room_for_all_is_no_news() -> None:
    assert said("space.told", {"job": "mugs", "left": 8, "fits": 8}) is None
    assert "3 of 8" in str(said("space.told", {"job": "mugs", "left": 8, "fits": 3}))
