"""What lies in the inbox and is no job is told once; litter and right names get no word."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from told import look, receipts

from slips.names import ALMOST, CONFLICTS, LITTER, RIGHT, check_says, drop, is_told
from worker.spool.receipts import receipt_name

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The receipts of an inbox in which all of them lie, by the names of the receipts."""
    house = House(tmp_path_factory.mktemp("house"))
    spool = house.spool()
    with spool.ownership.lock(house.wait), capture_logs():
        for name in {*CONFLICTS, *ALMOST, *LITTER, *RIGHT}:
            drop(name, house.root / "inbox")
        look(house, spool)
        return receipts(house)


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_synchroniser_s_copy_is_told_as_that(name: str, told: dict[str, str]) -> None:
    why = told[receipt_name(name.rstrip("/"))]
    assert "conflict copy" in why or "冲突副本" in why


@pytest.mark.parametrize("name", ALMOST)
def test_an_almost_job_is_told_with_what_to_do(name: str, told: dict[str, str]) -> None:
    assert name in told[receipt_name(name)]


@pytest.mark.parametrize("name", [*LITTER, *RIGHT])
def test_litter_and_right_names_get_no_receipt(name: str, told: dict[str, str]) -> None:
    assert receipt_name(name.rstrip("/")) not in told


@pytest.mark.parametrize("name", [name for name in (*CONFLICTS, *ALMOST, *LITTER) if not name.endswith("/")])
def test_check_does_not_say_ok_to_what_no_worker_takes(name: str, tmp_path: Path) -> None:
    assert is_told(name, tmp_path / "d")


@pytest.mark.parametrize("name", RIGHT)
def test_check_takes_right_names_without_a_word(name: str, tmp_path: Path) -> None:
    said = check_says(name, tmp_path / "d").splitlines()
    assert said[-1].endswith(": ok, 1 picture")
    assert not [line for line in said if "warning" in line]
