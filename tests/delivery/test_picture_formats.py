"""Every picture format keeps the promises of `worker/delivery/formats/README.md`; a new one is asked by its row."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from worker.delivery.encode import encode
from worker.delivery.formats import EXTENSIONS, FORMATS
from worker.delivery.provenance import SOURCE_TYPE, labels

PROMPTS = {
    "chinese": "白色陶瓷马克杯，柔光正面打光，写实摄影",
    "emoji": "a mug 🫖 with 𝒻ancy text",
    "nul": "a\x00 mug\x0b with \x1b[31m controls\ufffe",
    "markup": "</script><b>&amp; ]]> <?xpacket end='w'?> \"quoted\"",
    "lines": "first\r\nsecond\rthird\nfourth",
    "100 kB": "&<𝒻杯" * 25_000,
    "latin": "café crème",
}
LOSSY_MEAN_DIFFERENCE = 8
"""Of 255, between what was painted and what is read back."""


@pytest.fixture(params=FORMATS.values(), ids=FORMATS)
def form(request):
    return request.param


@pytest.fixture
def written(samples, form):
    """A small picture as this format's file, opened."""
    words = labels(samples.request(), record=samples.record)
    with Image.open(BytesIO(encode(samples.picture(), image_format=form.name, labels=words))) as image:
        yield image


def test_its_row_its_name_and_its_extension_are_its_own(form):
    assert FORMATS[form.name] is form
    assert Counter(word for both in EXTENSIONS.items() for word in set(both))[form.extension] == 1
    assert f"{form.name}{form.extension}".isalnum()
    assert f"{form.name}{form.extension}".islower()


def test_its_extension_is_the_one_that_programs_know(form, written):
    assert Image.registered_extensions()[f".{form.extension}"] == written.format


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_every_prompt_survives(samples, form, prompt):
    request = samples.request(prompt=prompt, negative_prompt=prompt, format=form.name)
    words = labels(request, record=samples.record)
    data = encode(samples.picture(), image_format=form.name, labels=words)
    with Image.open(BytesIO(data)) as image:
        assert form.read_labels(image) == words
    tree = ET.fromstring(words.xmp.split("?>", 1)[1].rsplit("<?", 1)[0])
    texts = {element.tag.rpartition("}")[2]: element.text for element in tree.iter()}
    assert texts["DigitalSourceType"] == SOURCE_TYPE
    assert texts["AIPromptInformation"] in words.parameters


def test_the_pixels_are_the_same_or_close_to_it(samples, form, written):
    painted, read = samples.picture().rgb, written.tobytes()
    differences = [abs(a - b) for a, b in zip(read, painted, strict=True)]
    assert sum(differences) / len(differences) < LOSSY_MEAN_DIFFERENCE
    assert read == painted or not form.is_lossless


def test_it_says_srgb(written):
    assert written.info.get("srgb") == 0 or written.getexif().get_ifd(0x8769).get(0xA001) == 1


def test_the_same_picture_gives_the_same_bytes(samples, form):
    words = labels(samples.request(), record=samples.record)
    assert len({encode(samples.picture(), image_format=form.name, labels=words) for _ in range(3)}) == 1


def test_a_picture_of_somebody_else_has_no_labels(form, written):
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, written.format)
    with Image.open(out) as image:
        assert form.read_labels(image) is None


def test_an_exif_comment_is_of_the_type_that_readers_expect(written):
    exif = written.info.get("exif")
    if exif is None:
        pytest.skip("keeps its labels elsewhere")
    tiff = exif.index(b"II*\0") if b"II*\0" in exif else exif.index(b"MM\0*")
    order = "<" if exif[tiff : tiff + 2] == b"II" else ">"
    place = exif.index(struct.pack(f"{order}H", 0x9286), tiff)
    undefined = 7  # source: EXIF 3.0; piexif gives bytes for it, and integers for BYTE
    assert struct.unpack_from(f"{order}H", exif, place + 2) == (undefined,)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_every_field(samples, tmp_path, form):
    request = samples.request(prompt=PROMPTS["chinese"], negative_prompt="text, logo")
    record = replace(samples.record, model=replace(samples.record.model, id="Z-Image & Co"))
    path = tmp_path / f"picture.{form.extension}"
    path.write_bytes(encode(samples.picture(), image_format=form.name, labels=labels(request, record=record)))
    told = subprocess.run(["exiftool", "-j", "-n", str(path)], capture_output=True, check=True).stdout
    fields = json.loads(told)[0]
    assert fields["DigitalSourceType"] == SOURCE_TYPE
    assert fields["AISystemUsed"] == "Z-Image (Z-Image & Co)"
    assert fields["AISystemVersionUsed"] == f"turbo, weights sha256 {record.model.sha256}"
    assert fields["AIPromptInformation"] == f"{PROMPTS['chinese']}\nNegative prompt: text, logo"
    assert fields["CreatorTool"] == "zimage-worker 0.1.0"
    assert fields["CreateDate"].startswith("2026:07:01 21:00:00")
    assert PROMPTS["chinese"] in fields.get("Parameters", fields.get("UserComment", ""))
    assert "Warning" not in fields


def test_png_is_there_for_jobs_that_name_none_and_for_evidence():
    assert FORMATS["png"].is_lossless
