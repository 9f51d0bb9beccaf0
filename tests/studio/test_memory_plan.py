"""Where the text encoder waits, by the size of the card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.studio.memory import Weights, encoder_place, working_mib

Z_IMAGE = Weights(transformer_mib=11_740, text_encoder_mib=7_672, vae_mib=160)
MPX = 1024 * 1024


@pytest.mark.parametrize(
    ("card_gib", "pixels", "place"),
    [(80, MPX, "card"), (80, 4 * MPX, "card"), (32, 4 * MPX, "card"), (23.5, MPX, "visits"), (23.5, 4 * MPX, "visits"),
     (22.5, MPX, "visits"), (15.5, MPX, "host")],
)  # fmt: skip
def test_the_text_encoder_stays_on_the_card_only_beside_the_largest_decode(card_gib, pixels, place) -> None:
    assert encoder_place(card_gib * 1024, Z_IMAGE, pixels=pixels, is_guided=False) == place


@given(st.floats(0, 90_000), st.floats(0, 90_000), st.integers(65_536, 4 * MPX), st.booleans())
def test_more_memory_never_places_it_further_away(one: float, other: float, pixels: int, is_guided: bool) -> None:
    order = ("host", "visits", "card")
    small, large = sorted((one, other))
    near, far = (encoder_place(mib, Z_IMAGE, pixels=pixels, is_guided=is_guided) for mib in (large, small))
    assert order.index(near) >= order.index(far)


def test_the_decode_is_the_peak_and_guidance_does_not_change_that() -> None:
    assert working_mib(pixels=MPX, is_guided=False) == working_mib(pixels=MPX, is_guided=True)
