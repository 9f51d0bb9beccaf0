"""The contact sheet and the live page: complete, self-contained, and no prompt becomes markup."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote

import pytest
from PIL import Image

from tests.delivery.html_page import Page
from worker.delivery.pages.contact_sheet import FEW_FAILURES
from worker.delivery.pages.filters import duration
from worker.delivery.thumbnail import SMALLEST_PX, edge_px

EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3) \' </style></title> ]]> &lt;'


@pytest.fixture
def job(folder_of, samples):
    """A finished job: a picture, a picture at the second try, a failure with evidence."""
    folder = folder_of()
    twice = (samples.attempt("first", "not_finite"), samples.attempt("fp32_decode"))
    folder.add(samples.made(prompt="白色马克杯", metadata={"campaign": "autumn", "tags": ["a", "杯"]}))
    folder.add(replace(samples.made(file="b.png"), tries=twice))
    folder.add(samples.failed(file="c.png"))
    return folder.close()


def test_the_sheet_is_whole_html_and_refers_only_to_files_beside_it(job):
    page = Page(job.files["index.html"])
    assert not page.open
    references = page.values("src") + page.values("href")
    local = {unquote(reference.removeprefix("./")) for reference in references if not reference.startswith("data:")}
    assert local <= job.files.keys()
    assert {"MUG-01_01.png", "b.png", "results.csv", "manifest.json", "rejected/c.1-first-black.png"} <= local
    assert all(source.startswith("data:image/webp;base64,") for source in page.values("src"))
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    assert b"http" not in job.files["index.html"].replace(b"http-equiv", b"")


def test_warnings_stand_at_the_top_of_both_pages_with_place_and_remedy(folder_of, samples):
    evil = replace(samples.warning, message=EVIL, remedy=EVIL, where=EVIL, count=1, examples=())
    folder = folder_of(replace(samples.record, warnings=(samples.warning, evil))).add(samples.made())
    live = folder.live()
    for data in (live, folder.close().files["index.html"]):
        page = Page(data)
        assert not page.open
        assert {tag for tag, _ in page.elements}.isdisjoint({"iframe", "object"})
        assert page.text.index("2 warnings") < page.text.index("a red mug")
        said = " ".join(page.text.split())
        assert "mugs/products.csv, line 3, column 1, at title `#N/A` is no title. (900 places, such as line 3" in said
        assert "Write the title." in page.text
        assert EVIL in page.text
        assert ("details", {"class": "warnings", "open": None}) in page.elements


def test_many_warnings_are_folded_and_the_live_page_stays_small(folder_of, samples):
    many = tuple(replace(samples.warning, line=line) for line in range(1, 91))
    folder = folder_of(replace(samples.record, warnings=many)).add(samples.made())
    live = Page(folder.live())
    sheet = Page(folder.close().files["index.html"])
    assert ("details", {"class": "warnings"}) in live.elements
    assert ("details", {"class": "warnings"}) in sheet.elements
    assert (live.text.count("is no title"), sheet.text.count("is no title")) == (20, 90)
    assert "90 warnings" in live.text
    assert "the first 20" in live.text


def test_a_page_without_warnings_says_nothing_of_them(job):
    assert "warning" not in Page(job.files["index.html"]).text


def test_thumbnails_are_small_pictures_of_the_right_shape(folder, samples):
    folder.add(samples.made(width_px=800, height_px=400)).close()
    source = Page(folder.files["index.html"]).values("src", of="img")[0]
    with Image.open(BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
        assert image.size == (384, 192)


def test_failures_stand_in_front_with_error_and_evidence(job):
    html = job.files["index.html"].decode()
    assert html.index("Every try was black") < html.index("白色马克杯")
    page = Page(job.files["index.html"])
    assert "first: black, 0.6 s" in page.text
    assert "fp32 decode: out of memory, 0.2 s" in page.text


def test_of_many_failures_a_few_stand_before_the_pictures_and_all_on_the_page(folder, samples):
    folder.add(*(samples.failed(file=f"bad-{n}.png") for n in range(FEW_FAILURES + 5)), samples.made(file="good.png"))
    html = folder.close().files["index.html"].decode()
    folded = html[html.index('<details class="more-failures">') : html.index('<div class="sheet">')]
    assert folded.count('<article class="failure">') == 5
    assert "and 5 more" in folded
    assert html.count('<article class="failure">') == FEW_FAILURES + 5
    assert not Page(html.encode()).open


def test_so_many_failures_as_stand_there_are_not_folded(folder, samples):
    folder.add(*(samples.failed(file=f"bad-{n}.png") for n in range(FEW_FAILURES)), samples.made())
    assert b"more-failures" not in folder.close().files["index.html"].partition(b"</style>")[2]


def test_the_sheet_tells_counts_retries_and_settings(job):
    text = Page(job.files["index.html"]).text
    for told in ("partial", "2 of 3", "12 min 5 s", "2 tries · fp32 decode", "seed 7", "64×48", "8 steps", "campaign",
                 '["a", "杯"]'):  # fmt: skip
        assert told in text


def test_a_tile_names_the_rung_that_made_the_picture_and_links_what_was_refused(folder, samples):
    tiled = replace(samples.made(file="t.png"), tries=(samples.attempt("tiled_decode"),))
    folder.add(samples.made(file="a.png"), tiled, samples.retried(file="r.png")).close()
    page = Page(folder.files["index.html"])
    assert [text for text in page.texts if "decode" in text and ":" not in text] == ["tiled decode"]
    assert {"4 tries · new seed", "seed 99"} <= set(page.texts)
    assert {"./rejected/r.1-first-black.png", "./rejected/r.3-decode_fp32-flat.png"} <= set(page.values("href"))
    assert "4 tries · new seed" in Page(folder.live()).texts


def test_pictures_of_the_embedded_model_carry_a_warning(job, samples, folder_of):
    assert "Demo model" not in Page(job.files["index.html"]).text
    model = replace(samples.record.model, demo=True, kind="demo")
    demo = folder_of(replace(samples.record, model=model)).add(samples.made()).close()
    assert "Demo model" in Page(demo.files["index.html"]).text
    assert b"Demo model" in demo.live()


def test_text_from_a_job_is_never_markup(folder_of, samples):
    folder = folder_of(replace(samples.record, name=EVIL))
    evil = {"prompt": EVIL, "negative_prompt": EVIL, "product": {EVIL: EVIL}, "metadata": {EVIL: EVIL}}
    folder.add(samples.made(**evil), replace(samples.failed(**evil, file="f.png"), error=EVIL)).close()
    for data in (
        folder.files["index.html"],
        folder.live(),
    ):
        page = Page(data)
        assert not page.open
        assert EVIL in page.text
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
        assert sum(tag == "script" for tag, _ in page.elements) <= 1
        assert b"alert(1)</script>" not in data


def test_odd_file_names_stay_one_reference(folder, samples):
    folder.add(samples.made(file="a:b #1?%20 杯.png")).close()
    href = Page(folder.files["index.html"]).values("href", of="a")[0]
    assert href == "./a%3Ab%20%231%3F%2520%20%E6%9D%AF.png"


def test_the_more_pictures_the_smaller_their_thumbnails():
    edges = [edge_px(count) for count in (1, 400, 401, 1500, 1501, 10_000)]
    assert edges == sorted(edges, reverse=True)
    assert edges[-1] == SMALLEST_PX


def test_durations_are_said_as_people_say_them():
    said = [duration(s) for s in (0.04, 9.94, 48.2, 59.7, 725, 27_600)]
    assert said == ["0.0 s", "9.9 s", "48 s", "1 min 0 s", "12 min 5 s", "7 h 40 min"]


def test_what_was_cancelled_is_told_in_one_line_and_is_no_failure(folder, samples):
    folder.add(samples.made(), *[samples.cancelled(file=f"c{n}.png") for n in range(1_200)]).close()
    page = folder.files["index.html"].decode()
    assert "Cancelled by mugs.cancel. 1,200 pictures were not made." in page
    assert page.count("Cancelled by mugs.cancel.") == 1
    assert 'class="pill cancelled">cancelled<' in page
    assert "<h2>Failed" not in page
    assert "c7.png" not in page
    rows = folder.files["results.csv"].decode("utf-8-sig").splitlines()
    assert len(rows) == 1_202
    assert ",cancelled," in rows[-1]
    assert "Cancelled by mugs.cancel." in rows[-1]
