"""The page of a night's report: what strangers named stays text, links lead to what is there, its size is bounded."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from tests.delivery.html_page import Page
from tests.delivery.overviews import ended
from tests.delivery.reports import ALL_WELL, SPAN, every_end, good, page_of
from tests.reported_night import KIND, NIGHT, WARNING, facts_of, failure, former
from worker.delivery.pages.report_page import report_page
from worker.delivery.pages.sheet_pictures import SheetPicture, refused_picture
from worker.delivery.pages.speed_chart import HEIGHT, WIDTH, chart_of
from worker.operations.night_report import night_report
from worker.report_records import FormerSpeed, Left, NightReport, Speed, Wait, WorkerNight

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\n{{ 7 * 7 }}\udc80"


def drawn(report: NightReport, **more: object) -> bytes:
    return b"".join(report_page(page_of(report, **more)))


def evil_report() -> NightReport:
    jobs = [
        facts_of(ended(EVIL, title=EVIL, reason=EVIL, dropped_by=EVIL, state=state, failed=3),
                 failures=[failure(file=EVIL, error=EVIL, prompt=EVIL, outcomes=(EVIL,), evidence=(EVIL,))],
                 lost={EVIL: 1}, mended={(EVIL, EVIL): 1}, worker=EVIL,
                 warnings=[replace(WARNING, rule=EVIL, message=EVIL)], stages={EVIL: 1.0}, staged=1)
        for state in ("failed", "refused", "partial", "cancelled", "complete")
    ]  # fmt: skip
    worker = WorkerNight(id=EVIL, began_at=EVIL, waits=[Wait(reason=EVIL, seconds=5, times=1, since=EVIL)],
                         unclean_stops=[EVIL])  # fmt: skip
    left = Left(jobs=1, running=[(EVIL, 1, 2)], persons=[(EVIL, EVIL)], proofs=[(EVIL, EVIL)])
    return night_report(SPAN, jobs, workers=[worker], left=left)


def test_nothing_that_anybody_named_becomes_markup() -> None:
    text = drawn(evil_report()).decode()
    assert text.count("<script") == 1, "the page's own"
    assert "<img" not in text
    assert "{{ 7 * 7 }}" in text
    assert "alert(1)" in text


def test_what_failed_stands_first_with_a_command_and_the_file_that_does_the_same() -> None:
    text = " ".join(Page(drawn(every_end())).text.split())
    order = ["3 of 10 jobs need you.", "old-lamps", "zimage-worker retry old-lamps",
             "or make a file old-lamps.retry in the inbox", "chairs", "Mend the job", "autumn vases", "posters",
             "Not done yet", "What was tried", "Speed and card", "Warnings", "Workers", "Complete",
             "teapots"]  # fmt: skip
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_words_of_rungs_and_stages_are_the_reader_s() -> None:
    text = " ".join(Page(b"".join(report_page(page_of(every_end()), language="zh"))).text.split())
    assert "fp32 解码" in text
    assert "内存或显存不足" in text
    assert "decode fp32" not in text


def test_a_night_in_which_all_went_well_is_short() -> None:
    text = " ".join(Page(drawn(good())).text.split())
    assert "All 6 jobs are complete." in text
    for word in ("Not complete", "Not done yet", "What was tried", "Warnings", "failed"):
        assert word not in text, word


def test_links_lead_to_jobs_in_either_folder_or_nowhere() -> None:
    links = Page(drawn(every_end())).values("href")
    assert {"../autumn%20vases/index.html", "../../failed/old-lamps/error.txt", "../index.html"} <= {*links}
    away = Page(drawn(every_end(), failed=None)).values("href")
    assert not [link for link in away if "error.txt" in link]


def test_a_job_that_waits_for_approval_leads_to_its_proof() -> None:
    waits = Left(proofs=[("red mugs.yaml", "red mugs.proof")])
    page = Page(drawn(night_report(SPAN, ALL_WELL, left=waits)))
    assert "../red%20mugs.proof/index.html" in page.values("href")
    assert 'class="top warn"' in drawn(night_report(SPAN, ALL_WELL, left=waits)).decode()
    assert "Not done yet" not in page.text


def test_of_what_waits_for_a_person_the_first_are_named_and_the_others_counted() -> None:
    for left in (Left(proofs=[(f"w{n}", "x.proof") for n in range(500)]),
                 Left(persons=[(f"w{n}", "why") for n in range(500)])):  # fmt: skip
        text = Page(drawn(night_report(SPAN, ALL_WELL, left=left))).text
        assert ("w11" in text, "w12" in text, "and 488 more" in text) == (True, False, True)


def test_what_is_not_known_is_not_shown() -> None:
    bare = [replace(one, stages={}, staged=0, peak_mib=None, temperature_c=None, seconds={}) for one in ALL_WELL]
    text = Page(drawn(night_report(SPAN, bare))).text
    for word in ("Speed and card", "encode", "peak", "temperature", "None"):
        assert word not in text, word


def test_a_page_of_the_worst_night_stays_under_two_megabytes() -> None:
    long, name = "颜色" * 250, "颜色" * 40  # as long as a record's text and a file's name may be
    jobs = [
        facts_of(ended(f"{n}{name}", title=long, reason=long, dropped_by=long, state="partial", failed=9),
                 failures=[failure(file=f"{m}{long}", error=long, evidence=(f"rejected/{n}-{m}.png",), outcomes=(long,))
                           for m in range(8)], warnings=[replace(WARNING, rule=f"{n}", message=long)])
        for n in range(5000)
    ] + [facts_of(ended(f"c{n}", title=long)) for n in range(5000)]  # fmt: skip
    report = night_report(SPAN, jobs, former=former())
    picture = "data:image/webp;base64," + "A" * 5000
    pictures = {f"c{n}": [SheetPicture(source=picture, alt=long)] * 4 for n in range(24)}
    evidence = {(f"{n}{name}", True, f"rejected/{n}-0.png"): picture for n in range(60)}
    size_bytes = len(drawn(report, pictures=pictures, evidence=evidence))
    assert 1_000_000 < size_bytes < 2_000_000


def picture(mode: str = "RGB", form: str = "PNG", size: tuple[int, int] = (640, 480)) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 0).save(out, form)
    return out.getvalue()


def test_a_refused_picture_is_shown_small_whatever_its_form() -> None:
    for data in (picture(), picture("L"), picture("RGBA"), picture(form="JPEG"), picture(form="WEBP")):
        assert refused_picture(data).startswith("data:image/webp;base64,")
        assert len(refused_picture(data)) < 8_000


@pytest.mark.parametrize("data", [b"", b"no picture", picture()[:80], picture(form="GIF"), picture(form="BMP"),
                                  picture("1", size=(20_000, 20_000))], ids=range(6))  # fmt: skip
def test_what_is_no_picture_or_too_large_is_left_out(data: bytes) -> None:
    assert refused_picture(data) == ""


def test_a_chart_has_a_bar_a_night_and_stays_inside_its_drawing() -> None:
    nights = [*former()[KIND], FormerSpeed(night=NIGHT.replace(year=2020), pictures=9, median_s=3.0)]
    speed = Speed(kind=KIND, pictures=9, median_s=90.0, before_s=4.0, former=nights)
    chart = chart_of(speed, night=NIGHT)
    assert chart is not None
    assert len(chart.bars) == len(former()[KIND]) + 1
    assert [bar.is_now for bar in chart.bars] == [False] * (len(chart.bars) - 1) + [True]
    assert all(0 <= bar.x <= WIDTH - chart.bar and 0 < bar.height <= HEIGHT for bar in chart.bars)
    assert chart_of(replace(speed, before_s=None), night=NIGHT) is None
    assert chart_of(speed, night=None) is None
