"""Small versions of pictures, as text inside a page."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from PIL import Image

from worker.records import Picture

QUALITY = 80
EFFORT = 2
"""Of 0 to 6: 2.4 ms and 2.6 kB at 384 pixels; Pillow's own 4 takes 7.1 ms for 2.5 kB (measured, embedded model)."""

MOST_PIXELS = 1024 * 1024
"""Of a picture from a page on the share: ours have a sixth of that."""

SIZES_PX = ((400, 384), (1500, 256))
"""Up to so many pictures on a page, so many pixels for the longer edge."""

SMALLEST_PX = 192
"""Beyond that: a page of some megabytes still opens at once and can be sent by mail."""


def edge_px(pictures: int) -> int:
    """The longer edge of thumbnails on a page with so many pictures."""
    return next((edge for most, edge in SIZES_PX if pictures <= most), SMALLEST_PX)


def thumbnail(picture: bytes, *, longest_px: int, quality: int = QUALITY) -> str:
    """A data URI, of a picture's file.

    Args:
        picture: bytes of a file of any format.
        longest_px: of the longer edge, at most.
        quality: of WebP, 0 to 100.
    """
    with Image.open(BytesIO(picture)) as image:
        return data_uri(_webp(image, longest_px, quality))


def too_large(picture: bytes, *, most_pixels: int) -> bool:
    """Whether a stranger's thumbnail would take too much memory, by its head alone.

    Args:
        picture: bytes of a WebP file.
        most_pixels: that may be decoded.

    Raises:
        OSError: it is none.
    """
    with Image.open(BytesIO(picture), formats=["WEBP"]) as image:
        return image.width * image.height > most_pixels


def shrink(picture: Picture, *, longest_px: int) -> bytes:
    """A small version (WebP); never larger than the picture itself.

    Args:
        picture: as it was decoded.
        longest_px: of the longer edge, at most.
    """
    return _webp(Image.frombytes("RGB", (picture.width_px, picture.height_px), picture.rgb), longest_px)


def data_uri(webp: bytes) -> str:
    """As text inside a page."""
    return f"data:image/webp;base64,{b64encode(webp).decode()}"


def _webp(image: Image.Image, longest_px: int, quality: int = QUALITY) -> bytes:
    image.thumbnail((longest_px, longest_px))
    out = BytesIO()
    image.save(out, "WEBP", quality=quality, method=EFFORT)
    return out.getvalue()
