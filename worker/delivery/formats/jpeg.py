"""JPEG: small files for shops, labels in EXIF and XMP."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from worker.delivery.formats.exif import exif, read_labels
from worker.delivery.formats.picture_format import PictureFormat
from worker.delivery.provenance import Labels

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 95
"""With full colour resolution (4:4:4): halved colour smears red lettering and product edges, shops compress again."""
BUFFER_BYTES_PER_PIXEL = 6
"""Random noise takes 2.1 at this quality (measured)."""
BUFFER_BYTES = 262_144
"""For labels: EXIF and XMP take at most 64 KiB each."""


def encode(image: Image.Image, labels: Labels) -> bytes:
    """A baseline JPEG with Huffman tables of its own.

    Args:
        image: RGB, 8 bits a channel.
        labels: written into the file.
    """
    from PIL import ImageFile  # with the first picture: whoever only checks jobs goes without it

    out = BytesIO()
    # with `optimize` Pillow hands libjpeg one buffer; its own guess of 2 bytes a pixel is too small for noise (OSError)
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, BUFFER_BYTES_PER_PIXEL * image.width * image.height + BUFFER_BYTES)
    image.save(out, "JPEG", quality=QUALITY, subsampling="4:4:4", optimize=True,
               xmp=labels.xmp.encode(), exif=exif(labels))  # fmt: skip
    return out.getvalue()


JPEG = PictureFormat(name="jpeg", extension="jpg", is_lossless=False, encode=encode, read_labels=read_labels)
