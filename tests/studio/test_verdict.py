"""The verdicts, from numbers and from made-up pictures."""

from __future__ import annotations

import pytest
import torch

from worker.studio.retry.verdict import judge
from worker.studio.stages.decode import measured

NOISE = torch.randint(0, 256, (64, 48, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def verdict(rgb: torch.Tensor, *, is_finite: bool = True) -> str:
    decoded = measured(rgb, is_finite=torch.tensor(is_finite))
    return judge(decoded.statistics(), width_px=48, height_px=64)


def one_colour(*level: int) -> torch.Tensor:
    return torch.tensor(level, dtype=torch.uint8).expand(64, 48, 3).contiguous()


def test_a_textured_picture_is_ok() -> None:
    assert verdict(NOISE) == "ok"


@pytest.mark.parametrize(
    ("level", "expected"),
    [((0, 0, 0), "black"), ((2, 1, 2), "black"), ((255, 255, 255), "white"), ((252, 254, 253), "white"),
     ((128, 128, 128), "flat"), ((255, 0, 0), "flat"), ((0, 90, 200), "flat")],
)  # fmt: skip
def test_one_colour_is_refused_whatever_the_colour(level: tuple[int, ...], expected: str) -> None:
    assert verdict(one_colour(*level)) == expected


def test_a_few_stray_pixels_do_not_save_a_flat_picture() -> None:
    rgb = one_colour(128, 128, 128)
    rgb[0, 0] = 140
    assert verdict(rgb) == "flat"


def test_numbers_that_were_not_finite_before_the_cast_count_even_if_the_picture_looks_fine() -> None:
    assert verdict(NOISE, is_finite=False) == "not_finite"


def test_a_picture_of_another_size_is_refused() -> None:
    assert verdict(NOISE.transpose(0, 1).contiguous()) == "wrong_size"


@pytest.mark.parametrize("dimmed", [2, 4, 8, 16, 32])
def test_a_dark_picture_with_texture_is_legal(dimmed: int) -> None:
    assert verdict(NOISE // dimmed) == "ok"


def test_a_small_bright_thing_on_black_is_legal() -> None:
    rgb = one_colour(0, 0, 0)
    rgb[20:30, 20:30] = 90
    assert verdict(rgb) == "ok"
