"""The page of everything left open: it renews itself, says when it is old, and outlives its share and its workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser.chromium import LOOKS, Reader, reading
from tests.delivery.overviews import MORNING, NOW, ended, front
from worker.delivery.pages.night_page import FOLDER
from worker.delivery.pages.overview_page import ASK_S, NEWS, OLD_S, QUIET_S, front_page
from worker.operations.overview_files import OverviewFiles

pytestmark = pytest.mark.slow

PHONE = LOOKS[0]
LATER = "2026-11-28T09:30:00+00:00"


class Share:
    """An outbox whose page a worker would write."""

    def __init__(self, outbox: Path) -> None:
        self.outbox = outbox
        self._files = OverviewFiles(outbox, folder=FOLDER)
        outbox.mkdir()

    @property
    def page(self) -> Path:
        return self.outbox / "index.html"

    def write(self, *names: str, at: str = NOW, marks: str = "1 a b") -> None:
        seen = replace(MORNING, as_of=at, ended=[ended(name) for name in names])
        self._files.write_front(front_page(front(seen, marks=marks)))

    def tell(self, *, at: str = NOW, marks: str = "1 a b") -> None:
        self._files.write_news(NEWS, at=at, page=marks)


@pytest.fixture
def share(tmp_path: Path) -> Share:
    made = Share(tmp_path / "共享 outbox #1")
    made.write("first-job")
    made.tell()
    return made


def asked_again(reader: Reader) -> None:
    """The page asks for news, and has its answer."""
    with reader.page.expect_event("request", lambda request: "now.js" in request.url):
        reader.pass_s(ASK_S + 1)
    reader.page.wait_for_load_state("load")


def is_told(reader: Reader, kind: str) -> bool:
    return reader.page.locator(f".alarm.{kind}").is_visible()


def test_a_new_page_is_shown_by_itself_and_the_reader_stays_where_he_was(chromium, share: Share) -> None:
    share.write("first-job", *(f"job-{n}" for n in range(60)))
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        reader.page.evaluate("scrollTo(0, 1500)")
        asked_again(reader)
        assert reader.page.evaluate("scrollY") == 1500
        share.write("first-job", *(f"job-{n}" for n in range(60)), "new-job", marks="2 a b")
        share.tell(marks="2 a b")
        asked_again(reader)
        reader.page.get_by_text("new-job").wait_for(state="attached")
        assert reader.page.evaluate("scrollY") == 1500
        assert not is_told(reader, "old")
        assert reader.errors == []


def test_a_page_that_is_not_written_is_not_loaded_again_and_again(chromium, share: Share) -> None:
    share.tell(marks="9 never written")
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        for _ in range(8):
            asked_again(reader)
        assert sum("index.html" in url for url in reader.asked) == 2


def test_while_nothing_changes_an_open_page_reads_a_few_bytes_and_is_not_old(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        for minute in range(1, 11):
            share.tell(at=f"2026-11-28T00:{minute:02}:12+00:00")
            reader.pass_s(39)
            asked_again(reader)
        assert not is_told(reader, "old")
        assert sum("index.html" in url for url in reader.asked) == 1
        assert reader.page.locator("header .heard").inner_text() == "08:10"


def test_a_page_of_a_dead_worker_says_so_at_once_by_the_reader_s_clock(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=LATER) as reader:
        reader.keep("overview-old")
        assert is_told(reader, "old")
        assert "08:00 (9 hours ago)" in reader.page.locator(".alarm.old").inner_text()
        assert not reader.page.get_by_text("about 47 min left").is_visible()
        assert not reader.page.locator(".head .pill").is_visible()


def test_a_page_that_was_open_when_the_worker_died_says_so_whatever_the_clocks(chromium, share: Share) -> None:
    """The worker's clock is an hour ahead: its times alone would never be old."""
    share.write("first-job", at="2026-11-28T01:00:00+00:00")
    share.tell(at="2026-11-28T01:00:00+00:00")
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        reader.pass_s(OLD_S - 60)
        assert not is_told(reader, "old")
        reader.pass_s(70)
        assert is_told(reader, "old")


def test_a_page_to_which_news_came_says_soon_that_they_come_no_more(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        share.tell(at="2026-11-28T00:00:30+00:00")
        asked_again(reader)
        for _ in range(6):
            asked_again(reader)
        assert not is_told(reader, "old")
        reader.pass_s(QUIET_S - 100)
        assert is_told(reader, "old")
        assert not reader.page.locator(".head .pill").is_visible()
        share.tell(at="2026-11-28T00:04:00+00:00")
        asked_again(reader)
        reader.page.locator(".alarm.old").wait_for(state="hidden")


def test_a_worker_whose_clock_is_slow_is_not_called_dead_while_its_news_come(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=LATER) as reader:
        share.tell(at="2026-11-28T00:01:00+00:00")
        asked_again(reader)
        reader.page.locator(".alarm.old").wait_for(state="hidden")


def test_a_share_that_goes_away_leaves_the_page_standing_and_it_goes_on_by_itself(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        asked_again(reader)
        away = share.outbox.rename(share.outbox.with_name("away"))
        asked_again(reader)
        reader.page.locator(".alarm.gone").wait_for(state="visible")
        reader.keep("overview-gone")
        assert "first-job" in reader.page.content()
        away.rename(share.outbox)
        share.write("new-job", marks="2 a b")
        share.tell(marks="2 a b")
        asked_again(reader)
        reader.page.get_by_text("new-job").wait_for(state="attached")
        assert not is_told(reader, "gone")


def test_a_share_that_goes_away_before_the_first_news_were_due_is_told_too(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, now=NOW) as reader:
        reader.page.wait_for_function("answered")
        share.outbox.rename(share.outbox.with_name("away"))
        asked_again(reader)
        reader.page.locator(".alarm.gone").wait_for(state="visible")


def test_a_page_that_was_sent_by_mail_complains_of_nothing_but_its_age(chromium, share: Share, tmp_path: Path) -> None:
    alone = tmp_path / "mail.html"
    alone.write_bytes(share.page.read_bytes())
    with reading(chromium, alone, PHONE, now=NOW) as reader:
        asked_again(reader)
        asked_again(reader)
        assert not is_told(reader, "gone")
        assert not is_told(reader, "old")
        reader.pass_s(OLD_S)
        assert is_told(reader, "old")


def test_without_scripts_the_time_of_the_look_stands_there(chromium, share: Share) -> None:
    with reading(chromium, share.page, PHONE, scripts=False) as reader:
        assert "as of 08:00" in reader.page.locator("header").inner_text()
        assert not is_told(reader, "old")
        assert not is_told(reader, "gone")
