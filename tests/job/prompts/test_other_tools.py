"""Marks of other programs are told with what to write here; ordinary punctuation is not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from worker.problem import Problem

Warned = Callable[..., list[Problem]]

MARKS = [
    ("(red mug:1.3), wood", "weight"),
    ("((red mug))", "weight"),
    ("(((masterpiece))), mug", "weight"),
    ("mug++ on wood", "weight"),
    ("a mug, f/2.8++, on wood", "weight"),
    ("a (mug (on (old) wood) in blue:1.2)", "weight"),
    ("(mug)1.4 on wood", "weight"),
    ("masterpiece, mug:1.2, wood", "weight"),
    ("mug::2 wood::1", "weight"),
    ("hot:: dog", "weight"),
    ("1.3::mug::", "weight"),
    ("(mug:-0.5)", "weight"),
    ("一只（红色杯子：1.3）放在桌上", "weight"),
    ("（（红色杯子））", "weight"),
    ("a [mug] on wood", "weight"),
    ("a [cat:dog:0.5]", "between steps"),
    ("a [red|blue] mug", "matrix"),
    ("｛红|蓝｝色杯子", "matrix"),
    ("a __colour__ mug", "matrix"),
    ("一只__颜色__的杯子", "matrix"),
    ("<random:red,blue> mug", "matrix"),
    ("<lora:gloss:0.8> mug", "not supported yet"),
    ("<lyco:x:1> mug", "not supported yet"),
    ("杯子<lora:国风:0.8>", "not supported yet"),
    ("embedding:easynegative, mug", "not supported yet"),
    ("mug --ar 16:9", "`size"),
    ("mug --no handle", "negative_prompt"),
    ("mug --seed 5", "`seed`"),
    ("木桌上的杯子--ar 3:4", "`size"),
    ("杯子 —ar 16:9", "`size"),
    ("mug --v 6", "Leave it out"),
    ("mug --style raw", "Leave it out"),
    ("mug --steps 30", "`steps`"),
    ("red mug BREAK wood table", "Leave it out"),
    ("a mug AND a cup", "small letters"),
    ("mug, Negative prompt: ugly", "negative_prompt"),
    ("杯子，反向提示词：模糊", "negative_prompt"),
    ("mug Steps: 20, Sampler: Euler a, CFG scale: 7", "`steps`"),
    ("mug, seed: 12345", "`seed`"),
    ("/imagine prompt: a mug", "Leave it out"),
    ("Prompt: a red mug", "Leave it out"),
    ("<|im_start|>user mug", "begin or end of a turn"),
    ("score_9, score_8_up, mug", "other models"),
    ("mug \\(cup\\)", "without a backslash"),
    ("<b>red</b> mug", "web pages"),
    ("mug --AR 16:9", "`size"),
    ("mug --seed=42", "`seed`"),
    ("mug -- ar 16:9", "`size"),
    ("杯子，步数：20，采样器：Euler", "`steps`"),
    ("mug, width: 512, height: 768", "`size`"),
    ("imagine prompt: mug", "Leave it out"),
    ("a cup, (red mug:1.3", "weight"),
    ("紅色杯子，負面提示詞：模糊", "negative_prompt"),
    ("赤いマグ、ネガティブプロンプト：文字", "negative_prompt"),
]


@pytest.mark.parametrize(("prompt", "said"), MARKS, ids=[prompt for prompt, _ in MARKS])
def test_a_mark_of_another_program_is_told_once_with_its_remedy(prompt: str, said: str, warned: Warned) -> None:
    (warning,) = warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert warning.rule == "prompt.other_tools"
    assert said in f"{warning.message} {warning.remedy}"
    assert (warning.line, warning.where) == (1, "prompt")


RIGHT = [
    "a mug (red, glossy) on wood",
    "a table (ratio 16:9)",
    "a clock showing (10:30)",
    "lens (aperture: 1.8)",
    "a mug -- not a cup -- on wood",
    "a mug — red — on wood",
    "COFFEE AND TEA shop sign",
    "a sign: COFFEE BREAK, neon",
    "a poster with the words “AND” and “BREAK” in it",
    'a T-shirt that says "--no sleep--"',
    "C++ book on a desk",
    "a mug [front view], white background",
    "[主体] 红色杯子",
    "12:30, noon light",
    "a scale model (1:87)",
    "a girl (age: 7) with a kite",
    "杯子（红色，釉面）",
    "比例（1：1.5）的相框",
    "price list: tea 3, cake 4",
    "a user's guide on a desk",
    "she wears a band-aid; no-frills kitchen",
    "under_score on a keyboard",
    "（椅子：2），木地板",
    "（高度：1.5）的花瓶",
    "an embroidery sampler: alphabet and flowers",
    "Title :: subtitle, flat poster",
    "espresso (double)- no milk",
    "a bottle (小)0.5L",
    "[Camera] 50mm lens [Light] soft [Subject] a mug",
    "Lora: portrait of a girl named Lora",
    "a chart [Figure: 1]",
    "a 5+ star hotel lobby, A+ grade",
    "<3 written on a mug",
    "x > y on a blackboard",
    "brand/colour/size on a label",
]


@pytest.mark.parametrize("prompt", RIGHT)
def test_ordinary_punctuation_gets_no_word(prompt: str, warned: Warned) -> None:
    assert warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []


def test_the_same_mark_in_many_shots_is_one_warning_with_three_examples(warned: Warned) -> None:
    shots = "".join(f"- {{id: s{n}, prompt: '(mug:1.{n}) on wood'}}\n" for n in range(9))
    (warning,) = warned(f"shots:\n{shots}")
    assert warning.count == 9
    assert warning.examples == ("shots[1].prompt", "shots[2].prompt", "shots[3].prompt")


def test_a_mark_in_a_cell_is_told_at_its_line(warned: Warned) -> None:
    (warning,) = warned("products: products.csv\nprompt: 'a {thing}'\n", "sku,thing\nA,mug\nB,(vase:1.2)\n")
    assert (warning.file, warning.line, warning.where) == ("shop/products.csv", 3, "thing")


@pytest.mark.parametrize("value", ["red BREAK blue", "{red|blue}", "<lora:x:1>", "__colours__"])
def test_so_it_is_in_a_value_of_a_matrix(value: str, warned: Warned) -> None:
    (warning,) = warned(f"prompt: 'a mug {{a}}'\nmatrix: {{a: [{json.dumps(value)}, plain]}}\n")
    assert (warning.rule, warning.where) == ("prompt.other_tools", "matrix.a[1]")


def test_a_workflow_of_comfyui_is_told_as_one(reader_error: Callable[[str], str]) -> None:
    text = "prompt: '" + json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}) + "'\n"
    assert "workflow of ComfyUI" in reader_error(text)


@pytest.mark.parametrize("braces", ["{red|blue}", "{2$$red|blue|green}"])
def test_a_choice_in_braces_names_the_matrix(braces: str, reader_error: Callable[[str], str]) -> None:
    assert "`matrix`" in reader_error(f"prompt: 'a {braces} mug'\n")
