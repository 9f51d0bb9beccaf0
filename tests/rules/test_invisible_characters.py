"""What nobody sees is found in every text, and left alone where writing, an emoji or a flag needs it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.invisible_characters import INVISIBLE, needless, without_needless

NEEDED = [
    "می‌خواهم",  # Persian: a joiner keeps the letters of a word apart
    "क्‍ष",
    "កែវ\u200bក្រហម",  # Khmer: where a word ends
    "แก้ว\u200bสีแดง",
    "שלום\u200f, a mug",
    "\u061cكوب أحمر",
    "葛\U000e0100城",
    "👩‍❤️‍👨 👩‍🔬 ❤️ 1️⃣ 🏳️‍🌈 👍🏽",
    "ℹ️ 〰️ ‼️ ©️ ㊙️",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]


@pytest.mark.parametrize("text", NEEDED)
def test_what_writing_needs_is_left_alone(text: str) -> None:
    assert needless(text) == []
    assert without_needless(text) == text


def test_every_invisible_character_is_found_between_plain_letters() -> None:
    assert len(INVISIBLE) > 400
    for character in INVISIBLE:
        assert needless(f"a{character}b 杯") == [(1, character)]
        assert without_needless(f"a{character}b 杯") == "ab 杯"


@pytest.mark.parametrize(
    "text", ["a mug\ufe0f", "!\ufe0f", "a\u061cb", "mug\u200d", "\u200dmug", "แก้ว\u200b", "🏴a\U000e0067"]
)
def test_a_mark_that_follows_nothing_is_needless(text: str) -> None:
    assert len(needless(text)) == 1


@given(st.text(st.sampled_from([*INVISIBLE, *"aé杯ש👩❤🔬1🏴แក"]), max_size=12))
def test_nothing_is_left_to_be_left_out(text: str) -> None:
    assert needless(without_needless(text)) == []


def test_a_text_of_nothing_but_marks_is_read_once() -> None:
    began = time.process_time()
    assert without_needless("\u200f" * 200_000 + "杯") == "杯"
    assert time.process_time() - began < 2
