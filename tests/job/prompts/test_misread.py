"""Prompts whose characters an encoding spoilt are told, and refuse a catalogue that has them in its template."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.problem import Problem

Warned = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("eine grÃ¼ne Tasse, schön", "grüne"),
        ("一只锟斤拷杯子", "锟斤拷"),
        ("a cup of caf\ufffd", "caf"),
        ("????杯 on wood", "????"),
        ("a gr├╝ne Tasse", "grüne"),
        ("mug \ue710 on wood", "\ue710"),
    ],
)
def test_a_misread_prompt_is_told_by_its_word(warned: Warned, prompt: str, names: str) -> None:
    told = [one for one in warned(f"prompt: {prompt}\n") if one.rule == "prompt.mojibake"]
    assert len(told) == 1
    assert names in told[0].message
    assert told[0].remedy


@pytest.mark.parametrize(
    "prompt", ["eine grüne Tasse für Ärzte", "café à la crème, naïve", "好吗?? 海报", "Ça va? «Âge» poster"]
)
def test_a_right_prompt_with_accents_gets_no_word(warned: Warned, prompt: str) -> None:
    assert not warned(f"prompt: {prompt}\n")


def test_a_catalogue_with_a_misread_template_is_refused(reader_error: Callable[[str], str]) -> None:
    shots = "".join(f"- {{id: s{n}, prompt: grÃ¼ne Tasse {n}}}\n" for n in range(12))
    assert "prompt.mojibake" in reader_error(f"shots:\n{shots}") or "grüne" in reader_error(f"shots:\n{shots}")
