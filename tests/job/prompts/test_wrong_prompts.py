"""Prompts that hold what other programs read, or what nobody filled, each get a word."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.problem import Problem

pytestmark = pytest.mark.slow

PROMPTS = [
    line.replace("⏎", "\n") for line in (Path(__file__).parent / "wrong_prompts.txt").read_text("utf-8").splitlines()
]
RULES = {
    "prompt.contradiction",
    "prompt.invisible",
    "prompt.not_filled",
    "prompt.other_tools",
    "prompt.perhaps_not_filled",
    "prompt.quoted",
}


def test_there_are_more_than_200_of_them() -> None:
    assert len({*PROMPTS}) > 200


def test_a_wrong_prompt_gets_a_word_with_a_remedy(warned: Callable[..., list[Problem]]) -> None:
    for prompt in PROMPTS:
        told = warned(f"size: 1024x1024\nstrict: false\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n")
        assert told, prompt
        assert {warning.rule for warning in told} <= RULES
        assert all(warning.remedy for warning in told)


def test_so_it_does_in_a_cell_at_its_line(warned: Callable[..., list[Problem]]) -> None:
    for prompt in PROMPTS:
        cell = prompt.replace('"', '""')
        told = warned("products: products.csv\nprompt: '{words}'\n", f'sku,words\nA,a vase\nB,"{cell}"\n')
        assert told, prompt
        assert all(warning.line == 3 for warning in told if warning.file.endswith(".csv")), prompt
