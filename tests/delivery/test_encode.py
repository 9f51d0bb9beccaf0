"""Pictures become files that say what they are, and nothing about the picture changes."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from worker.delivery.encode import encode, opens, read_labels, verify
from worker.delivery.provenance import SOURCE_TYPE, Labels, labels
from worker.errors import WorkerError
from worker.records import Picture

FORMATS = ["png", "jpeg", "webp"]
PROMPTS = {
    "chinese": "白色陶瓷马克杯，柔光正面打光，写实摄影",
    "emoji": "a mug 🫖 with 𝒻ancy text",
    "nul": "a\x00 mug\x0b with \x1b[31m controls\ufffe",
    "markup": "</script><b>&amp; ]]> <?xpacket end='w'?> \"quoted\"",
    "lines": "first\r\nsecond\rthird\nfourth",
    "100 kB": "&<𝒻杯" * 25_000,
    "latin": "café crème",
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_every_prompt_survives_in_every_format(samples, kind, prompt):
    request = samples.request(prompt=prompt, negative_prompt=prompt, format=kind)
    written = labels(request, record=samples.record)
    data = encode(samples.picture(), image_format=kind, labels=written)
    with Image.open(BytesIO(data)) as image:
        image.load()
        assert image.format == {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}[kind]
        assert read_labels(image) == written
        packet = written.xmp
    tree = ET.fromstring(packet.split("?>", 1)[1].rsplit("<?", 1)[0])
    texts = {element.tag.rpartition("}")[2]: element.text for element in tree.iter()}
    assert texts["DigitalSourceType"] == SOURCE_TYPE
    assert texts["AIPromptInformation"] in written.parameters


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_the_exif_comment_is_of_the_type_that_readers_expect(samples, kind):
    data = encode(samples.picture(), image_format=kind, labels=labels(samples.request(), record=samples.record))
    with Image.open(BytesIO(data)) as image:
        exif = image.info["exif"]
    tiff = exif.index(b"II*\0") if b"II*\0" in exif else exif.index(b"MM\0*")
    order = "<" if exif[tiff : tiff + 2] == b"II" else ">"
    place = exif.index(struct.pack(f"{order}H", 0x9286), tiff)
    undefined = 7  # source: EXIF 3.0; piexif gives bytes for it, and integers for BYTE
    assert struct.unpack_from(f"{order}H", exif, place + 2) == (undefined,)


def test_a_png_has_the_pictures_pixels(samples):
    picture = samples.picture()
    data = encode(picture, image_format="png", labels=labels(samples.request(), record=samples.record))
    with Image.open(BytesIO(data)) as image:
        assert image.tobytes() == picture.rgb


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_lossy_formats_stay_close_to_the_pixels(samples, kind):
    picture = samples.picture()
    data = encode(picture, image_format=kind, labels=labels(samples.request(), record=samples.record))
    with Image.open(BytesIO(data)) as image:
        differences = [abs(a - b) for a, b in zip(image.tobytes(), picture.rgb, strict=True)]
    assert sum(differences) / len(differences) < 8


def test_every_format_says_srgb(samples):
    words = labels(samples.request(), record=samples.record)
    for kind in FORMATS:
        with Image.open(BytesIO(encode(samples.picture(), image_format=kind, labels=words))) as image:
            tagged = image.info.get("srgb") == 0 or image.getexif().get_ifd(0x8769).get(0xA001) == 1
            assert tagged, kind


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_picture_gives_the_same_bytes(samples, kind):
    words = labels(samples.request(), record=samples.record)
    assert len({encode(samples.picture(), image_format=kind, labels=words) for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": Labels(parameters="other", xmp="<x/>")},
        {"picture": Picture(width_px=64, height_px=48, rgb=bytes(64 * 48 * 3))},
        {"picture": Picture(width_px=48, height_px=64, rgb=bytes(64 * 48 * 3))},
    ],
    ids=["labels", "pixels", "size"],
)
def test_a_file_that_is_not_what_was_meant_is_a_bug(samples, changes):
    meant = {"picture": samples.picture(), "labels": labels(samples.request(), record=samples.record)}
    data = encode(**meant, image_format="png")
    verify(data, **meant)
    with pytest.raises(WorkerError, match="did not read back"):
        verify(data, **(meant | changes))


def test_only_a_whole_picture_of_the_right_size_opens(samples):
    data = encode(samples.picture(), image_format="png", labels=labels(samples.request(), record=samples.record))
    assert opens(data, width_px=64, height_px=48)
    assert not opens(data, width_px=48, height_px=64)
    assert not opens(data[: len(data) // 2], width_px=64, height_px=48)
    assert not opens(b"not a picture", width_px=64, height_px=48)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("kind", FORMATS)
def test_exiftool_reads_every_field(samples, tmp_path, kind):
    request = samples.request(prompt=PROMPTS["chinese"], negative_prompt="text, logo")
    record = replace(samples.record, model=replace(samples.record.model, id="Z-Image & Co"))
    path = tmp_path / f"picture.{kind}"
    path.write_bytes(encode(samples.picture(), image_format=kind, labels=labels(request, record=record)))
    told = subprocess.run(["exiftool", "-j", "-n", str(path)], capture_output=True, check=True).stdout
    fields = json.loads(told)[0]
    assert fields["DigitalSourceType"] == SOURCE_TYPE
    assert fields["AISystemUsed"] == "Z-Image (Z-Image & Co)"
    assert fields["AISystemVersionUsed"] == f"turbo, weights sha256 {record.model.sha256}"
    assert fields["AIPromptInformation"] == f"{PROMPTS['chinese']}\nNegative prompt: text, logo"
    assert fields["CreatorTool"] == "zimage-worker 0.1.0"
    assert fields["CreateDate"].startswith("2026:07:01 21:00:00")
    assert PROMPTS["chinese"] in fields["Parameters" if kind == "png" else "UserComment"]
    assert "Warning" not in fields
