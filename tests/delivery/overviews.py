"""Overviews as pages are made from: a shop's morning, a hostile share, and nights of any length."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from worker.delivery.pages.night_page import Places
from worker.delivery.pages.overview_page import FrontPage, nights_of
from worker.delivery.pages.sheet_pictures import SheetPicture, sheet_pictures
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob, WorkerLine

SHANGHAI = timezone(timedelta(hours=8))
NOW = "2026-11-28T00:00:12+00:00"
"""Eight in the morning there."""


def ended(name: str = "mugs", *, at: str = "2026-11-27T20:00:00+00:00", pictures: int = 12, **more) -> EndedJob:
    """A complete job, but for what is given."""
    facts = {"state": "complete", "made": pictures, "is_in_outbox": True, "ended_at": at} | more
    return EndedJob(name=name, pictures=pictures, **facts)


MORNING = Overview(
    as_of=NOW,
    workers=(
        WorkerLine(id="studio-pc", host="studio-pc", state="rendering", job="autumn-mugs", version="0.8.0",
                   since="2026-11-27T23:12:00+00:00", heard_at="2026-11-28T00:00:10+00:00"),
        WorkerLine(id="warehouse", host="wh-02", state="dead", version="0.8.0", since="2026-11-27T19:41:00+00:00",
                   heard_at="2026-11-27T19:40:58+00:00", reason="its lock is free: the process was killed"),
    ),
    running=(
        RunningJob(name="autumn-mugs", worker="studio-pc", folder="autumn-mugs.studio-pc-7-0a0b0c0d11223344.partial",
                   pictures=80, made=36, failed=1, started_at="2026-11-27T23:12:00+00:00", left_s=2820.0,
                   dropped_by="lena"),
    ),
    waiting=(
        WaitingJob(name="winter-lamps", state="waiting", position=1, pictures=120, starts_in_s=2820.0, takes_s=9000.0,
                   dropped_by="lena"),
        WaitingJob(name="陶瓷茶壶.yaml", state="waiting", position=2, pictures=24, starts_in_s=11820.0, takes_s=1500.0,
                   warnings=2, receipt="陶瓷茶壶.yaml-1a2b3c4d.txt"),
        WaitingJob(name="chairs.yaml", state="invalid", receipt="chairs.yaml.txt", since="2026-11-27T22:00:00+00:00",
                   reason="chairs.yaml:12:3: There is no key `promt`. Did you mean `prompt`?", dropped_by="ben"),
        WaitingJob(name="poster", state="held", reason="It waits for `poster.approve`: 12 proofs are made.",
                   receipt="poster.txt"),
    ),
    ignored=(("spring.docx", "Save it as `.yaml` or `.csv` text."),),
    control_files=(("chair.cancel", "it matches no job that waits or is in work"),),
    ended=(
        ended("teapots", at="2026-11-27T23:11:00+00:00", pictures=24, retried=3, dropped_by="lena"),
        ended("glass-vases", at="2026-11-27T22:02:00+00:00", pictures=37, made=36, failed=1, state="partial",
              reason="vase-07_02.png: every try was black.", warnings=2),
        ended("old-lamps", at="2026-11-27T21:40:00+00:00", pictures=4, made=0, state="refused", is_in_outbox=False,
              reason="products.csv: There is no file `products.csv` in the folder."),
        ended("posters", at="2026-11-27T21:00:00+00:00", pictures=80, made=12, cancelled=68, state="cancelled"),
        ended("白色陶瓷马克杯", at="2026-11-27T20:00:00+00:00", pictures=8, title="白色陶瓷马克杯（秋冬新品）"),
        ended("boxes", at="2026-11-26T20:00:00+00:00", pictures=1),
        *(ended(f"shop-{n}", at=f"2026-11-25T{n % 10 + 10}:00:00+00:00") for n in range(90)),
    ),
)  # fmt: skip


def front(overview: Overview = MORNING, pictures: dict[str, list[SheetPicture]] | None = None, **more) -> FrontPage:
    """The front page of an overview, read in Shanghai."""
    facts = {"places": Places(failed="../failed"), "zone": SHANGHAI, "marks": "2026 a b"} | more
    return FrontPage(
        as_of=overview.as_of,
        overview=overview,
        found=nights_of(overview, zone=facts["zone"]),
        pictures=pictures or {},
        **facts,
    )


def pictured(overview: Overview, sheet: bytes, *, most: int = 4) -> dict[str, list[SheetPicture]]:
    """Pictures for each job of the outbox, all of one contact sheet."""
    found = sheet_pictures(sheet, most=most)
    return {job.name: found for job in overview.ended[:24] if job.is_in_outbox}


def many(count: int, *, until: str = "2026-11-27T23:59:00+00:00", every_s: float = 8.0) -> Overview:
    """A night in which so many jobs ended, one every few seconds."""
    last = datetime.fromisoformat(until).astimezone(UTC)
    jobs = tuple(
        ended(f"sku-{count - n:05}", at=(last - timedelta(seconds=every_s * n)).isoformat(), pictures=1)
        for n in range(count)
    )
    return replace(MORNING, ended=jobs)
