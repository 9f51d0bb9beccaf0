"""Pictures of a contact sheet: its first thumbnails, made smaller still, for a page that shows many jobs.

A sheet is one small file; the pictures themselves would be some hundred times as much to read on a share.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO

from PIL import Image

from worker.delivery.thumbnail import MOST_PIXELS, data_uri, thumbnail, too_large

EDGE_PX = 112
"""Shown 64 CSS pixels wide."""
QUALITY = 50
ALT_CHARACTERS = 80
REFUSED_EDGE_PX = 144
"""Shown 72 CSS pixels wide."""
MOST_REFUSED_PIXELS = 80_000_000
"""Of a refused picture that is made small: 8192 x 8192, the largest that a model makes."""
_TILE = re.compile(
    rb'<figure class="tile">\s*<a href="[^"<>]*">\s*'
    rb'<img src="data:image/webp;base64,([A-Za-z0-9+/=]{1,400000})" alt="([^"<>]{0,4000})"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPicture:
    """A picture of an ended job."""

    source: str
    """Of the image: a data URI."""
    alt: str
    """What it shows: the beginning of its prompt."""


def sheet_pictures(page: bytes, *, most: int) -> list[SheetPicture]:
    """The first pictures on a contact sheet, of this version or an earlier one; refused ones are none.

    Args:
        page: its bytes, or the beginning of them; whoever may write on the share may have written anything there.
        most: how many are wanted.
    """
    found: list[SheetPicture] = []
    for picture in _pictures(page):
        if len(found) == most:
            break
        found.append(picture)
    return found


def refused_picture(data: bytes) -> str:
    """A refused picture, small, as a data URI; empty for what is none, or too large.

    Args:
        data: of its file; whoever may write on the share may have written anything there.
    """
    if not data:
        return ""
    try:
        with Image.open(BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MOST_REFUSED_PIXELS:
                return ""
            image.draft("RGB", (REFUSED_EDGE_PX, REFUSED_EDGE_PX))
            image.thumbnail((REFUSED_EDGE_PX, REFUSED_EDGE_PX))
            out = BytesIO()
            image.convert("RGB").save(out, "WEBP", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # no picture
        return ""
    return data_uri(out.getvalue())


def _pictures(page: bytes) -> Iterator[SheetPicture]:
    for tile in _TILE.finditer(page):
        try:
            webp = b64decode(tile[1], validate=True)
            if too_large(webp, most_pixels=MOST_PIXELS):
                continue
            source = thumbnail(webp, longest_px=EDGE_PX, quality=QUALITY)
        except (binascii.Error, OSError, ValueError, SyntaxError):  # no picture
            continue
        yield SheetPicture(source=source, alt=unescape(tile[2].decode(errors="replace"))[:ALT_CHARACTERS])
