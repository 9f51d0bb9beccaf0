"""Every case that was found by trying: what is said of it, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from slips.golden import CASES, LANGUAGES, VARIABLE, cases, expected_file, said_of


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_check_says_of_a_case_what_is_written_beside_it(
    case: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    assert said_of(case) == expected_file(case, language).read_text("utf-8")


def test_no_expectation_is_left_without_its_case() -> None:
    assert {path.name.split(".")[0] for path in CASES.glob("*.expected*")} == {case.name for case in cases()}
