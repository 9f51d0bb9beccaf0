"""The contract of `spool_ports.Space`: how many pictures there is room for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from memory_spool import MemorySpace

from worker.records import Request
from worker.spool.space import FolderSpace
from worker.spool_ports import Space

MIB = 1024 * 1024
DISK_BYTES = 1024 * MIB
RESERVE_MIB = 10


def picture(side_px: int = 1024, index: int = 1) -> Request:
    return Request(
        shot_id="mug", index=index, file=f"mug_{index}.png", prompt="mug", seed=0, width_px=side_px, height_px=side_px,
        steps=2, guidance=0.0,
    )  # fmt: skip


@pytest.fixture(params=["folder", "memory"])
def space(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Space]:
    """Makes the room there is, in MiB, `RESERVE_MIB` of them to be kept free."""

    def make(free_mib: float) -> Space:
        if request.param == "memory":
            return MemorySpace(free_mib * MIB, reserve_bytes=RESERVE_MIB * MIB)
        told = SimpleNamespace(f_frsize=4096, f_blocks=DISK_BYTES // 4096, f_bavail=int(free_mib * MIB) // 4096)
        monkeypatch.setattr(os, "statvfs", lambda _: told)
        return FolderSpace(tmp_path, reserve_mib=RESERVE_MIB)

    return make


def fits(space: Space, requests: Sequence[Request]) -> int:
    """How many fit; that the first does is the same as that it is not short."""
    fitting = space.fitting(requests)
    assert (space.shortage(requests[0]) is None) == (fitting > 0)
    return fitting


def test_as_many_pictures_fit_as_there_is_room_for_beside_the_reserve(space) -> None:
    job = [picture(index=index) for index in range(1, 10)]
    assert fits(space(500.0), job) == 9
    assert fits(space(RESERVE_MIB + 7.0), job) == 3
    assert fits(space(RESERVE_MIB + 1.0), job) == 0
    assert fits(space(RESERVE_MIB - 5.0), job) == 0
    assert space(0.0).fitting([]) == 0


def test_a_small_picture_may_fit_where_a_large_one_does_not(space) -> None:
    room = space(RESERVE_MIB + 1.0)
    assert fits(room, [picture(2048)]) == 0
    assert fits(room, [picture(256)]) == 1


def test_what_pictures_came_to_is_expected_of_the_next(space) -> None:
    room, job = space(RESERVE_MIB + 7.0), [picture(index=index) for index in range(1, 10)]
    before = fits(room, job)
    for _ in range(50):
        room.measured(picture(), size_bytes=MIB // 2)
    assert fits(room, job) > before
