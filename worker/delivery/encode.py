"""Pictures as bytes of PNG, JPEG and WebP files, with their labels inside.

Knows the three formats and where each keeps metadata.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, TiffTags
from PIL.PngImagePlugin import PngImageFile, PngInfo

from worker.delivery.provenance import Labels
from worker.errors import WorkerError
from worker.records import ImageFormat, Picture

PNG_COMPRESS_LEVEL = 4
"""Of 0 to 9. Measured on 24 pictures of the demo model: 5 ms and 39 KiB at 256x256 (level 6: 17 ms, 36 KiB); on grainy
1024x1024 pictures 290 ms and 1276 KiB, smaller than level 6 makes them in 910 ms."""

JPEG_QUALITY = 95
"""With full colour resolution (4:4:4): halved colour smears red lettering and product edges, shops compress again."""

WEBP_QUALITY = 95
"""Lossy; WebP always halves the colour resolution, so who needs every pixel asks for png."""

_EXIF_IFD = 0x8769
_USER_COMMENT = 0x9286
_COLOR_SPACE = 0xA001
_SRGB = 1
_XMP_KEYWORD = "XML:com.adobe.xmp"

# Pillow's table of EXIF tags has no type for this one and would write BYTE, at which A1111's and other readers crash
# (source: EXIF 3.0, 4.6.6: UserComment is UNDEFINED)
TiffTags.TAGS_V2_GROUPS[_EXIF_IFD][_USER_COMMENT] = TiffTags.TagInfo(
    _USER_COMMENT, "UserComment", TiffTags.UNDEFINED, 1
)


def encode(picture: Picture, *, image_format: ImageFormat, labels: Labels) -> bytes:
    """The bytes of a file; `verify` has read them back.

    Every file says sRGB: PNG by its sRGB chunk, JPEG and WebP by EXIF ColorSpace.

    Returns:
        For png the same pixels, bit by bit; jpeg and webp are lossy.

    Raises:
        WorkerError: what was written does not read back as it was meant: a bug here or in Pillow, or bad memory.
    """
    image = Image.frombytes("RGB", (picture.width_px, picture.height_px), picture.rgb)
    out = BytesIO()
    match image_format:
        case "png":
            image.save(out, "PNG", compress_level=PNG_COMPRESS_LEVEL, pnginfo=_png_info(labels))
        case "jpeg":
            image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4", optimize=True,
                       xmp=labels.xmp.encode(), exif=_exif(labels))  # fmt: skip
        case "webp":
            image.save(out, "WEBP", quality=WEBP_QUALITY, xmp=labels.xmp.encode(), exif=_exif(labels))
    data = out.getvalue()
    verify(data, picture=picture, labels=labels)
    return data


def verify(data: bytes, *, picture: Picture, labels: Labels) -> None:
    """Read a file back and compare it with what was meant.

    Raises:
        WorkerError: its size, mode or labels differ, or the pixels of a png.
    """
    with Image.open(BytesIO(data)) as image:
        image.load()
        size = (picture.width_px, picture.height_px)
        is_whole = image.size == size and image.mode == "RGB" and read_labels(image) == labels
        is_lossless = image.format == "PNG"
        if not is_whole or (is_lossless and image.tobytes() != picture.rgb):
            raise WorkerError(
                f"A {image.format} of {size[0]}x{size[1]} did not read back as it was written. "
                "This is a bug or failing memory: report it with the versions of Pillow and Python."
            )


def opens(data: bytes, *, width_px: int, height_px: int) -> bool:
    """Whether these bytes are a picture of that size which decodes to its last row."""
    try:
        with Image.open(BytesIO(data)) as image:
            if image.size != (width_px, height_px):
                return False
            image.load()
    except (OSError, SyntaxError, ValueError):  # Pillow's words for a broken file
        return False
    return True


def read_labels(image: Image.Image) -> Labels | None:
    """The labels inside an opened picture, or None where it lacks one of them."""
    if isinstance(image, PngImageFile):
        texts = image.text
        if not {"parameters", _XMP_KEYWORD} <= texts.keys():
            return None
        return Labels(parameters=str(texts["parameters"]), xmp=str(texts[_XMP_KEYWORD]))
    comment = image.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    packet = image.info.get("xmp")
    if comment is None or packet is None:
        return None
    return Labels(parameters=comment.removeprefix(b"UNICODE\0").decode("utf-16-be"), xmp=packet.decode())


def _png_info(labels: Labels) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # rendering intent: perceptual
    info.add_itxt(_XMP_KEYWORD, labels.xmp)
    info.add_text("parameters", labels.parameters)  # tEXt where Latin-1 can say it, else iTXt
    return info


def _exif(labels: Labels) -> Image.Exif:
    exif = Image.Exif()
    # UTF-16 with its high byte first, whatever the byte order of the EXIF block: what A1111 writes and Civitai reads
    comment = b"UNICODE\0" + labels.parameters.encode("utf-16-be")
    exif.get_ifd(_EXIF_IFD).update({_USER_COMMENT: comment, _COLOR_SPACE: _SRGB})
    return exif
