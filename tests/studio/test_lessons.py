"""What a run learns from its pictures, and what it does not."""

from __future__ import annotations

from functools import reduce

from worker.records import Try
from worker.studio.retry.lessons import Lessons


def story(*tries: str) -> list[Try]:
    """`first:oom`, `decode_alone:ok`, ..."""
    return [Try(rung=rung, outcome=outcome, seconds=1.0) for rung, outcome in (t.split(":") for t in tries)]


def names(lessons: Lessons, request) -> list[str]:
    return [rung.name for rung in lessons.rungs_for(request)]


def test_a_size_that_ran_out_begins_lower_and_so_does_a_larger_one(ask) -> None:
    large, larger, small = (ask(width_px=side, height_px=side) for side in (1024, 2048, 512))
    lessons = Lessons().after(large, story("first:oom", "free_cache:oom", "decode_alone:ok"))
    assert names(lessons, large) == names(lessons, larger) == ["decode_alone"]
    assert names(lessons, small) == []
    assert names(lessons, ask(width_px=1024, height_px=1024, guidance=4.0)) == []


def test_what_answered_for_several_sizes_is_known_from_the_smallest_on_lowest_rung_first(ask) -> None:
    large, small = (ask(width_px=side, height_px=side) for side in (1024, 512))
    lessons = Lessons().after(large, story("first:oom", "free_cache:oom", "stream_blocks:ok"))
    lessons = lessons.after(small, story("first:oom", "half_batch:ok"))
    assert names(lessons, small) == names(lessons, large) == ["half_batch", "stream_blocks"]
    assert names(lessons, ask(width_px=256, height_px=256)) == []


def test_a_size_that_runs_out_again_lower_down_begins_lower_still(ask) -> None:
    lessons = Lessons().after(ask(), story("first:oom", "free_cache:oom", "stream_blocks:ok"))
    lessons = lessons.after(ask(), story("stream_blocks:oom", "free_cache:oom", "stream_in_turn:ok"))
    assert names(lessons, ask()) == ["stream_blocks", "stream_in_turn"]


def test_memory_that_sufficed_again_after_a_bad_picture_teaches_both(ask) -> None:
    mixed = story("first:black", "decode_fp32:oom", "free_cache:oom", "stream_blocks:ok")
    once = Lessons().after(ask(), mixed)
    assert names(once, ask()) == ["stream_blocks"]
    assert names(once.after(ask(seed=2), mixed), ask()) == ["decode_fp32", "stream_blocks"]


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


def test_a_rung_that_failed_before_the_one_that_cured_is_not_the_cure(ask) -> None:
    for cured in (
        story("first:black", "decode_fp32:black", "again:ok"),
        story("first:not_finite", "denoise_fp32:not_finite", "new_seed:ok"),
        story("first:not_finite", "denoise_fp32:not_finite", "new_process:ok"),
    ):
        assert names(Lessons().after(ask(), cured).after(ask(seed=2), cured), ask()) == []


def test_where_only_a_new_process_helped_nothing_is_known_of_the_rungs_before_it(ask) -> None:
    cured = story("first:oom", "free_cache:oom", "stream_blocks:oom", "stream_in_turn:oom", "new_process:ok")
    assert Lessons().after(ask(), cured) == Lessons()


def test_rungs_that_leave_nothing_behind_are_never_held(ask) -> None:
    for rung in ("again", "alone", "fresh_weights", "new_seed", "new_process"):
        cured = story("first:black", f"{rung}:ok")
        assert names(Lessons().after(ask(), cured).after(ask(), cured), ask()) == []
