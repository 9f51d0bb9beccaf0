"""Locked memory is unlocked when the last tensor goes that shares it, and a refusal is no error."""

from __future__ import annotations

import gc

import pytest
import torch
from structlog.testing import capture_logs

from worker.studio.card import pinning
from worker.studio.card.pinning import pinned_piece, refusals

pytestmark = pytest.mark.slow


class Driver:
    """What torch's binding offers of the CUDA runtime."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.locked: dict[int, int] = {}
        self.unlocked: list[int] = []

    def cudaHostRegister(self, place: int, size: int, flags: int) -> int:  # noqa: N802 - its name
        if not self.code:
            assert place not in self.locked, "already mapped"
            self.locked[place] = size
        return self.code

    def cudaHostUnregister(self, place: int) -> int:  # noqa: N802
        del self.locked[place]
        self.unlocked.append(place)
        return 0


CARD = torch.device("cuda", 0)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    made = Driver()
    monkeypatch.setattr(torch.cuda, "cudart", lambda: made)
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


def test_a_refusal_is_cleared_counted_and_said_once(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.code, cleared = 2, []

    def raising(*_: object, **named: object) -> torch.Tensor:
        cleared.append(named["device"])
        raise RuntimeError("CUDA error: part or all of the requested memory range is already mapped")

    monkeypatch.setattr(torch, "empty", raising)
    with capture_logs() as logs:
        pieces = [pinned_piece(10, torch.float32, CARD) for _ in range(3)]
    assert [len(piece) for piece in pieces] == [10, 10, 10]
    assert [log["event"] for log in logs] == ["pinning.refused"]
    assert (refusals(), cleared) == (3, [CARD, CARD, CARD])
    del pieces
    gc.collect()
    assert driver.unlocked == []


def test_the_cpu_locks_nothing(driver: Driver) -> None:
    pinned_piece(10, torch.float32, torch.device("cpu"))
    assert driver.locked == {}
