"""Who and where and how the light falls, the texture words last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.job.product import Composition, compose_prompt, join_parts

EVERYTHING = Composition(
    subject="mug",
    colour="red",
    material="glossy ceramic",
    details="with a gold rim",
    scene="light grey concrete wall",
    light="frontal softbox",
    camera="front view",
    texture="fine glaze texture",
)


def test_english_prompts_follow_the_rule() -> None:
    assert compose_prompt(EVERYTHING, language="en") == (
        "a red glossy ceramic mug with a gold rim, light grey concrete wall, frontal softbox, front view,"
        " fine glaze texture"
    )


def test_chinese_prompts_have_no_spaces_and_full_width_commas() -> None:
    fields = Composition(subject="马克杯", colour="红色", material="亮面陶瓷", scene="浅灰水泥墙", texture="釉面质感")
    assert fields.language == "zh"
    assert compose_prompt(fields, language="zh") == "红色亮面陶瓷马克杯，浅灰水泥墙，釉面质感"


def test_latin_words_side_by_side_keep_their_space_in_chinese() -> None:
    fields = Composition(subject="T恤", colour="Nike", material="PVC", light="柔光")
    assert compose_prompt(fields, language="zh") == "Nike PVC T恤，柔光"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("mug", "a mug"),
        ("orange", "an orange"),
        ("umbrella", "an umbrella"),
        ("unicorn", "a unicorn"),
        ("uniform", "a uniform"),
        ("uninteresting mug", "an uninteresting mug"),
        ("hourglass", "an hourglass"),
        ("European mug", "a European mug"),
        ("one-piece swimsuit", "a one-piece swimsuit"),
        ("the mug", "the mug"),
        ("two mugs", "two mugs"),
        ("a pair of shoes", "a pair of shoes"),
        ("glasses", "glasses"),
        ("boxes on a shelf", "boxes on a shelf"),
        ("glass", "a glass"),
        ("cactus", "a cactus"),
        ("dress", "a dress"),
        ("knitwear", "knitwear"),
        ("A mug", "a mug"),
    ],
)
def test_english_subjects_get_the_article_they_need(subject: str, said: str) -> None:
    assert compose_prompt(Composition(subject=subject), language="en") == said


def test_an_own_article_moves_before_the_adjectives() -> None:
    assert compose_prompt(Composition(subject="an old mug", colour="red"), language="en") == "a red old mug"
    assert compose_prompt(Composition(subject="two mugs", colour="orange"), language="en") == "two orange mugs"
    assert compose_prompt(Composition(subject="a mug", colour="orange"), language="en") == "an orange mug"


@given(st.lists(st.text(alphabet="ab ,，。.", max_size=8), max_size=6), st.sampled_from(["zh", "en"]))
def test_joining_leaves_no_comma_at_the_ends_and_no_empty_part(parts: list[str], language: str) -> None:
    text = join_parts(parts, language=language)
    assert text == text.strip(" ,，")


@given(st.sampled_from(["scene", "light", "camera"]), st.sampled_from(["zh", "en"]))
def test_the_texture_words_are_always_last(key: str, language: str) -> None:
    fields = Composition(subject="mug", texture="TEXTURE", **{key: "other"})
    assert compose_prompt(fields, language=language).endswith("TEXTURE")
