"""What a written value means: YAML 1.2's core schema, and sizes."""

from __future__ import annotations

import re

from worker.records import LONGEST_PX
from worker.translation import enumerated, gettext
from worker.yaml_reader.document import clipped
from worker.yaml_reader.problems import did_you_mean

STEP_PX = 16
"""Width and height are multiples of this (VAE 8x, patches of 2; source: ZImagePipeline)."""
MIN_PX = 64
"""Smallest width or height; below, a picture is noise."""

PRESETS: dict[str, tuple[int, int]] = {
    "square": (1024, 1024),
    "portrait": (864, 1152),
    "landscape": (1152, 864),
    "tall": (720, 1280),
    "wide": (1280, 720),
}
"""Names for common sizes, width and height in pixels: 1:1, 3:4, 4:3, 9:16 and 16:9, each about a megapixel."""

CHINESE_PRESETS: dict[str, str] = {
    **dict.fromkeys(("方形", "正方形", "方图", "方圖"), "square"),
    **dict.fromkeys(("竖版", "竖图", "竖幅", "直式", "豎版", "豎圖"), "portrait"),
    **dict.fromkeys(("横版", "横图", "横幅", "橫式", "橫版", "橫圖"), "landscape"),
    **dict.fromkeys(("长图", "手机竖屏", "長圖"), "tall"),
    **dict.fromkeys(("宽屏", "宽图", "寬屏", "寬圖"), "wide"),
}
"""Chinese words for them."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,20}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")
_SIZE = re.compile(r"\s*([0-9]{1,6})\s*[xX×*]\s*([0-9]{1,6})\s*")


def whole_number(text: str) -> int:
    """The integer a text means: `010` is ten, `0o17` fifteen, `0x1F` thirty-one.

    Raises:
        ValueError: when it is not written as one; `1e3` and `40.0` are not.
    """
    if not _INTEGER.fullmatch(text):
        raise ValueError(gettext("`{text}` is not a whole number. Write digits only, such as 40.", text=clipped(text)))
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def number(text: str) -> float:
    """The finite number a text means, such as `4`, `3.5` or `1e3`.

    Raises:
        ValueError: when it is not written as one.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(gettext("`{text}` is not a number. Write it like 4 or 3.5, with a point.", text=clipped(text)))
    return float(text)


def size_px(text: str, *, max_pixels: int, longest_px: tuple[int, int] = LONGEST_PX) -> tuple[int, int]:
    """Width and height in pixels of `1024x1024`, `1024×768` or a preset's name.

    Args:
        text: as written.
        max_pixels: most pixels allowed, width times height.
        longest_px: greatest width and height that the model has positions for.

    Raises:
        ValueError: no such preset, or not a multiple of STEP_PX, or too small or too large.
    """
    word = text.strip().lower()
    if (word := CHINESE_PRESETS.get(word, word)) in PRESETS:
        return check_size(PRESETS[word], max_pixels=max_pixels, longest_px=longest_px)
    if not (found := _SIZE.fullmatch(text)):
        raise ValueError(
            gettext(
                "`{text}` is not a size. Write width and height in pixels, such as 1024x1024 or [1024, 1024],"
                " or one of {presets}.{guess}",
                text=clipped(text),
                presets=enumerated(PRESETS),
                guess=did_you_mean(text, PRESETS),
            )
        )
    return check_size((int(found[1]), int(found[2])), max_pixels=max_pixels, longest_px=longest_px)


def check_size(size: tuple[int, int], *, max_pixels: int, longest_px: tuple[int, int] = LONGEST_PX) -> tuple[int, int]:
    """The size itself, if it can be rendered.

    Args:
        size: width and height in pixels.
        max_pixels: most pixels allowed, width times height.
        longest_px: greatest width and height that the model has positions for.

    Raises:
        ValueError: as for `size_px`.
    """
    width, height = size
    shown = f"{width}x{height}"
    if min(size) < MIN_PX:
        raise ValueError(
            gettext("{size} is too small: width and height must be at least {least} pixels.", size=shown, least=MIN_PX)
        )
    if width % STEP_PX or height % STEP_PX:
        near = "x".join(str(round(side / STEP_PX) * STEP_PX) for side in size)
        raise ValueError(
            gettext(
                "{size}: width and height must be multiples of {step}. Nearest is {near}.",
                size=shown,
                step=STEP_PX,
                near=near,
            )
        )
    if width * height > max_pixels:
        raise ValueError(
            gettext(
                "{size} has {pixels} pixels; at most {most} are allowed, such as {example}.",
                size=shown,
                pixels=f"{width * height:,}",
                most=f"{max_pixels:,}",
                example=_largest_square(max_pixels),
            )
        )
    if width > longest_px[0] or height > longest_px[1]:
        raise ValueError(
            gettext(
                "{size}: the model has positions for at most {width} pixels of width and {height} of height. "
                "Ask for a shorter side, such as {near}.",
                size=shown,
                width=f"{longest_px[0]:,}",
                height=f"{longest_px[1]:,}",
                near=f"{min(width, longest_px[0])}x{min(height, longest_px[1])}",
            )
        )
    return size


def _largest_square(max_pixels: int) -> str:
    side = int(max_pixels**0.5) // STEP_PX * STEP_PX
    return f"{side}x{side}"
