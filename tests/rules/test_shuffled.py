"""The order of tests: every one as often as asked, by a seed that is told, in one process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from shuffled import ordered

TESTS = Path(__file__).parents[1]
ITEMS = [*range(50)]
THREE = """
import os

import pytest

runs = []


@pytest.fixture(scope="session")
def once():
    print("made once")


@pytest.mark.parametrize("number", range(9))
def test_it(once, tmp_path, number):
    runs.append(number)
    print(f"ran {number} in {os.getpid()}, {runs.count(number)}")
"""


def test_every_test_runs_as_often_as_asked_and_each_time_in_another_order() -> None:
    order = ordered(ITEMS, seed="7", times=3)
    rounds = [order[:50], order[50:100], order[100:]]
    assert [sorted(one) for one in rounds] == [ITEMS] * 3
    assert len({tuple(one) for one in (ITEMS, *rounds)}) == 4


def test_a_seed_gives_its_order_again_and_none_leaves_it() -> None:
    assert ordered(ITEMS, seed="7", times=2) == ordered(ITEMS, seed="7", times=2)
    assert ordered(ITEMS, seed="7", times=1) != ordered(ITEMS, seed="8", times=1)
    assert ordered(ITEMS, seed=None, times=1) == ITEMS


def test_no_test_comes_twice_in_a_row() -> None:
    for seed in range(50):
        order = ordered(ITEMS[:3], seed=str(seed), times=4)
        assert all(one != other for one, other in pairwise(order))
        assert Counter(order) == Counter(ITEMS[:3] * 4)


@pytest.mark.slow
def test_a_run_tells_its_seed_which_gives_the_same_run_again(tmp_path: Path) -> None:
    (tmp_path / "test_three.py").write_text(THREE)

    def run(seed: str) -> tuple[str, list[str]]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "shuffled",
            "-q",
            "-s",
            str(tmp_path),
        ]
        told = subprocess.run(
            [*command, "--shuffle", seed, "--times", "2"], capture_output=True, text=True, check=True, cwd=tmp_path,
            env={"PYTHONPATH": str(TESTS), "PATH": ""},
        ).stdout  # fmt: skip
        assert told.count("made once") == 1
        ran = re.findall(r"ran (\d) in (\d+), (\d)", told)
        assert Counter(number for number, _, _ in ran) == Counter([*"012345678"] * 2)
        assert len({process for _, process, _ in ran}) == 1
        return re.search(r"--shuffle (\d+) --times 2", told)[1], [number for number, _, _ in ran]

    seed, order = run("new")
    assert run(seed) == (seed, order)
