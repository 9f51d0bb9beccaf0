"""Prompts as public galleries have them get no word: Chinese, English and others, with every kind of punctuation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from worker.problem import Problem

PROMPTS = (Path(__file__).parent / "right_prompts.txt").read_text("utf-8").splitlines()


def test_there_are_enough_of_them() -> None:
    assert len({*PROMPTS}) >= 170


def test_a_right_prompt_gets_no_word(warned: Callable[..., list[Problem]]) -> None:
    shots = "".join(f"- prompt: {json.dumps(prompt, ensure_ascii=False)}\n" for prompt in PROMPTS)
    assert warned(f"size: 1024x1024\nshots:\n{shots}") == []


def test_nor_does_it_in_a_catalogue(warned: Callable[..., list[Problem]]) -> None:
    rows = "".join(f'P{at},"{prompt.replace(chr(34), chr(34) * 2)}"\n' for at, prompt in enumerate(PROMPTS))
    assert warned("products: products.csv\nprompt: '{prompt}'\n", f"sku,prompt\n{rows}") == []
