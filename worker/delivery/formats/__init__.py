"""Picture formats: PNG, JPEG and WebP, a file each; the README beside says how to add one."""

from collections.abc import Mapping

from worker.delivery.formats.jpeg import JPEG
from worker.delivery.formats.picture_format import PictureFormat
from worker.delivery.formats.png import PNG
from worker.delivery.formats.webp import WEBP

FORMATS: Mapping[str, PictureFormat] = {
    "png": PNG,
    "jpeg": JPEG,
    "webp": WEBP,
}
"""By name, in the order in which people are told of them."""
EXTENSIONS: Mapping[str, str] = {name: one.extension for name, one in FORMATS.items()}
"""By name; what the job language must know of formats."""

__all__ = ["EXTENSIONS", "FORMATS", "PictureFormat"]
