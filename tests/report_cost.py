"""What the report of a night costs: thousands of finished jobs, each of a few pictures, some of them failed.

`PYTHONPATH=.:tests python tests/report_cost.py` lays them into an outbox and prints a table: seconds of the first
report and of the next one of the same process, the bytes of the page and of the JSON, and the most memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from house import MODEL, House
from reported_night import PaintedNight

from worker.compose.overview.look import look_of
from worker.compose.report.gathering import Gathering, asked_night
from worker.delivery.pages.nights import night_of, nights
from worker.delivery.pages.report_page import report_page
from worker.operations.report_json import report_json


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one report."""

    first_s: float
    next_s: float
    page_bytes: int
    json_bytes: int


def lay(house: House, *, jobs: int, pictures: int, failing_each: int) -> None:
    """Finished folders as a worker makes them, a few of them of jobs that failed."""
    house.drop("good.yaml", f"prompt: a mug\ncount: {pictures}\n")
    house.drop("bad.yaml", "prompt: a black lamp\ncount: 2\n")
    worker = house.worker(PaintedNight())
    with worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    outbox, failed = house.folders.outbox, house.folders.failed
    for number in range(jobs):
        is_bad = number % failing_each == 0
        made = failed / "bad" if is_bad else outbox / "good"
        place = made.parent / f"sku-{number:05}"
        place.mkdir()
        for name in ("manifest.json", "index.html", "error.json"):
            if (made / name).exists():
                shutil.copyfile(made / name, place / name)
        if is_bad:
            shutil.copytree(made / "rejected", place / "rejected")


def cost(house: House) -> Cost:
    """Report the night twice, as a worker does that stays."""
    seen = look_of(house.settings(), house.folders)("en")
    gathering = Gathering(house.folders)
    now = datetime.now(UTC)
    ended = next(one for one in nights(seen.ended, now=now, zone=None) if one.begins == night_of(now, None))
    took, page, data = [], b"", b""
    for _ in range(2):
        before = time.perf_counter()
        report = gathering.report(asked_night(night_of(now, None), zone=None), ended.jobs, overview=seen, language="en")
        page = b"".join(report_page(gathering.page(report, failed="../failed")))
        data = report_json(report)
        took.append(time.perf_counter() - before)
    assert json.loads(data)["total"] == len(ended.jobs)
    return Cost(first_s=took[0], next_s=took[1], page_bytes=len(page), json_bytes=len(data))


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=5_000)
    parser.add_argument("--pictures", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        house = House(Path(place))
        lay(house, jobs=asked.jobs, pictures=asked.pictures, failing_each=20)
        found = cost(house)
    most_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {asked.jobs:,} | {found.first_s:.1f} s | {found.next_s:.2f} s | {found.page_bytes / 1e6:.2f} MB |"
          f" {found.json_bytes / 1e6:.2f} MB | {most_mib:.0f} MiB |")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
