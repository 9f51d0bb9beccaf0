"""A night with every kind of end, made by the real daemon with the painting twin; and reports as values, for pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from house import MODEL, House
from twins import PaintingRenderer, paint

from worker.compose.report.journal import keep_journal
from worker.records import PictureResult, Refused, Request, Try
from worker.report_records import FormerSpeed, JobFacts, PictureFailure, SpeedKind, WarningFact

POINTLESS = "prompt: a plate\nguidance: 0\nnegative_prompt: text\n"
"""A negative prompt that has no effect."""
JOBS = {
    "mugs.yaml": "prompt: a red mug\ncount: 3\n",
    "vases.yaml": "shots:\n  - {id: good, prompt: a vase}\n  - {id: bad, prompt: a black vase}\n",
    "lamps.yaml": "prompt: a black lamp\n",
    "bowls.yaml": "prompt: a huge bowl\n",
    "chairs.yaml": "promt: a chair\n",
    "posters.yaml": "prompt: a poster\ncount: 4\n",
    "teapots.yaml": "prompt: a mended teapot\ncount: 3\n",
    "plates.yaml": POINTLESS,
}
"""Each ends in another way: see `PaintedNight`."""


class PaintedNight(PaintingRenderer):
    """Refuses what is black, has no room for what is huge, and makes what is mended at the second try."""

    def _result(self, request: Request) -> PictureResult:
        result = super()._result(request)
        black = Try(rung="first", outcome="black", seconds=0.2, peak_mib=9000.0)
        oom = Try(rung="stream_blocks", outcome="oom", seconds=0.3, peak_mib=14_000.0)
        seen = (Refused(rung="first", outcome="black", picture=paint(request)),)
        if "black" in request.prompt:
            return replace(result, picture=None, tries=(black,), refused=seen, error="Every picture was black.")
        if "huge" in request.prompt:
            return replace(result, picture=None, tries=(oom, oom), error="The card's memory is too small.")
        if "mended" in request.prompt:
            made = replace(result.tries[-1], rung="decode_fp32", seconds=0.4)
            return replace(result, tries=(black, made), refused=seen)
        return result


def live_through(house: House) -> None:
    """A worker dies; its next run waits for a person, and does every job to its end."""
    begun = house.worker(PaintedNight())
    with begun.spool.ownership.lock(house.wait):
        keep_journal(begun)
        begun.recorder.state("starting")
        begun.recorder.state("rendering", job="mugs")
        for _ in range(3):
            house.spend(150.0)
            begun.recorder.state("rendering", job="mugs")
    for name, text in JOBS.items():
        house.drop(name, text)
    house.drop("PAUSE", "")
    house.at(house.now_s() + 900.0, (house.root / "inbox/PAUSE").unlink)
    renderer = PaintedNight(after=lambda request: cancel(house, request))
    worker = house.worker(renderer)
    with worker.spool.ownership.lock(house.wait):
        journal = keep_journal(worker)
        journal.unclean_stop(str(worker.recorder.former().get("written_at")))
        worker.recorder.state("starting")
        worker.daemon(MODEL).run(drain=True)
        journal.hear("stopped")


def cancel(house: House, request: Request) -> None:
    """Somebody cancels the posters once one of them is made."""
    house.spend(1.0)
    if "poster" in request.prompt and not (house.root / "inbox/posters.cancel").exists():
        house.drop("posters.cancel", "")


KIND = SpeedKind(width=1024, height=1024, steps=8, is_guided=False)
NIGHT = date(2026, 11, 27)


def former(nights: int = 24, *, median_s: float = 4.1) -> dict[SpeedKind, list[FormerSpeed]]:
    """Nights before, each a little different."""
    return {
        KIND: [
            FormerSpeed(night=NIGHT - timedelta(days=nights - n), pictures=300, median_s=median_s + 0.1 * (n % 5 - 2))
            for n in range(nights)
        ]
    }


def failure(n: int = 1, **changed: object) -> PictureFailure:
    """A picture that was black three times."""
    made = PictureFailure(
        file=f"vase-{n:02}_01.png", error="Every picture was black.", prompt="a vase",
        outcomes=("black", "black", "black"), evidence=(f"rejected/vase-{n:02}_01.1-first-black.png",),
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


WARNING = WarningFact(rule="negative_prompt.no_effect", message="The negative prompt has no effect.", count=1)


def facts_of(job, **more: object) -> JobFacts:
    """Of a job that went well, but for what is given."""
    given: dict[str, object] = {"seconds": {KIND: [4.0] * job.made}, "worker": "studio-pc", "peak_mib": 13_312.0}
    return JobFacts(job=job, **(given | more))  # type: ignore[arg-type]
