"""Letters of another script in a word, in a text or in an id are told; words of several scripts are not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from worker.problem import Problem

Warned = Callable[..., list[Problem]]
WRONG = [
    ("a r\u0435d mug", "U+0435"),
    ("a \u0421eramic mug", "U+0421"),
    ("\u0430 red mug", "U+0430"),
    ("an \u04104 frame on a desk", "U+0410"),
    ("a gl\u03bfssy mug", "U+03BF"),
    ("red \u041cug", "U+041C"),
    ("a mug \u043en oak", "U+043E"),
    ("кp\u0430\u0441\u043d\u0430\u044f кружка", "U+0070"),
    ("белая кружка с надписью «\u0432eranda»", "U+0432"),
    ("a r\uff45d mug", "U+FF45"),
    ("красная кp\u0443жка", "U+0070"),
    ("\U0001d42b\U0001d41e\U0001d41d mug", "U+1D42B"),
    ("\u2fa6色马克杯", "U+2FA6"),
    ("an o\ufb03ce mug", "U+FB03"),
    ("\u24e1ed mug", "U+24E1"),
]
RIGHT = [
    "красная кружка, белый фон",
    "кружка LEDлампа, USB-кабель, QRкод",
    "a poster with the word мост",
    "размер М, футболка",
    "TNFα and IFNγ printed on a mug",
    "5 μm film, 3 kΩ, ΔT = 2",
    "Α and Ω in gold on a black cover",
    "κούπα καφέ, λευκό φόντο",
    "ＡＢＣ三个字母的杯子",
    "Ｔシャツ、白い背景",
    "红色Ｔ恤和USB线",
    "Größe L, été, señor, Łódź",
    "Xbox и геймпад",
    "İstanbul, ığdır kayısı",
    "머그 A4",
]


@pytest.mark.parametrize(("prompt", "code"), WRONG)
def test_a_letter_that_only_looks_plain_is_told(prompt: str, code: str, warned: Warned) -> None:
    told = warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert [(one.rule, one.line) for one in told] == [("prompt.lookalike", 1)]
    assert code in told[0].text


@pytest.mark.parametrize("prompt", RIGHT)
def test_words_of_several_scripts_are_right(prompt: str, warned: Warned) -> None:
    assert warned(f"prompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []


def test_in_matrix_values_and_in_cells(warned: Warned) -> None:
    told = warned("matrix:\n  colour: [red, bl\u0443e]\nprompt: a {colour} mug\n")
    assert [(one.rule, one.line) for one in told] == [("prompt.lookalike", 2)]
    told = warned("products: products.csv\nprompt: a {colour} mug\n", "sku,colour\nA,red\nB,bl\u0443e\nC,gre\u0435n\n")
    assert [(one.rule, one.file.rpartition("/")[2], one.line, one.count) for one in told] == [
        ("prompt.lookalike", "products.csv", 3, 2)
    ]


@pytest.mark.parametrize("second", ["\u0410-02", "A\u0412-02", "\uff21-02"])
def test_in_an_id_among_its_like(second: str, warned: Warned) -> None:
    first = "AB-01" if len(second) == 5 else "A-01"
    told = warned(f"shots:\n  - id: {first}\n    prompt: mug\n  - id: {second}\n    prompt: vase\n")
    assert [(one.rule, one.line) for one in told] == [("prompt.lookalike", 4)]
    told = warned("products: products.csv\nprompt: a {c} mug\n", f"sku,c\n{first},red\n{second},blue\n")
    assert [(one.rule, one.line) for one in told] == [("prompt.lookalike", 3)]


def test_ids_of_one_script_each_are_right(warned: Warned) -> None:
    assert warned("products: products.csv\nprompt: a {c} mug\n", "sku,c\nА-01,red\nВ-02,blue\n杯-3,green\n") == []
    assert warned("products: products.csv\nprompt: a {c} mug\n", "sku,c\nMUG-01,red\nкружка-02,blue\n") == []
