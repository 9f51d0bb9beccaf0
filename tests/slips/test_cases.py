"""Every case that was found by trying: what is said of it, word for word."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from slips.golden import CASES, LANGUAGES, VARIABLE, cases, expected_file, said_of


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_check_says_of_a_case_what_is_written_beside_it(
    case: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    file = expected_file(case, language)
    wanted, said = file.read_text("utf-8"), said_of(case)
    lines = unified_diff(wanted.splitlines(), said.splitlines(), file.name, "said now", n=1, lineterm="")
    assert said == wanted, "\n".join(["write it anew with tests/slips/golden.py and read it:", *lines])


def test_no_expectation_is_left_without_its_case() -> None:
    assert {path.name.split(".")[0] for path in CASES.glob("*.expected*")} == {case.name for case in cases()}
