"""Pictures of a contact sheet: the real sheet's first ones, small; nothing of what strangers may have put there."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

from worker.delivery.pages.sheet_pictures import ALT_CHARACTERS, EDGE_PX, sheet_pictures


def webp(width_px: int, height_px: int, *, kind: str = "WEBP") -> str:
    out = BytesIO()
    Image.new("RGB", (width_px, height_px), "red").save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def tile(source: str, alt: str = "mug") -> bytes:
    return f'<figure class="tile">\n  <a href="./a.png"><img src="data:image/webp;base64,{source}" alt="{alt}"'.encode()


def test_the_first_pictures_of_a_real_sheet_are_found_small_with_their_words(folder, samples):
    long = 'a "red" mug & <b> ' * 20
    folder.add(samples.failed(file="f.png"), samples.retried(file="r.png", prompt=long))
    folder.add(*(samples.made(file=f"{n}.png", prompt=f"{n} 只杯子") for n in range(5))).close()
    found = sheet_pictures(folder.files["index.html"], most=4)
    assert [one.alt for one in found] == [long[:ALT_CHARACTERS], "0 只杯子", "1 只杯子", "2 只杯子"]
    for one in found:
        with Image.open(BytesIO(base64.b64decode(one.source.partition(",")[2]))) as image:
            assert max(image.size) <= EDGE_PX


def test_refused_pictures_of_a_sheet_are_none_of_the_job_s(folder, samples):
    folder.add(samples.failed(file="f.png"), samples.failed(file="g.png")).close()
    assert sheet_pictures(folder.files["index.html"], most=4) == []


def test_the_beginning_of_a_sheet_gives_the_pictures_that_stand_in_it(folder, samples):
    folder.add(*(samples.made(file=f"{n}.png") for n in range(6))).close()
    page = folder.files["index.html"]
    third = [at for at in range(len(page)) if page.startswith(b'<figure class="tile">', at)][3]
    assert len(sheet_pictures(page[: third + 60], most=4)) == 3


def test_nothing_of_a_stranger_s_page_gets_in_but_small_pictures():
    bad = [
        tile(webp(1200, 1200)), tile(webp(64, 64, kind="PNG")), tile("AAAA"), tile("not base64!"),
        tile(webp(8, 8)[:-9]),
        tile(webp(8, 8)).replace(b"image/webp", b"text/html"), tile("A" * 500_000), b"<figure" * 50_000,
    ]  # fmt: skip
    good = tile(webp(8, 8), alt="&lt;script&gt;")
    found = sheet_pictures(b"\n".join([*bad, good]), most=4)
    assert [one.alt for one in found][-1:] == ["<script>"]
    assert len(found) <= 2  # the one that was cut may still be a picture for Pillow
    assert all(len(one.source) < 2_000 for one in found)
