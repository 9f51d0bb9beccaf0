"""A night of 5,000 jobs with three workers: what the page of everything writes and what a viewer reads stays small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.overview_cost import an_hour
from worker.operations.overview_turns import BYTES_A_SECOND


@pytest.mark.slow
def test_a_night_of_five_thousand_jobs_costs_a_share_under_a_megabyte_a_minute(tmp_path: Path) -> None:
    cost = an_hour(tmp_path, jobs=5000, workers=3, minutes=6)
    nights_of_before = sum(path.stat().st_size for path in (tmp_path / "shop/outbox/_overview").glob("*.html"))
    assert cost.page_bytes < 700_000
    assert (cost.written_bytes - nights_of_before) / 6 < 60 * BYTES_A_SECOND + cost.page_bytes / 6 + 20_000
    assert cost.read_bytes / 6 < 1_000_000
    assert cost.versions >= 4
