"""The table of mutants fits the code: each breaks what it names, in one place, and names tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_a_mutant_breaks_one_place_and_still_compiles(mutant: Mutant) -> None:
    text = (ROOT / "worker" / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")
    tests = mutant.tests.partition(" -k ")[0].split()
    assert all(Path(ROOT / "tests" / one).exists() for one in tests)
