"""The verdict on a picture: black, white, flat, not finite, or good, from a few numbers.

Knows which numbers make a picture unusable.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.records import Outcome

FLAT_BELOW = 1.0
"""Standard deviation, of 255, of the liveliest channel: below it a picture is one colour. Measured on the embedded
model: of 72 pictures in black, white and red on plain backgrounds the plainest, a black vase on black, has 7.8."""

DARK_BELOW, LIGHT_ABOVE = 8.0, 247.0
"""Mean of a flat picture, of 255, that is called black or white. A dark picture with texture is never flat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The numbers of one decoded picture, read from the device once."""

    is_finite: bool
    """Every value before the cast to 8 bit was a number: the cast turns NaN into black silently."""
    width_px: int
    height_px: int
    mean: float
    """Of all channels, 0 to 255."""
    deviation: float
    """Standard deviation over the pixels of the channel that varies most, 0 to 127.5."""


def judge(statistics: Statistics, *, width_px: int, height_px: int) -> Outcome:
    """The verdict on a picture.

    Args:
        statistics: of the picture.
        width_px: width asked for.
        height_px: height asked for.
    """
    if not statistics.is_finite:
        return "not_finite"
    if (statistics.width_px, statistics.height_px) != (width_px, height_px):
        return "wrong_size"
    if statistics.deviation >= FLAT_BELOW:
        return "ok"
    if statistics.mean < DARK_BELOW:
        return "black"
    return "white" if statistics.mean > LIGHT_ABOVE else "flat"
