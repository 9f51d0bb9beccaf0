"""What a run learns from its pictures, and what it does not."""

from __future__ import annotations

from functools import reduce

import pytest

from worker.records import Try
from worker.studio.retry.ladders import RUNGS
from worker.studio.retry.lessons import LASTS_PICTURES, LASTS_S, MORE_ROOM_MIB, PERMISSIONS, Lesson, Lessons


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


def test_each_rung_is_known_from_the_smallest_size_on_that_it_helped_lowest_first(ask) -> None:
    large, small = (ask(width_px=side, height_px=side) for side in (1024, 512))
    lessons = Lessons().after(large, story("first:oom", "free_cache:oom", "stream_blocks:ok"))
    lessons = lessons.after(small, story("first:oom", "half_batch:ok"))
    assert names(lessons, small) == ["half_batch"]
    assert names(lessons, large) == ["half_batch", "stream_blocks"]
    assert names(lessons, ask(width_px=256, height_px=256)) == []


def test_a_size_that_runs_out_again_lower_down_begins_lower_still(ask) -> None:
    lessons = Lessons().after(ask(), story("first:oom", "free_cache:oom", "stream_blocks:ok"))
    lessons = lessons.after(ask(), story("stream_blocks:oom", "free_cache:oom", "stream_in_turn:ok"))
    assert names(lessons, ask()) == ["stream_blocks", "stream_in_turn"]


def test_a_rung_against_a_bad_picture_that_ran_out_itself_teaches_nothing_of_the_size(ask) -> None:
    mixed = story("first:black", "decode_fp32:oom", "free_cache:oom", "stream_blocks:ok")
    once = Lessons().after(ask(), mixed)
    assert names(once, ask()) == []
    assert names(once.after(ask(seed=2), mixed), ask()) == ["decode_fp32"]


def test_a_shortage_before_a_bad_picture_teaches_both(ask) -> None:
    mixed = story("first:oom", "stream_blocks:black", "decode_fp32:ok")
    once = Lessons().after(ask(), mixed)
    assert names(once, ask()) == ["stream_blocks"]
    assert names(once.after(ask(seed=2), mixed), ask()) == ["decode_fp32", "stream_blocks"]


def test_only_the_rung_that_helped_is_kept(ask) -> None:
    tries = story("first:oom", "free_cache:oom", "half_batch:oom", "batch_of_one:oom", "stream_blocks:ok")
    assert names(Lessons().after(ask(), tries), ask()) == ["stream_blocks"]


def test_memory_that_sufficed_without_compiled_code_is_no_cure_of_a_bad_picture(ask) -> None:
    tries = story("first:oom", "free_cache:oom", "eager:ok")
    lessons = Lessons().after(ask(), tries).after(ask(seed=2), tries)
    assert names(lessons, ask()) == ["eager"]
    assert names(lessons, ask(guidance=3.0)) == []


def test_a_lesson_holds_only_for_pictures_whose_job_permits_its_rung(ask) -> None:
    permitted = ask(allow=frozenset({"tiled_decode"}))
    tries = story("first:oom", "free_cache:oom", "stream_in_turn:oom", "tiled_decode:ok")
    lessons = Lessons().after(permitted, tries)
    assert names(lessons, permitted) == ["tiled_decode"]
    for allow in (frozenset(), frozenset({"new_seed"})):
        assert names(lessons, ask(allow=allow)) == []
    # what another job learns beside it needs no permission
    lessons = lessons.after(ask(), story("first:oom", "stream_in_turn:ok"))
    assert names(lessons, ask()) == ["stream_in_turn"]


@pytest.mark.parametrize(
    "rung", [rung for rung in RUNGS.values() if rung.needs & PERMISSIONS], ids=lambda rung: rung.name
)
def test_every_rung_whose_row_asks_for_a_permission_is_asked_for_it(ask, rung) -> None:
    lessons = Lessons(kept=(Lesson(rung=rung.name),))
    assert names(lessons, ask()) == []
    assert names(lessons, ask(allow=frozenset(rung.needs & PERMISSIONS))) == [rung.name]


def made(lessons: Lessons, request, pictures: int) -> Lessons:
    return reduce(lambda known, _: known.after(request, story("first:ok")), range(pictures), lessons)


@pytest.mark.parametrize("tries", [("first:oom", "stream_blocks:ok"), ("first:black", "decode_fp32:ok")])
def test_a_lesson_ends_after_some_pictures_or_some_time(ask, tries) -> None:
    lessons = reduce(lambda known, _: known.after(ask(), story(*tries), now_s=100.0), range(2), Lessons())
    (fresh,) = lessons.kept
    (old,) = made(lessons, ask(guidance=3.0), LASTS_PICTURES).kept
    (younger,) = made(lessons, ask(guidance=3.0), LASTS_PICTURES - 1).kept
    assert [one.why_over(now_s=101.0, room_mib=None) for one in (fresh, younger)] == ["", ""]
    assert old.why_over(now_s=101.0, room_mib=None) == "30 pictures were made since"
    assert fresh.why_over(now_s=99.0 + LASTS_S, room_mib=None) == ""
    assert fresh.why_over(now_s=100.0 + LASTS_S, room_mib=None) == "1800 s have gone by"
    assert lessons.without(fresh).kept == ()


def test_pictures_that_were_not_made_count_too(ask) -> None:
    lessons = Lessons().after(ask(), story("first:oom", "stream_blocks:ok"))
    lessons = reduce(lambda known, _: known.after(ask(), story("first:oom")), range(LASTS_PICTURES), lessons)
    assert lessons.kept[0].why_over(now_s=0.0, room_mib=None)


def test_a_lesson_of_memory_ends_as_soon_as_the_card_is_empty_again(ask) -> None:
    lessons = Lessons().after(ask(), story("first:oom", "stream_blocks:ok"), room_mib=8000.0)
    (lesson,) = lessons.kept
    assert lesson.why_over(now_s=0.0, room_mib=7999.0 + MORE_ROOM_MIB) == ""
    over = lesson.why_over(now_s=0.0, room_mib=8000.0 + MORE_ROOM_MIB)
    assert over == "the card has 1024 MiB more room than when it was learnt"


def test_a_lesson_of_bad_pictures_has_nothing_to_do_with_room(ask) -> None:
    cured = story("first:black", "decode_fp32:ok")
    lessons = reduce(lambda known, _: known.after(ask(), cured, room_mib=1.0), range(2), Lessons())
    assert lessons.kept[0].why_over(now_s=0.0, room_mib=80_000.0) == ""


def test_a_lesson_that_is_needed_again_begins_anew_from_the_smallest_size_on(ask) -> None:
    tries = story("first:oom", "stream_blocks:ok")
    lessons = made(Lessons().after(ask(width_px=512), tries, now_s=1.0), ask(), 5)
    (lesson,) = lessons.after(ask(), tries, now_s=2.0).kept
    assert (lesson.pixels, lesson.pictures, lesson.learnt_s) == (256 * 256, 0, 2.0)


def test_a_retry_that_only_needed_a_cleaning_teaches_nothing(ask) -> None:
    assert Lessons().after(ask(), story("first:oom", "free_cache:ok")) == Lessons()


def test_a_shot_that_was_never_made_teaches_nothing(ask) -> None:
    assert Lessons().after(ask(), story("first:oom", "stream_blocks:oom")) == Lessons()
    assert Lessons().after(ask(), []) == Lessons()


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
