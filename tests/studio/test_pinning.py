"""Locked memory is unlocked when the last tensor goes that shares it, and a refusal is no error."""

from __future__ import annotations

import gc
import mmap

import pytest
import torch
from structlog.testing import capture_logs

from worker.studio.card import pinning
from worker.studio.card.pinning import pinned_like, pinned_piece, refusals
from worker.studio.card.streaming import copy_into_one_piece

pytestmark = pytest.mark.slow


class Driver:
    """What torch's binding offers of the CUDA runtime."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.locked: dict[int, int] = {}
        self.unlocked: list[int] = []
        self.done: list[str] = []
        self.lasting = False
        """The driver also refuses to unlock."""

    def cudaHostRegister(self, place: int, size: int, flags: int) -> int:  # noqa: N802 - its name
        if not self.code:
            assert place not in self.locked, "already mapped"
            self.locked[place] = size
        return self.code

    def cudaHostUnregister(self, place: int) -> int:  # noqa: N802
        self.done.append("unlocked")
        del self.locked[place]
        self.unlocked.append(place)
        return 713 if self.lasting else 0


CARD = torch.device("cuda", 0)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    made = Driver()
    monkeypatch.setattr(torch.cuda, "cudart", lambda: made)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda _: made.done.append("waited"))
    monkeypatch.setattr(pinning, "_refusals", [])
    return made


def test_a_piece_is_locked_whole_and_unlocked_with_its_last_view(driver: Driver) -> None:
    piece = pinned_piece(1000, torch.bfloat16, CARD)
    assert (piece.shape, piece.dtype) == ((1000,), torch.bfloat16)
    assert driver.locked == {piece.data_ptr(): 2000}
    view = piece[:10].view(2, 5)
    parameter = torch.nn.Parameter(torch.zeros(2, 5, dtype=torch.bfloat16), requires_grad=False)
    parameter.data = view
    del piece, view
    gc.collect()
    assert len(driver.locked) == 1, "a parameter still computes from it"
    del parameter
    gc.collect()
    assert (driver.locked, len(driver.unlocked)) == ({}, 1)


def test_memory_is_locked_again_where_a_piece_lay_before(driver: Driver) -> None:
    for _ in range(50):
        pinned_piece(100_000, torch.float32, CARD).fill_(1.0)
    gc.collect()
    assert driver.locked == {}


def test_copies_from_a_piece_end_before_it_is_unlocked(driver: Driver) -> None:
    pinned_piece(10, torch.float32, CARD)
    gc.collect()
    assert driver.done == ["waited", "unlocked"]


def test_pieces_share_no_page(driver: Driver) -> None:
    """The driver locks whole pages, and refuses one that is locked already."""
    pieces = [pinned_piece(5, torch.bfloat16, CARD) for _ in range(20)]
    assert {piece.data_ptr() % mmap.PAGESIZE for piece in pieces} == {0}
    assert len({piece.data_ptr() for piece in pieces}) == 20


def test_a_piece_whose_filling_fails_is_unlocked(driver: Driver) -> None:
    with pytest.raises(RuntimeError):
        copy_into_one_piece([torch.zeros(4), torch.zeros(2, device="meta")], device=CARD)
    gc.collect()
    assert (driver.locked, len(driver.unlocked)) == ({}, 1)


@pytest.fixture
def failing_card(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A card whose first kernel after each refusal raises what the refusal left behind; it lists the kernels."""
    kernels: list[object] = []

    def launch(*_: object, **named: object) -> None:
        kernels.append(named["device"])
        if len(kernels) % 2:
            raise RuntimeError("CUDA error: part or all of the requested memory range is already mapped")

    monkeypatch.setattr(torch, "ones", launch)
    return kernels


def test_a_refusal_is_cleared_counted_and_said_once(driver: Driver, failing_card: list[object]) -> None:
    driver.code = 2
    with capture_logs() as logs:
        pieces = [pinned_piece(10, torch.float32, CARD) for _ in range(3)]
    assert [len(piece) for piece in pieces] == [10, 10, 10]
    assert [log["event"] for log in logs] == ["pinning.refused"]
    assert "ulimit -l" in logs[0]["note"]
    assert "WSL2" in logs[0]["note"]
    assert (refusals(), failing_card) == (3, [CARD] * 6)
    del pieces
    gc.collect()
    assert driver.unlocked == []


def test_a_driver_that_does_not_unlock_leaves_no_error_behind(driver: Driver, failing_card: list[object]) -> None:
    driver.lasting = True
    with capture_logs() as logs:
        pinned_piece(10, torch.float32, CARD)
        gc.collect()
    assert [(log["event"], log["code"]) for log in logs] == [("pinning.not_unlocked", 713)]
    assert failing_card == [CARD] * 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="a driver that locks")
def test_pictures_come_through_ordinary_memory_where_none_is_locked(driver: Driver, failing_card: list[object]) -> None:
    """Torch without a driver refuses as the driver does where locked memory is limited."""
    with capture_logs() as logs:
        landing = pinned_like(torch.zeros(2, 3, dtype=torch.uint8), CARD)
        again = pinned_like(torch.zeros(1), CARD)
    assert (landing.shape, landing.dtype, again.shape) == ((2, 3), torch.uint8, (1,))
    assert not landing.is_pinned()
    assert [log["event"] for log in logs] == ["pinning.refused"]
    assert refusals() == 2


def test_the_cpu_locks_nothing(driver: Driver) -> None:
    pinned_piece(10, torch.float32, torch.device("cpu"))
    assert driver.locked == {}
