"""What people get wrong is told at its line, or read as it was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from slips.drops import GOOD, verdict
from slips.kinds import of_kind, variants
from slips.names import ALMOST, CONFLICTS, is_told
from slips.variants import Kind

pytestmark = pytest.mark.slow

KINDS: tuple[Kind, ...] = get_args(Kind)
NAMES = {"W9": CONFLICTS, "W11": ALMOST}
TRIES = 25
"""Of each kind."""
RATE = 0.95


@pytest.mark.parametrize("kind", KINDS)
def test_each_slip_of_a_kind_is_told_at_its_line_or_read_as_meant(kind: Kind, tmp_path: Path) -> None:
    missed = []
    for number, variant in enumerate(of_kind(kind)):
        slip = variant.slip("each")
        judged, said = verdict(slip, tmp_path / str(number))
        if judged not in GOOD:
            missed.append(f"{variant.name}: {judged}: {slip.wanted}\n{slip.drop.files}\n{said}")
    assert not missed, f"{len(missed)} of {len(of_kind(kind))}:\n" + "\n\n".join(missed[:20])


def test_there_are_more_than_600_of_them() -> None:
    assert len(variants()) > 1300
    assert all(len(of_kind(kind)) >= 5 for kind in KINDS)


def test_a_random_slip_in_a_random_job_is_told_in_95_of_100_tries(
    tmp_path: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    random, good = Random("random slips"), dict.fromkeys([*KINDS, *NAMES], 0)
    for kind in good:
        for number in range(TRIES):
            folder = tmp_path / f"{kind}-{number}"
            if kind in NAMES:
                good[kind] += is_told(random.choice(NAMES[kind]), folder)
            else:
                variant = random.choice(of_kind(kind))
                good[kind] += verdict(variant.slip(random.random()), folder)[0] in GOOD
    table = "\n".join(f"{kind:4} {told:3} of {TRIES}" for kind, told in good.items())
    with capsys.disabled():
        print(f"\n{table}")
    record_property("told", table)
    assert sum(good.values()) >= RATE * TRIES * len(good), table
    assert min(good.values()) >= 0.7 * TRIES, table
