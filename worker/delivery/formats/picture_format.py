"""Picture format: what each file of this folder gives, whatever it encodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.delivery.provenance import Labels

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFormat:
    """One format of picture files; what it promises stands in this folder's README, and a test asks every one."""

    name: str
    """As a job asks for it and as manifests have it: `jpeg`. A job may write the extension instead."""
    extension: str
    """Of its files, without the dot: `jpg`."""
    is_lossless: bool
    """Whether its files have exactly the picture's pixels; then every file is compared with them."""
    encode: Callable[[Image.Image, Labels], bytes]
    """The bytes of a file that holds an RGB picture and both labels, and says sRGB; the same bytes every time."""
    read_labels: Callable[[Image.Image], Labels | None]
    """The labels inside an opened file of this format, or None where it lacks one of them."""
