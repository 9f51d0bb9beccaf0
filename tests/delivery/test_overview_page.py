"""The page of everything: what it says of workers and jobs, in any words that strangers wrote, in few bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date
from urllib.parse import unquote

import pytest

from tests.delivery.html_page import Page
from tests.delivery.overviews import MORNING, NOW, SHANGHAI, ended, front, many, pictured
from tests.delivery.test_page_templates import words_left, xx  # noqa: F401 - a fixture
from worker.delivery.pages.night_page import NightPage, Places
from worker.delivery.pages.nights import Night
from worker.delivery.pages.overview_page import front_page, night_page, nights_of
from worker.overview_records import Overview, RunningJob, WaitingJob, WorkerLine
from worker.translation import gettext

EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3) \' </style></title> ]]> &lt;'


def shown(overview: Overview = MORNING, **more) -> Page:
    return Page(b"".join(front_page(front(overview, **more))))


def said(overview: Overview = MORNING, **more) -> str:
    return " ".join(shown(overview, **more).text.split())


@pytest.fixture
def sheet(folder, samples):
    """A real contact sheet: two refused pictures stand in front of five made ones."""
    folder.add(samples.failed(file="f.png"), *(samples.made(file=f"{n}.png", prompt=f"mug {n}") for n in range(5)))
    return folder.close().files["index.html"]


def test_the_page_is_whole_html_and_needs_nothing_but_itself(sheet):
    page = shown(pictures=pictured(MORNING, sheet))
    assert not page.open
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "iframe", "object", "base"})
    assert all(source.startswith("data:image/webp;base64,") for source in page.values("src"))
    assert len(page.values("src", of="img")) >= 16
    assert not [href for href in page.values("href") if not href.startswith(("./", "#"))]


def test_every_job_is_told_with_its_counts_its_reason_and_who_dropped_it():
    text = said()
    for told in (
        "24 pictures 3 retried 07:11 dropped by lena", "36 of 37 pictures 1 failed 2 warnings 06:02",
        "vase-07_02.png: every try was black.", "old-lamps refused", "There is no file `products.csv` in the folder.",
        "12 of 80 pictures 68 cancelled", "白色陶瓷马克杯（秋冬新品）", "Night from 2026-11-27 to 11-28",
    ):  # fmt: skip
        assert told in text


def test_what_is_in_work_waits_or_is_wrong_is_told_with_place_and_time():
    text = said()
    for told in (
        "autumn-mugs 46.2% 37 of 80 pictures 1 failed about 47 min left until 08:47 since 07:12 worker studio-pc "
        "dropped by lena",
        "1 winter-lamps 120 pictures begins about 08:47 takes about 2 h 30 min dropped by lena",
        "chairs.yaml invalid chairs.yaml:12:3: There is no key `promt`. Did you mean `prompt`? the whole receipt",
        "poster held It waits for `poster.approve`: 12 proofs are made.", "spring.docx ignored Save it as",
        "Asked for by files in the inbox 1 chair.cancel it matches no job that waits or is in work",
        "studio-pc rendering autumn-mugs since 07:12", "warehouse dead since 03:41 last heard of at 03:40 wh-02",
    ):  # fmt: skip
        assert told in text


@pytest.mark.parametrize(
    ("changes", "state", "told"),
    [
        ({}, "rendering", "as of 08:00"),
        ({"paused_by": "PAUSE.txt", "paused_since": "2026-11-27T14:10:00Z"}, "paused",
         "Paused: `PAUSE.txt` lies in the inbox. Remove it to go on. Since: 22:10"),
        ({"workers": (replace(MORNING.workers[1]),)}, "nobody works", "Jobs wait, and nobody works"),
        ({"workers": ()}, "nobody works", "No worker has run here yet"),
        ({"workers": (replace(MORNING.workers[0], state="idle"),), "running": ()}, "waiting for jobs", "as of 08:00"),
        ({"workers": (replace(MORNING.workers[0], state="paused", reason="The share is full."),)}, "paused",
         "The share is full."),
        ({"workers": (replace(MORNING.workers[0], state="silent"),)}, "silent", "worker studio-pc silent dropped by"),
        ({"workers": (replace(MORNING.workers[0], state="dead"),)}, "nobody works", "worker studio-pc dead dropped by"),
    ],
)  # fmt: skip
def test_the_true_state_stands_at_the_top(changes, state, told):
    page = shown(replace(MORNING, **changes))
    head = page.text[: page.text.index("as of")]
    assert state in head
    assert told in " ".join(page.text.split())


def test_of_a_silent_worker_nobody_says_that_it_does_not_work():
    assert "nobody works" not in said(replace(MORNING, workers=[replace(MORNING.workers[0], state="silent")]))


def test_what_waits_without_a_turn_stands_with_its_reason():
    reason = "the folder is empty: put a job.yaml into it"
    jobs = [WaitingJob(name="new folder", state="waiting", reason=reason), WaitingJob(name="mug.yaml", state="waiting")]
    page = front(Overview(as_of=NOW, waiting=jobs))
    assert [job.name for job in page.queue] == ["mug.yaml"]
    assert reason in said(page.overview)


def test_warnings_of_a_job_in_work_stand_on_the_page_and_lead_to_its_receipt():
    warned = replace(MORNING.running[0], warnings=3, receipt="autumn.txt")
    data = b"".join(front_page(front(replace(MORNING, running=[warned])))).decode()
    assert '<a href="./receipts/autumn.txt">3 warnings</a>' in data


def test_an_empty_spool_says_what_to_do():
    text = said(Overview(as_of=NOW))
    assert "No job has ended yet" in text
    assert "start one with `zimage-worker run`" in text


def test_words_of_strangers_never_become_markup():
    evil = Overview(
        as_of=NOW,
        workers=[WorkerLine(id=EVIL, host=EVIL, state="rendering", reason=EVIL, since=EVIL, heard_at=EVIL,
                            version=EVIL, job=EVIL)],
        running=[RunningJob(name=EVIL, worker=EVIL, folder=EVIL, pictures=0, made=5, failed=-1, started_at=EVIL,
                            left_s=float("inf"), dropped_by=EVIL)],
        waiting=[WaitingJob(name=EVIL, state=state, reason=EVIL, receipt=EVIL, starts_in_s=float("nan"), takes_s=-1.0,
                            since=EVIL, dropped_by=EVIL) for state in ("waiting", "invalid", "held", "resting")],
        ignored=[(EVIL, EVIL)],
        ended=[ended(EVIL, at=at, title=EVIL, reason=EVIL, dropped_by=EVIL) for at in (NOW, EVIL, "9999-12-31")],
        paused_by=EVIL,
        paused_since=EVIL,
    )  # fmt: skip
    data = b"".join(front_page(front(evil)))
    page = Page(data)
    assert not page.open
    assert EVIL in page.text
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert b"alert(1)</script>" not in data


def test_names_that_no_page_can_hold_are_spelt_out_and_long_ones_cut():
    odd = "\udcff\u202etxt.exe\n\x1b[31m"
    jobs = [ended(odd), ended("n" * 10_000, reason="r" * 10_000)]
    data = b"".join(front_page(front(replace(MORNING, ended=jobs, waiting=[WaitingJob(name=odd, state="waiting")]))))
    text = Page(data).text
    assert r"\xff\u202etxt.exe\n\x1b[31m" in text
    assert "\u202e" not in text
    assert "n" * 301 not in text
    assert "r" * 301 not in text
    assert "./%FF%E2%80%AEtxt.exe%0A%1B%5B31m/index.html" in Page(data).values("href")


def test_links_are_relative_and_lead_into_the_folders():
    links = [unquote(link) for link in shown().values("href")]
    for target in ("./teapots/index.html", "./../failed/old-lamps/error.txt", "./白色陶瓷马克杯/index.html",
                   "./autumn-mugs.studio-pc-7-0a0b0c0d11223344.partial/index.html", "./receipts/chairs.yaml.txt",
                   "./_overview/2026-11-25.1.html"):  # fmt: skip
        assert target in links


def test_a_folder_that_its_readers_may_not_reach_is_named_and_not_linked():
    page = shown(places=Places(failed=None, has_nights=False))
    assert not [link for link in page.values("href") if "failed" in link or "_overview" in link]
    assert "in the folder of failed jobs" in page.text


def test_a_time_ahead_of_all_clocks_does_not_stay_the_newest_for_ever():
    jobs = [ended("liar", at="2031-01-01T00:00:00Z"), ended("honest"), ended("unknown", at=None)]
    found = nights_of(replace(MORNING, ended=jobs), zone=SHANGHAI)
    assert [[job.name for job in night.jobs] for night in found] == [["honest"], ["unknown", "liar"]]
    assert "At an unknown time" in said(replace(MORNING, ended=jobs))


def test_a_night_goes_from_noon_to_noon_of_its_place():
    moments = ("2026-11-27T03:59:59Z", "2026-11-27T04:00:00Z", "2026-11-28T03:59:59Z")
    jobs = [ended(f"job-{n}", at=at) for n, at in enumerate(moments)]
    seen = replace(MORNING, ended=jobs)
    assert [night.begins for night in nights_of(seen, zone=SHANGHAI)] == [date(2026, 11, 27), date(2026, 11, 26)]
    assert [len(night.jobs) for night in nights_of(seen, zone=SHANGHAI)] == [2, 1]
    assert [len(night.jobs) for night in nights_of(seen, zone=UTC)] == [1, 2]


def test_full_pages_of_a_night_never_change_and_it_is_whole_once_it_is_over():
    night = Night(begins=date(2026, 11, 27), jobs=many(450).ended, is_over=False)
    pages = night.pages()
    more = Night(begins=date(2026, 11, 27), jobs=many(470).ended, is_over=False).pages()
    names = [[job.name for job in page] for page in pages]
    assert [len(page) for page in names] == [200, 200]
    assert names[0][0] == "sku-00200"
    assert names == [[job.name for job in page] for page in more]
    whole = replace(night, is_over=True).pages()
    assert [len(page) for page in whole] == [200, 200, 50]
    assert {job.name for page in whole for job in page} == {job.name for job in night.jobs}


@pytest.mark.slow
def test_five_thousand_jobs_of_a_night_make_a_small_page_that_leads_to_all_of_them():
    seen = many(5000)
    page = front(seen)
    data = b"".join(front_page(page))
    assert len(data) < 200_000
    names = {text for text in Page(data).texts if text.startswith("sku-")}
    leads = {link for link in Page(data).values("href") if "_overview" in link}
    assert leads == {f"./_overview/2026-11-27.{n}.html" for n in range(1, 26)}
    for number, jobs in enumerate(page.found[0].pages(), start=1):
        night = replace(page.found[0], jobs=jobs)
        part = NightPage(as_of=NOW, places=page.places, night=night, number=number, up="../", zone=SHANGHAI)
        names |= {text for text in Page(b"".join(night_page(part))).texts if text.startswith("sku-")}
    assert len(names) == 5000


def test_thousands_that_wait_are_counted_and_the_first_named():
    waiting = [WaitingJob(name=f"job-{n}", state="waiting", position=n + 1) for n in range(9000)]
    page = shown(replace(MORNING, waiting=waiting))
    assert sum(text.startswith("job-") for text in page.texts) == 100
    assert "and 8,992 more" in page.text
    assert "the first 100" in page.text


def test_every_word_of_it_comes_from_the_catalogue(xx, sheet):  # noqa: F811
    plain = gettext("failed")
    strangers = replace(
        MORNING,
        workers=[replace(one, id="a", host="b", job="mug", reason=plain) for one in MORNING.workers],
        running=[replace(one, name="mug", worker="a", dropped_by="c") for one in MORNING.running],
        waiting=[replace(one, name="mug", reason=plain, dropped_by="c") for one in MORNING.waiting],
        ignored=[("a", plain)],
        control_files=[("a", plain)],
        ended=[replace(one, name="mug", title="", reason=plain, dropped_by="c") for one in MORNING.ended],
        paused_by="a",
        paused_since=NOW,
    )
    page = Page(b"".join(front_page(front(strangers, pictures=pictured(MORNING, sheet)), language=xx)))
    assert not words_left(" ".join([*page.texts, *page.values("aria-label")]))
    night = NightPage(as_of=NOW, places=Places(), night=front(strangers).found[0], zone=SHANGHAI)
    assert not words_left(" ".join(Page(b"".join(night_page(night, language=xx))).texts))


@pytest.mark.parametrize(("missed", "pill"), [(True, "pill absent"), (False, "pill over")])
def test_that_nobody_works_is_alarming_only_where_something_waits(missed, pill):
    seen = replace(MORNING, workers=[], running=[], waiting=MORNING.waiting if missed else [])
    assert pill in shown(seen).values("class")
    assert ("Jobs wait, and nobody works" in said(seen)) == missed
    assert "nobody works" in said(seen)


def test_a_job_that_has_just_been_claimed_is_not_told_to_have_no_pictures():
    begun = RunningJob(name="just-claimed", worker="studio-pc", folder="x.partial", pictures=0, made=0, failed=0)
    text = said(replace(MORNING, running=[begun]))
    assert "just-claimed worker studio-pc" in text
    assert "0 of 0" not in text


def test_failed_pictures_of_a_night_are_not_taken_for_failed_jobs():
    text = said(
        Overview(
            as_of=NOW,
            ended=[
                ended("a", state="partial", pictures=9, made=2, failed=7),
                ended("b", state="failed", pictures=1, failed=1),
            ],
        )
    )
    assert "8 pictures failed 1 partial 1 failed" in text
