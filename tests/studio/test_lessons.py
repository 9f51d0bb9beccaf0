"""What a run learns from its pictures, and what it does not."""

from __future__ import annotations

from functools import reduce

from worker.records import Attempt
from worker.studio.lessons import Lessons


def story(*tries: str) -> list[Attempt]:
    """`first:oom`, `decode_alone:ok`, ..."""
    return [Attempt(rung=rung, outcome=outcome, seconds=1.0) for rung, outcome in (t.split(":") for t in tries)]


def names(lessons: Lessons, request) -> list[str]:
    return [rung.name for rung in lessons.rungs_for(request)]


def test_a_size_that_ran_out_begins_lower_and_so_does_a_larger_one(ask) -> None:
    large, larger, small = (ask(width_px=side, height_px=side) for side in (1024, 2048, 512))
    lessons = Lessons().after(large, story("first:oom", "free_cache:oom", "decode_alone:ok"))
    assert names(lessons, large) == names(lessons, larger) == ["decode_alone"]
    assert names(lessons, small) == []
    assert names(lessons, ask(width_px=1024, height_px=1024, guidance=4.0)) == []


def test_a_retry_that_only_needed_a_cleaning_teaches_nothing(ask) -> None:
    assert Lessons().after(ask(), story("first:oom", "free_cache:ok")) == Lessons()


def test_a_shot_that_was_never_made_teaches_nothing(ask) -> None:
    assert Lessons().after(ask(), story("first:oom", "stream_blocks:oom")) == Lessons()


def test_two_in_a_row_cured_by_one_rung_hold_it_for_the_run(ask) -> None:
    cured = story("first:black", "decode_fp32:ok")
    once = Lessons().after(ask(), cured)
    twice = once.after(ask(seed=2), cured)
    assert names(once, ask()) == []
    assert names(twice, ask()) == ["decode_fp32"]
    assert names(twice.after(ask(), story("decode_fp32:ok")), ask()) == ["decode_fp32"]


def test_a_good_picture_between_two_bad_ones_breaks_the_row(ask) -> None:
    cured = story("first:black", "decode_fp32:ok")
    lessons = reduce(lambda known, tries: known.after(ask(), tries), [cured, story("first:ok"), cured], Lessons())
    assert names(lessons, ask()) == []


def test_rungs_that_leave_nothing_behind_are_never_held(ask) -> None:
    for rung in ("again", "alone", "fresh_weights", "new_seed", "new_process"):
        cured = story("first:black", f"{rung}:ok")
        assert names(Lessons().after(ask(), cured).after(ask(), cured), ask()) == []
