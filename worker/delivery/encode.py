"""Pictures as bytes of files: encoded with their labels inside, and read back before anyone trusts them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from worker.delivery.formats import FORMATS, PictureFormat
from worker.delivery.provenance import Labels
from worker.errors import WorkerError
from worker.records import ImageFormat, Picture
from worker.translation import gettext


def encode(picture: Picture, *, image_format: ImageFormat, labels: Labels) -> bytes:
    """The bytes of a file; `verify` has read them back.

    Args:
        picture: what the file shows.
        image_format: one of the names in `FORMATS`.
        labels: what it says of its own origin.

    Returns:
        For a lossless format the same pixels, bit by bit.

    Raises:
        WorkerError: what was written does not read back as it was meant: a bug here or in Pillow, or bad memory.
    """
    form = FORMATS[image_format]
    data = form.encode(Image.frombytes("RGB", (picture.width_px, picture.height_px), picture.rgb), labels)
    verify(data, form, picture=picture, labels=labels)
    return data


def verify(data: bytes, form: PictureFormat, *, picture: Picture, labels: Labels) -> None:
    """Read a file back and compare it with what was meant.

    Args:
        data: of the file.
        form: how the format's labels are read, and whether it is lossless.
        picture: what was meant.
        labels: likewise.

    Raises:
        WorkerError: its size, mode or labels differ, or the pixels of a lossless one.
    """
    with Image.open(BytesIO(data)) as image:
        image.load()
        size = (picture.width_px, picture.height_px)
        is_whole = image.size == size and image.mode == "RGB" and form.read_labels(image) == labels
        if not is_whole or (form.is_lossless and image.tobytes() != picture.rgb):
            raise WorkerError(
                gettext(
                    "A {format} of {width_px}x{height_px} did not read back as it was written. "
                    "This is a bug or failing memory: report it with the versions of Pillow and Python.",
                    format=image.format,
                    width_px=picture.width_px,
                    height_px=picture.height_px,
                )
            )


def opens(data: bytes, *, width_px: int, height_px: int) -> bool:
    """Whether these bytes are a picture of that size which decodes to its last row.

    Args:
        data: of a file of any format.
        width_px: expected.
        height_px: expected.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            if image.size != (width_px, height_px):
                return False
            image.load()
    except (OSError, SyntaxError, ValueError):  # Pillow's words for a broken file
        return False
    return True
