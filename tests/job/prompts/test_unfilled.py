"""Templates that nothing fills are told, with the column that is meant."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from worker.job.severity import REFUSING
from worker.problem import Problem

Warned = Callable[..., list[Problem]]

TABLE = "sku,subject,colour\nA-01,陶瓷马克杯,红色\nA-02,玻璃花瓶,蓝色\n"
MARKS = [
    "{{%s}}",
    "{{ %s }}",
    "{{{%s}}}",
    "｛%s｝",
    "｛｛%s｝｝",
    "<%s>",
    "<<%s>>",
    "＜%s＞",
    "％%s％",
    "[%s]",
    "[[%s]]",
    "［%s］",
    "$%s",
    "${%s}",
    "#{%s}",
    "${{%s}}",
    "$(%s)",
    "【%s】",
    "__%s__",
    "«%s»",
    "「%s」",
    "〈%s〉",
    "@%s@",
    "@@%s@@",
    ":%s",
    "#%s#",
    "|%s|",
    "~%s~",
    "*%s*",
    "!%s!",
    "`%s`",
    "(%s)",
    "（%s）",
    "<{%s}>",
    "{{row.%s}}",
    "{{%s|upper}}",
    "<%%= %s %%>",
    "%%(%s)s",
    "%%%s%%",
    "%%%%%s%%%%",
    "%%{%s}",
    "@%s",
    "#%s",
]


@pytest.mark.parametrize("template", ["一只%s的杯子", "a %s mug on a table"])
@pytest.mark.parametrize("mark", MARKS)
def test_a_column_in_the_marks_of_another_program(mark: str, template: str, warned: Warned) -> None:
    prompt = template.replace("%s", mark % "colour")
    found = warned(f"products: products.csv\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n", TABLE)
    rule = "prompt.perhaps_not_filled" if mark[0] in "(（〈「" else "prompt.not_filled"
    (told,) = (warning for warning in found if warning.rule == rule)
    assert "`{colour}`" in told.remedy
    assert {warning.rule for warning in found} <= {rule, "table.same_prompts"}


@pytest.mark.parametrize("mark", ["<COLOUR>", "{{Colour}}", "[Colour]", "％COLOUR％"])
def test_the_case_of_a_column_does_not_matter(mark: str, warned: Warned) -> None:
    found = warned(f"products: products.csv\nprompt: 'a {mark} mug'\n", TABLE)
    assert "`{colour}`" in found[-1].remedy


@pytest.mark.parametrize(
    "prompt",
    [
        "a {{colour}} mug",
        "一只｛颜色｝的杯子",
        "a <subject> on wood",
        "a %colour% mug",
        "[subject] on white",
        "a $product on wood",
        "a mug by @brand@",
        "a <your product here>",
        "【请填写颜色】的杯子",
        "一只____的杯子",
        "<颜色>的杯子",
        "[产品]，白底",
        "a [product name] photo",
        "a mug, <%= colour %>",
        "%(colour)s mug",
        "%s mug",
        "{{#if x}}a{{/if}}",
        "$(colour) mug",
    ],
)
def test_what_is_clearly_a_template_needs_no_table(prompt: str, warned: Warned) -> None:
    (told,) = warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert told.rule == "prompt.not_filled"


@pytest.mark.parametrize(
    ("prompt", "table"),
    [
        ("a price tag that says “${price}”", "sku,price\nA,19\nB,25\n"),
        ("player #{number} in a stadium", "sku,number\nA,7\nB,10\n"),
        ("【颜色】{颜色}，【材质】{材质}", "sku,颜色,材质\nA,红,陶瓷\nB,蓝,玻璃\n"),
        ("{subject} (front view), colour: {colour}", TABLE),
        ("100%cotton 50%wool {subject}", TABLE),
        ("a phone with @{handle} on it", "sku,handle\nA,anna\nB,bob\n"),
        ("a tag reading “@{brand}”", "sku,brand\nA,acme\nB,zeta\n"),
        ("a form with a line to fill in ____ beside a {subject}", TABLE),
        ("{subject}，｛｝之间", TABLE),
        ("a mug with {{smile}} for {sku}", TABLE),
        ("【主体】{subject}【背景】白色", "sku,subject,背景\nA,杯,白\nB,瓶,黑\n"),
    ],
)
def test_what_is_meant_so_gets_no_word(prompt: str, table: str, warned: Warned) -> None:
    assert warned(f"products: products.csv\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n", table) == []


def test_braces_in_a_cell_and_in_a_matrix_value_are_not_filled_once_more(warned: Warned) -> None:
    table = "sku,prompt,colour\nA,a {colour} mug,red\nB,a {colour} vase,blue\n"
    (cell,) = warned("products: products.csv\nprompt: '{prompt}'\n", table)
    assert (cell.rule, cell.line, cell.count, cell.examples) == ("prompt.not_filled", 2, 2, ("A", "B"))
    value, _ = warned("prompt: '{a}'\nmatrix: {a: ['{b} mug', vase], b: [x, y]}\nfile_name: '{a}{b}'\n")
    assert (value.rule, value.where) == ("prompt.not_filled", "matrix.a[1]")
    assert "not filled" in value.remedy


@pytest.mark.parametrize("mark", ["@{colour}", "<?=colour?>", "<?php echo $colour; ?>", "____"])
def test_marks_of_web_programs_and_blanks_are_told(mark: str, warned: Warned) -> None:
    (told,) = warned(f"products: products.csv\nprompt: 'a {mark} {{subject}}'\n", TABLE)
    assert told.rule == "prompt.not_filled"


def test_braces_around_several_words_in_a_cell_are_told(warned: Warned) -> None:
    (told,) = warned("products: products.csv\nprompt: '{words}'\n", "sku,words\nA,mug\nB,{{{golden light}}}\n")
    assert (told.rule, told.line) == ("prompt.not_filled", 3)


@pytest.mark.parametrize("mark", ["(colour)", "（colour）", "「colour」", "《colour》"])
def test_ordinary_brackets_around_a_column_s_name_are_told_and_refuse_nothing(mark: str, warned: Warned) -> None:
    (told,) = warned(f"products: products.csv\nprompt: 'a {{subject}} {mark}'\n", TABLE)
    assert told.rule == "prompt.perhaps_not_filled"
    assert told.rule not in REFUSING


@pytest.mark.parametrize("mark", ["{{colour:red}}", "{{colour or 1}}", "{{ colour ?? 1 }}", "{{#if colour}}"])
def test_conditions_around_a_column_s_name_are_told(mark: str, warned: Warned) -> None:
    (told,) = warned(f"products: products.csv\nprompt: 'a {{subject}} {mark}'\n", TABLE)
    assert (told.rule, "`{colour}`" in told.remedy) == ("prompt.not_filled", True)


def test_a_file_name_too(warned: Warned) -> None:
    (told,) = warned("products: products.csv\nprompt: 'a {colour} {subject}'\nfile_name: '%sku%_{id}'\n", TABLE)
    assert told.where == "file_name"


def test_equal_prompts_for_most_products_are_one_warning(warned: Warned) -> None:
    rows = "".join(f"A-{n},vase {n}\n" for n in range(9))
    (told,) = warned("products: products.csv\nprompt: a vase\n", f"sku,subject\n{rows}")
    assert (told.rule, told.count, told.examples) == ("table.same_prompts", 9, ("A-0", "A-1", "A-2"))
    assert "{subject}" in told.remedy


def test_a_column_named_without_braces_is_the_one_that_is_meant(warned: Warned) -> None:
    (told,) = warned("products: products.csv\nprompt: 一只 colour 的杯子\n", TABLE)
    assert told.remedy.endswith("such as {colour}.")


def test_each_shot_of_a_catalogue_is_looked_at(warned: Warned) -> None:
    text = "products: products.csv\nshots:\n- {id: a, prompt: 'a {subject}'}\n- {id: b, prompt: a mug on wood}\n"
    (told,) = warned(text, TABLE)
    assert (told.rule, told.where) == ("table.same_prompts", "shots[2].prompt")


def test_a_row_for_each_size_of_a_product_is_told_by_a_rule_that_refuses_nothing(warned: Warned) -> None:
    rows = "".join(f"{thing}-{size},{thing}\n" for thing in ("shirt", "coat", "hat") for size in "SML")
    (told,) = warned("products: products.csv\nprompt: 'a {subject}'\n", f"sku,subject\n{rows}")
    assert (told.rule, told.count) == ("table.repeated_prompts", 9)
    assert told.rule not in REFUSING


def test_one_prompt_for_most_products_counts_those_that_have_it(warned: Warned) -> None:
    table = "sku,subject\nA,mug\nB,mug\nC,mug\nD,vase\nE,vase\n"
    (told,) = warned("products: products.csv\nprompt: 'a {subject}'\n", table)
    assert (told.rule, told.count, told.examples) == ("table.same_prompts", 3, ("A", "B", "C"))


def test_products_that_differ_in_what_they_avoid_are_not_alike(warned: Warned) -> None:
    table = "sku,without\nA,text\nB,logo\nC,people\n"
    text = "products: products.csv\nprompt: a mug\nguidance: 4\nnegative_prompt: '{without}'\n"
    assert warned(text, table) == []


def test_a_few_equal_prompts_are_nobodys_fault(warned: Warned) -> None:
    table = "sku,subject\nA,mug\nB,mug\nC,vase\nD,bowl\n"
    assert warned("products: products.csv\nprompt: 'a {subject}'\n", table) == []


@pytest.mark.parametrize(
    ("braces", "said"),
    [
        ("{ colour }", "Write only the name: `{colour}`"),
        ("{row.colour}", "Write only the name: `{colour}`"),
        ("{x['colour']}", "Write only the name: `{colour}`"),
        ("{co\u200blour}", "U+200B"),
        ("{index：02}", "Write `{index:02}`"),
        ("{% if x %}", "Conditions and loops"),
        ("{# note #}", "Conditions and loops"),
    ],
)
def test_braces_that_are_no_placeholder_are_told_what_was_meant(
    braces: str, said: str, reader_error: Callable[[str], str]
) -> None:
    assert said in reader_error(f"prompt: {json.dumps(f'a {braces} mug', ensure_ascii=False)}\n")
