"""The page of everything in a browser: whole by itself, read on a phone, on paper and aloud, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser.chromium import LOOKS, Look, reading
from tests.delivery.overviews import MORNING, NOW, SHANGHAI, ended, front, pictured
from worker.delivery.pages.night_page import NightPage, Places
from worker.delivery.pages.overview_page import front_page, night_page
from worker.overview_records import Overview, WaitingJob, WorkerLine

pytestmark = pytest.mark.slow

LONG = "a-name-without-any-place-to-break-" * 8
HOSTILE = replace(
    MORNING,
    workers=[WorkerLine(id=LONG, host=LONG, state="silent", reason=LONG, version=LONG, job=LONG, since=NOW)],
    running=[replace(MORNING.running[0], name=LONG, worker=LONG, dropped_by=LONG, made=10**9)],
    waiting=[WaitingJob(name=LONG, state=state, reason=LONG, receipt=LONG, dropped_by=LONG, position=10**6,
                        takes_s=1e7, starts_in_s=1e7) for state in ("waiting", "invalid", "held", "resting") * 5],
    ignored=[(LONG, LONG)],
    ended=[ended(LONG, title=LONG, reason=LONG, dropped_by=LONG, pictures=10**9, failed=10**9, state="partial")],
    paused_by=LONG,
    paused_since=NOW,
)  # fmt: skip
KINDS: dict[str, Overview] = {
    "morning": MORNING,
    "hostile": HOSTILE,
    "empty": Overview(as_of=NOW),
    "paused": replace(MORNING, paused_by="PAUSE", paused_since="2026-11-27T14:10:00Z"),
    "nobody": replace(MORNING, workers=MORNING.workers[1:], running=()),
}


@pytest.fixture
def page_of(tmp_path: Path, sheet: bytes) -> Callable[..., Path]:
    def made(seen: Overview, *, language: str = "en") -> Path:
        path = tmp_path / "index.html"
        path.write_bytes(b"".join(front_page(front(seen, pictured(seen, sheet)), language=language)))
        return path

    return made


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_serves_every_reader(chromium, page_of, look: Look, kind: str) -> None:
    with reading(chromium, page_of(KINDS[kind]), look, now=NOW) as reader:
        reader.keep(f"overview-{kind}")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.errors == []


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=str)
def test_it_is_read_in_chinese(chromium, page_of, look: Look) -> None:
    with reading(chromium, page_of(MORNING, language="zh"), look, language="zh-CN", now=NOW) as reader:
        reader.keep("overview-zh")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.page.locator("html").get_attribute("lang") == "zh-CN"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_night_of_its_own_serves_every_reader(chromium, tmp_path: Path, look: Look) -> None:
    path = tmp_path / "2026-11-27.1.html"
    night = front(replace(MORNING, ended=[*MORNING.ended, *HOSTILE.ended])).found[0]
    page = NightPage(as_of=NOW, places=Places(failed="../failed"), night=night, up="../", zone=SHANGHAI)
    path.write_bytes(b"".join(night_page(page)))
    with reading(chromium, path, look) as reader:
        reader.keep("night")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.errors == []


def test_it_asks_for_nothing_but_its_news(chromium, page_of) -> None:
    path = page_of(MORNING)
    with reading(chromium, path, LOOKS[0], now=NOW) as reader:
        reader.pass_s(90)
        asked = {url.partition("?")[0].removeprefix(path.parent.as_uri()) for url in reader.asked}
        assert asked == {"/index.html", "/_overview/now.js"}


def test_every_picture_is_shown(chromium, page_of) -> None:
    with reading(chromium, page_of(MORNING), LOOKS[2], now=NOW) as reader:
        widths = reader.page.eval_on_selector_all("img", "all => all.map((one) => one.naturalWidth)")
        assert len(widths) >= 16
        assert min(widths) > 0


def test_what_is_folded_is_open_on_paper(chromium, page_of) -> None:
    waiting = [WaitingJob(name=f"job-{n}", state="waiting", position=n + 1) for n in range(40)]
    with reading(chromium, page_of(replace(MORNING, waiting=waiting)), LOOKS[2], now=NOW) as reader:
        assert not reader.page.get_by_text("job-39").is_visible()
        reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert reader.page.get_by_text("job-39").is_visible()
