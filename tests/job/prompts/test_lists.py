"""A list that another comma keeps from being one is told with the list that was meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.problem import Problem

Warned = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        ("\n    - 红，蓝，绿", "[红, 蓝, 绿]"),
        ("[红色, 蓝色，绿色]", "[红色, 蓝色, 绿色]"),
        ("[red; blue; green]", "[red, blue, green]"),
        ("[正面、侧面、俯视]", "[正面, 侧面, 俯视]"),
        ("[红色；蓝色]", "[红色, 蓝色]"),
        ("[front view; side view, top view]", "[front view, side view, top view]"),
        ("[红色，蓝色, 绿色，黄色]", "[红色, 蓝色, 绿色, 黄色]"),
        ("[red|blue|green]", "[red, blue, green]"),
        ("['red, blue, green']", "[red, blue, green]"),
        ("\n    - red; blue\n    - green; white", "[red, blue, green, white]"),
        ("[正面、侧面, 俯视]", "[正面, 侧面, 俯视]"),
        ("[红，蓝, 绿，白]", "[红, 蓝, 绿, 白]"),
        ("[front; side, top; back]", "[front, side, top, back]"),
        ("[three-quarter view；front view；top view]", "[three-quarter view, front view, top view]"),
        ("[赤、青、緑]", "[赤, 青, 緑]"),
        ("[أحمر، أزرق, أخضر]", "[أحمر, أزرق, أخضر]"),
        ("[빨강、파랑, 초록]", "[빨강, 파랑, 초록]"),
    ],
)
def test_a_value_that_holds_several(values: str, meant: str, warned: Warned) -> None:
    (told,) = warned(f"prompt: 'a mug, {{a}}'\nmatrix:\n  a: {values}\n")
    assert told.rule == "list.full_width_comma"
    assert meant in told.remedy


@pytest.mark.parametrize(
    "values",
    [
        "[红色, 蓝色]",
        "\n    - 温暖，明亮\n    - 冷峻，阴暗",
        "['warm, cosy, golden', 'cold, blue, misty']",
        "[正面, 三分之二侧面]",
        "['一只橘猫趴在书店柜台上，暖光，浅景深']",
        "['白色陶瓷马克杯，放在浅灰色的水泥墙前面，柔光箱从正面打光']",
        "[红、蓝双色, 黑、白双色]",
        "[红色, 蓝色、白色拼接]",
        "['a red mug on a wooden table; soft light from the left', 'a blue vase']",
        "['front view, shallow depth of field']",
        "[24/7 sign, 1/2 cup]",
        "['f/1.8', 'f/8']",
        "[red, blue]",
        "['红色，哑光', '蓝色，亮面']",
        "['木桌，晨光', '大理石台面，柔光', '水泥墙，侧光']",
        "['kitchen; morning light', 'garden; evening light']",
        "['50% off | today only', 'buy 1 | get 1']",
    ],
)
def test_what_is_a_list_or_a_sentence_gets_no_word(values: str, warned: Warned) -> None:
    assert warned(f"prompt: 'a mug, {{a}}'\nmatrix:\n  a: {values}\n") == []


def test_a_list_of_metadata_too(warned: Warned) -> None:
    (told,) = warned("prompt: a mug\nmetadata: {tags: [新品，春季]}\n")
    assert "[新品, 春季]" in told.remedy


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("prompt: '{a}'\nmatrix: {a: 红，蓝，绿}\n", "[红, 蓝, 绿]"),
        ("prompt: '{a}'\nmatrix:\n  a: red, blue, green\n", "[red, blue, green]"),
        ("prompt: a\nallow: tiled_decode，new_seed\n", "[tiled_decode, new_seed]"),
        ("prompt: a\nallow: [tiled_decode、new_seed]\n", "[tiled_decode, new_seed]"),
    ],
)
def test_where_it_is_refused_the_list_is_shown(text: str, meant: str, reader_error: Callable[[str], str]) -> None:
    assert meant in reader_error(text)
