"""What people get wrong is told at its line, or read as it was meant."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from slips.drops import GOOD, verdict
from slips.kinds import of_kind, variants
from slips.variants import Kind

pytestmark = pytest.mark.slow

KINDS: tuple[Kind, ...] = get_args(Kind)


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
