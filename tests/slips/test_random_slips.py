"""Of a random job with one random slip, people are told at the right line: in 95 of 100 tries at least."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from slips.random_slips import KINDS, table, tried
from slips.tries import Try

RATE = 0.95
MISSES_OF_A_KIND = 0.3
"""At most, so that no kind hides behind the others."""
TRIES = 25
"""Of each kind."""

Prints = Callable[[str], None]


@pytest.fixture
def prints(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> Prints:
    """Prints the rates, and puts them into the report of the tests."""

    def shown(text: str) -> None:
        record_property("told", text)
        with capsys.disabled():
            print(f"\n{text}")

    return shown


def report(missed: list[tuple[str, Try]]) -> str:
    return "\n\n".join(f"{kind}: {one.what}\n{one.said}" for kind, one in missed[:20])


@pytest.mark.parametrize("examples", [10, pytest.param(300, marks=pytest.mark.slow)])
def test_any_slip_in_any_job_is_told(examples: int, tmp_path: Path, prints: Prints) -> None:
    told, tries, missed = Counter[str](), Counter[str](), list[tuple[str, Try]]()

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.sampled_from(sorted(KINDS)), st.integers(0, 2**32))
    def any_slip(kind: str, seed: int) -> None:
        one = tried(kind, Random(seed), tmp_path)
        tries[kind] += 1
        told[kind] += one.is_told
        if not one.is_told:
            missed.append((kind, one))

    any_slip()
    prints(f"{told.total()} of {tries.total()} told")
    assert tries.total() >= examples
    assert len(missed) <= math.ceil((1 - RATE) * tries.total()), report(missed)


@pytest.mark.slow
def test_of_each_kind_as_many_random_slips_are_told_in_95_of_100_tries(tmp_path: Path, prints: Prints) -> None:
    random, told, tries, missed = Random("random slips"), Counter[str](), Counter[str](), list[tuple[str, Try]]()
    for kind in KINDS:
        for _ in range(TRIES):
            one = tried(kind, random, tmp_path)
            tries[kind] += 1
            told[kind] += one.is_told
            if not one.is_told:
                missed.append((kind, one))
    prints(table(told, tries))
    assert told.total() >= RATE * tries.total(), report(missed)
    assert all(told[kind] >= (1 - MISSES_OF_A_KIND) * TRIES for kind in KINDS), table(told, tries)
