"""The report of a night in a browser: whole by itself, read on a phone, on paper and aloud, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from tests.browser.chromium import LOOKS, Look, reading
from tests.delivery.overviews import ended
from tests.delivery.reports import ALL_WELL, SPAN, every_end, good, page_of
from tests.reported_night import WARNING, facts_of, failure
from worker.delivery.pages.report_page import report_page
from worker.delivery.pages.sheet_pictures import sheet_pictures
from worker.operations.night_report import night_report
from worker.report_records import Left, NightReport, Wait, WorkerNight

pytestmark = pytest.mark.slow

LONG = "a-name-without-any-place-to-break-" * 8


def hostile() -> NightReport:
    """One whose every word is somebody's."""
    jobs = [
        facts_of(ended(LONG, title=LONG, reason=LONG, dropped_by=LONG, pictures=10**9, failed=10**9, state=state,
                       is_in_outbox=False),
                 failures=[failure(n, file=LONG, error=LONG, outcomes=(LONG,) * 9) for n in range(2)],
                 lost={LONG: 10**9}, mended={(LONG, LONG): 10**9}, warnings=[replace(WARNING, rule=LONG, message=LONG)],
                 stages={LONG: 1e9}, staged=1, worker=LONG, seconds={})
        for state in ("failed", "refused", "partial", "cancelled")
    ]  # fmt: skip
    waits = [Wait(reason=LONG, seconds=1e9, times=10**9)] * 3
    worker = WorkerNight(id=LONG, began_at=SPAN.begins, ended_at=SPAN.ends, worked_s=1e9, waits=waits,
                         unclean_stops=[SPAN.begins] * 9)  # fmt: skip
    left = Left(jobs=10**9, pictures=10**9, ends_in_s=1e7, running=[(LONG, 1, 10**9)], persons=[(LONG, LONG)])
    return night_report(SPAN, [*jobs, facts_of(ended(LONG, title=LONG, pictures=9))], workers=[worker], left=left)


KINDS: dict[str, Callable[[], NightReport]] = {
    "good": good,
    "every-end": every_end,
    "hostile": hostile,
    "empty": lambda: night_report(SPAN, []),
}


@pytest.fixture
def written(tmp_path: Path, sheet: bytes) -> Callable[..., Path]:
    def made(report: NightReport, *, language: str = "en", **more: object) -> Path:
        pictures = sheet_pictures(sheet, most=4)
        evidence = {
            (one.job.name, one.job.is_in_outbox, file): pictures[0].source
            for one in report.troubles for failed in one.failures for file in failed.evidence
        }  # fmt: skip
        shown = page_of(report, pictures={one.job.name: pictures for one in ALL_WELL}, evidence=evidence, **more)
        path = tmp_path / "2026-11-27.html"
        path.write_bytes(b"".join(report_page(shown, language=language)))  # type: ignore[arg-type]
        return path

    return made


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_serves_every_reader(chromium, written, look: Look, kind: str) -> None:
    with reading(chromium, written(KINDS[kind]()), look) as reader:
        reader.keep(f"report-{kind}")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.errors == []


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=str)
def test_it_is_read_in_chinese(chromium, written, look: Look) -> None:
    with reading(chromium, written(every_end(), language="zh"), look, language="zh-CN") as reader:
        reader.keep("report-zh")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.page.locator("html").get_attribute("lang") == "zh-CN"


def test_it_needs_no_other_file_and_every_picture_is_shown(chromium, written) -> None:
    path = written(every_end())
    with reading(chromium, path, LOOKS[2]) as reader:
        assert reader.asked == [path.as_uri()]
        widths = reader.page.eval_on_selector_all("img", "all => all.map((one) => one.naturalWidth)")
        assert len(widths) >= 10
        assert min(widths) > 0


def test_times_are_the_reader_s_and_those_of_the_worker_where_no_script_runs(chromium, written) -> None:
    path = written(every_end(), zone=UTC)
    for scripts, shown in ((True, "04:00"), (False, "20:00")):
        with reading(chromium, path, LOOKS[2], scripts=scripts) as reader:
            assert shown in reader.page.locator(".trouble .facts").first.inner_text()
            assert reader.errors == []


def test_failures_stand_before_everything_that_went_well(chromium, written) -> None:
    with reading(chromium, written(every_end()), LOOKS[0]) as reader:
        tops = [
            reader.page.get_by_text(text, exact=True).first.bounding_box()["y"]
            for text in ("3 of 10 jobs need you.", "zimage-worker retry 'autumn vases'", "teapots")
        ]
        assert tops == sorted(tops)
