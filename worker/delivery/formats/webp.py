"""WebP: smaller than JPEG at the same look, labels in EXIF and XMP."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from worker.delivery.formats.exif import exif, read_labels
from worker.delivery.formats.picture_format import PictureFormat
from worker.delivery.provenance import Labels

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 95
"""Lossy; WebP always halves the colour resolution, so who needs every pixel asks for png."""


def encode(image: Image.Image, labels: Labels) -> bytes:
    """A lossy WebP.

    Args:
        image: RGB, 8 bits a channel.
        labels: written into the file.
    """
    out = BytesIO()
    image.save(out, "WEBP", quality=QUALITY, xmp=labels.xmp.encode(), exif=exif(labels))
    return out.getvalue()


WEBP = PictureFormat(name="webp", extension="webp", is_lossless=False, encode=encode, read_labels=read_labels)
