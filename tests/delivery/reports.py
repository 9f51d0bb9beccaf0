"""Reports as pages are made from: a quiet night, one with every kind of end, a hostile one, an empty one."""

from __future__ import annotations

from tests.delivery.overviews import SHANGHAI, ended
from tests.reported_night import NIGHT, WARNING, facts_of, failure, former
from worker.delivery.pages.report_page import ReportPage
from worker.operations.night_report import Span, night_report
from worker.report_records import Left, NightReport, Wait, WorkerNight

SPAN = Span(begins="2026-11-27T04:00:00+00:00", ends="2026-11-28T04:00:00+00:00", night=NIGHT, is_over=False,
            as_of="2026-11-28T00:00:12+00:00")  # fmt: skip
WORKERS = (
    WorkerNight(
        id="studio-pc", began_at="2026-11-27T14:00:20+00:00", ended_at="2026-11-27T23:48:00+00:00", worked_s=31_400.0,
        waits=(Wait(reason="PAUSE lies in the inbox: remove it to go on", seconds=1860.0, times=1),
               Wait(reason="The share is away (Host is down)", seconds=420.0, times=2)),
        unclean_stops=("2026-11-27T19:12:00+00:00",),
    ),
)  # fmt: skip
ALL_WELL = [
    facts_of(ended(name, at=f"2026-11-27T{hour}:10:00+00:00", pictures=count), stages={"encode_s": 2.0 * count,
             "denoise_s": 3.2 * count, "decode_s": 0.5 * count, "file_s": 0.2 * count}, staged=count,
             temperature_c=71.0)
    for name, hour, count in (("teapots", 23, 24), ("glass-vases", 22, 37), ("白色陶瓷马克杯", 21, 8),
                              ("boxes", 20, 120), ("winter-lamps", 18, 60), ("office-chairs", 17, 40))
]  # fmt: skip
WRONG = [
    facts_of(ended("old-lamps", pictures=4, made=0, failed=4, state="failed", is_in_outbox=False,
                   reason="No picture could be made."), lost={"oom": 4}, seconds={},
             failures=[failure(n, file=f"lamp-{n}.png", outcomes=("oom",) * 4, evidence=(),
                               error="Even the smallest way to make it needs more than the card's 8 GiB.")
                       for n in range(1, 5)]),
    facts_of(ended("chairs", pictures=0, made=0, state="refused", is_in_outbox=False, dropped_by="ben",
                   reason="chairs.yaml:12:3: There is no key `promt`. Did you mean `prompt`?")),
    facts_of(ended("autumn vases", pictures=37, made=35, failed=2, state="partial", retried=3),
             lost={"black": 2}, mended={("black", "decode_fp32"): 2, ("oom", "half_batch"): 1},
             failures=[failure(3), failure(7)], warnings=[WARNING]),
    facts_of(ended("posters", pictures=80, made=12, cancelled=68, state="cancelled", dropped_by="lena")),
]  # fmt: skip
LEFT = Left(
    jobs=3, pictures=144, ends_in_s=11_520.0, running=(("autumn-mugs", 36, 80),),
    persons=(("stools.yaml", "stools.yaml:3:1: There is no key `coutn`. Did you mean `count`?"),),
    proofs=(("poster", "poster.proof"),),
)  # fmt: skip


def good() -> NightReport:
    """A night in which all went well."""
    return night_report(SPAN, ALL_WELL, former=former(), workers=WORKERS[:0])


def every_end() -> NightReport:
    """One in which every kind of end is."""
    return night_report(SPAN, [*WRONG, *ALL_WELL], former=former(median_s=3.2), workers=WORKERS, left=LEFT)


def page_of(report: NightReport, **more: object) -> ReportPage:
    """The page, read in Shanghai."""
    given: dict[str, object] = {"failed": "../failed", "zone": SHANGHAI, "marks": "2026 a now-1"} | more
    return ReportPage(report=report, **given)  # type: ignore[arg-type]
