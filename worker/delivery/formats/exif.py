"""EXIF and XMP of formats that have both: where they keep the labels, and how they are read back.

Source: EXIF 3.0, and how Stable Diffusion tools use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.delivery.provenance import Labels

if TYPE_CHECKING:
    from PIL import Image

_EXIF_IFD = 0x8769
_USER_COMMENT = 0x9286
_COLOR_SPACE = 0xA001
_SRGB = 1
_UNICODE = b"UNICODE\0"


def exif(labels: Labels) -> bytes:
    """An EXIF block: the `parameters` text as UserComment, and that the colours are sRGB."""
    from PIL import Image, TiffTags  # with the first picture: whoever only checks jobs goes without it

    # Pillow's table of EXIF tags has no type for this one and would write BYTE, at which A1111's and other readers
    # crash (source: EXIF 3.0, 4.6.6: UserComment is UNDEFINED)
    TiffTags.TAGS_V2_GROUPS[_EXIF_IFD][_USER_COMMENT] = TiffTags.TagInfo(
        _USER_COMMENT, "UserComment", TiffTags.UNDEFINED, 1
    )
    made = Image.Exif()
    # UTF-16 with its high byte first, whatever the byte order of the EXIF block: what A1111 writes and Civitai reads
    comment = _UNICODE + labels.parameters.encode("utf-16-be")
    made.get_ifd(_EXIF_IFD).update({_USER_COMMENT: comment, _COLOR_SPACE: _SRGB})
    return made.tobytes()  # as bytes: Pillow's AVIF takes an `Exif` that has no tag outside its IFDs for an empty one


def read_labels(image: Image.Image) -> Labels | None:
    """The `parameters` text of EXIF UserComment and the XMP packet, or None where one of them is missing."""
    comment = image.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    packet = image.info.get("xmp")
    if comment is None or packet is None:
        return None
    return Labels(parameters=comment.removeprefix(_UNICODE).decode("utf-16-be"), xmp=packet.decode())
