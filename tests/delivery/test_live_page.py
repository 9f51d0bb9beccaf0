"""The live page and the record by which it goes on: small, whole without any other file, and true of every state."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from tests.delivery.html_page import Page
from worker.delivery.pages.filters import rough
from worker.delivery.pages.live_page import NEWEST, NEWEST_FAILED, READ_BYTES_S
from worker.delivery.thumbnail_cache import SMALLER_PX
from worker.records import Picture
from worker.translation import gettext

EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3) \' </style></title> ]]> \u2028 *//'


def many(folder, samples, count: int) -> list:
    folder.add(samples.made())
    return [replace(folder.entries[0], request=samples.request(file=f"{n}.png")) for n in range(count)]


def test_the_page_needs_no_other_file_and_is_led_on_by_its_record(folder, samples) -> None:
    folder.add(samples.made())
    page = Page(folder.live(replace(samples.record, finished_at=None)))
    assert not page.open
    assert all(source.startswith("data:image/webp;base64,") for source in page.values("src"))
    assert page.values("data-record") == ["../_overview/live/5f0c.js"]
    assert folder.told()["job"] == "5f0c"
    assert folder.told()["href"] == "../autumn-mugs.w1-3-ab12cd34.partial/index.html"


def test_a_small_version_lies_inside_and_leads_to_the_picture_in_the_folder_of_now(folder, samples) -> None:
    folder.add(samples.made(file="a b#杯.png", width_px=800, height_px=400))
    page = Page(folder.live())
    (source,) = page.values("src", of="img")
    with Image.open(BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
        assert image.size == (SMALLER_PX, SMALLER_PX // 2)
    assert "../autumn-mugs.w1-3-ab12cd34.partial/a%20b%23%E6%9D%AF.png" in page.values("href", of="a")


def test_a_picture_of_an_earlier_run_stands_there_without_a_small_version(folder_of, samples) -> None:
    folder = folder_of()
    folder.add(samples.made(file="a.png"))
    heir = folder_of()
    heir.entries = folder.entries
    page = Page(heir.live())
    assert not page.values("src", of="img")
    assert "../autumn-mugs.w1-3-ab12cd34.partial/a.png" in page.values("href", of="a")


def test_only_the_newest_are_shown_however_many_there_are(folder, samples) -> None:
    entries = many(folder, samples, 2000)
    record = replace(samples.record, finished_at=None, pictures=4000)
    text = Page(folder.live(record, entries)).text
    assert "2,000 of 4,000" in text
    assert f"the newest {NEWEST}" in text
    assert text.index("1999.png") < text.index("1998.png")
    assert len(folder.live(record, entries)) < 100_000


def test_failures_and_long_words_keep_it_small(folder_of, samples) -> None:
    folder = folder_of()
    long = "word " * 20_000
    failed = replace(samples.failed(file="f.png", prompt=long), error=long)
    folder.add(samples.made(prompt=long, metadata={"x": long}), failed)
    entries = [replace(one, request=replace(one.request, file=f"{n}.png")) for n in range(99) for one in folder.entries]
    said = folder.told(entries=entries)
    assert sum(map(len, said["parts"].values())) < 60_000
    assert Page(folder.live(entries=entries)).text.count("word word…") in (0, NEWEST + NEWEST_FAILED)
    assert f"the newest {NEWEST_FAILED}" in Page(folder.live(entries=entries)).text


@pytest.mark.slow
def test_an_open_page_reads_less_than_a_megabyte_a_minute_of_the_richest_pictures(folder_of, samples) -> None:
    folder = folder_of(replace(samples.record, pictures=2000))
    noise = random.Random(1)
    for number in range(NEWEST + 2):
        request = samples.request(file=f"{number}.png", width_px=256, height_px=256, prompt="词" * 500)
        picture = Picture(width_px=256, height_px=256, rgb=noise.randbytes(256 * 256 * 3))
        folder.add(replace(samples.made(), request=request, picture=picture))
    record = replace(samples.record, finished_at=None, pictures=2000)
    script = folder.delivery.live(record, folder.entries, moment=samples.moment, needs_page=False).record
    told = folder.told(record)
    assert len(script) * 60 / told["read_s"] < 1_000_000
    assert told["read_s"] >= len(script) / READ_BYTES_S * 0.8
    assert Page(folder.live(record)).values("src", of="img"), "some are shown all the same"


def test_speed_time_left_and_the_picture_in_work_are_told(folder, samples) -> None:
    text = " ".join(Page(folder.live()).text.split())
    for said in ("8.4 s", "9 min", "In work: MUG-09_01.png, step 3 of 8.", "As of"):
        assert said in text
    assert {"2026-07-01T21:05:00+00:00", "2026-07-01T21:13:40+00:00"} <= set(Page(folder.live()).values("datetime"))


def test_what_is_not_known_is_not_told(folder, samples) -> None:
    unknown = {"picture_s": None, "left_s": None, "ends_at": None, "file": "", "step": 0, "steps": 0}
    text = Page(folder.live(replace(samples.record, finished_at=None), (), **unknown)).text
    assert "0 of 3" in text
    assert not {"per picture", "time left, about", "done at about", "None"} & set(text.split("  "))


@pytest.mark.parametrize("state", ["paused", "waiting", "interrupted"])
def test_a_job_that_is_not_being_rendered_says_since_when_and_why(folder, state: str) -> None:
    changes = {"state": state, "reason": gettext("because"), "since": "2026-07-01T21:04:00+00:00"}
    said = folder.told(**changes)
    assert (said["state"], said["word"]) == (state, state)
    page = Page(said["parts"]["summary"].encode())
    assert "because" in page.text
    assert "2026-07-01T21:04:00+00:00" in page.values("datetime")
    assert "In work" not in page.text


def test_text_from_a_job_is_no_markup_in_what_an_open_page_puts_into_itself(folder_of, samples) -> None:
    folder = folder_of(replace(samples.record, title=EVIL))
    evil = {"prompt": EVIL, "file": 'x" onerror="alert(4).png'}
    folder.add(samples.made(**evil), replace(samples.failed(**evil), error=EVIL))
    said = folder.told(state="waiting", reason=EVIL, file=EVIL)
    for html in said["parts"].values():
        page = Page(html.encode())
        assert not page.open
        assert not {"script", "iframe", "object"} & {tag for tag, _ in page.elements}
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert EVIL in Page(said["parts"]["pictures"].encode()).text


def test_the_record_is_one_call_with_plain_letters(folder_of, samples) -> None:
    folder = folder_of(replace(samples.record, title="杯\u2028</script>")).add(samples.made())
    script = folder.delivery.live(folder.record, folder.entries, moment=samples.moment, needs_page=False).record
    assert script.isascii()
    assert script.startswith(b"zimageLive({")
    assert json.loads(script.decode().removeprefix("zimageLive(").removesuffix(");\n"))["title"].startswith("杯\u2028")


def test_forecasts_are_as_exact_as_they_deserve() -> None:
    assert [rough(s) for s in (0.2, 40, 520, 11_100)] == ["1 s", "40 s", "9 min", "3 h 05 min"]
