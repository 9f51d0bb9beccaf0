"""Quotation marks around a whole text are told, those around a part are not; invisible characters by code point."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from worker.problem import Problem

Warned = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    "prompt",
    [
        "“一只红色陶瓷杯”",
        '“a red mug"',
        "”a red mug”",
        '"a red mug"',
        "'a red mug'",
        "‘a red mug’",
        "「红色杯子」",
        "『红色杯子』",
        "«une tasse rouge»",
        "»eine rote Tasse«",
        "„eine rote Tasse“",
        "‹mug›",
        "＂杯子＂",
        "`a red mug`",
        "“a red mug",
        "a red mug”",
        '""a red mug""',
        " “a red mug” ",
        "'a potter's mug'",
    ],
)
def test_quotes_around_a_whole_prompt(prompt: str, warned: Warned) -> None:
    (told,) = warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert told.rule == "prompt.quoted"


@pytest.mark.parametrize(
    "prompt",
    [
        "“营业中”三个字的霓虹灯",
        "“SALE” and “NEW” on two signs: “SALE”",
        '"OPEN" sign above a door that says "PUSH"',
        "a sign: “SALE”",
        "《红楼梦》",
        'a 12" plate',
        "'70s band, rock 'n'",
        "「福」字与「寿」",
        "a mug, 'handmade'",
        "the '90s",
    ],
)
def test_quotes_around_a_part(prompt: str, warned: Warned) -> None:
    assert warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []


def test_each_field_of_a_composed_prompt_is_a_whole(warned: Warned) -> None:
    (told,) = warned("shot: {product: {subject: “mug”, colour: “red”}, scene: “white wall”}\n")
    assert (told.count, told.where, told.examples[-1]) == (3, "shot.product.subject", "shot.scene")


def test_an_id_is_told_without_a_word_of_drawing(warned: Warned) -> None:
    (told,) = warned("shots:\n- {id: “MUG-01”, prompt: mug}\n")
    assert told.where == "shots[1].id"
    assert "draws" not in told.message


LETTERING = [
    ("words", "a sign with the {words}"),
    ("x", "a poster that says {x}"),
    ("x", "木牌上写着{x}"),
    ("slogan", "a mug, {slogan}, soft light"),
    ("标语", "红色横幅{标语}，街道"),
    ("Sorte", "eine Rose, {Sorte}, Garten"),
]


@pytest.mark.parametrize(("column", "prompt"), LETTERING)
def test_quotes_around_a_cell_are_right_where_it_is_lettering(column: str, prompt: str, warned: Warned) -> None:
    table = f"sku,{column}\nA,“SALE”\nB,“NEW”\n"
    assert warned(f"products: products.csv\nprompt: '{prompt}'\n", table) == []
    (told,) = warned(f"products: products.csv\nprompt: '{{{column}}}'\n", table)
    assert (told.rule, told.line, told.count) == ("prompt.quoted", 2, 2)


@pytest.mark.parametrize("quoted", ["“mug”", "「mug」", "``mug''", "'mug'", '"""mug"""'])
@pytest.mark.parametrize("prompt", ["prompt: a {subject} on wood", "shot: {product: {subject: '{subject}'}}"])
def test_quotes_around_a_cell_that_names_the_thing_are_told(quoted: str, prompt: str, warned: Warned) -> None:
    (told,) = warned(f"products: products.csv\n{prompt}\n", f"sku,subject\nA,vase\nB,{quoted}\n")
    assert (told.rule, told.line, told.where) == ("prompt.quoted", 3, "subject")


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a red\u200bmug", "U+200B"),
        ("\ufeffa red mug", "U+FEFF"),
        ("a red\u00admug", "U+00AD"),
        ("a \u202ered mug", "U+202E"),
        ("a \u061cred mug", "U+061C"),
        ("a\u2060 mug", "U+2060"),
        ("a mug\u200d", "U+200D"),
        ("红色\u200b杯子", "U+200B"),
        ("a mug\U000e0041\U000e0042", "U+E0041"),
        ("a\u200cmug", "U+200C"),
        ("a\u3164mug", "U+3164"),
        ("a\u034fmug", "U+034F"),
        ("a mug\ufe0f", "U+FE0F"),
        ("a\u200e mug", "U+200E"),
    ],
)
def test_an_invisible_character_is_named_by_code_point(prompt: str, named: str, warned: Warned) -> None:
    (told,) = warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert told.rule == "prompt.invisible"
    assert named in told.message


@pytest.mark.parametrize(
    "prompt",
    [
        "a 👩‍🔬 sticker",
        "a ❤️ pin",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 flag",
        "key 1️⃣ on a pad",
        "می‌خواهم یک فنجان قرمز",
        "क्‍ष on a sign",
        "\u200fكوب أحمر\u200e",
        "葛󠄀 a name",
        "©️ and ™️ marks",
        "👍🏽 hand",
        "↔️ arrow",
        "👨‍👩‍👧 family",
    ],
)
def test_what_a_script_or_an_emoji_needs_gets_no_word(prompt: str, warned: Warned) -> None:
    assert warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []
