"""What the page of everything costs a share: bytes written and read a minute, and the time that a version takes.

`PYTHONPATH=.:tests python tests/overview_cost.py` prints a table: nights of several sizes, on real folders of this disk
with real contact sheets, by a clock that takes no time. What gathering the overview costs is not in it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.delivery.conftest import Folder, Samples
from tests.delivery.overviews import MORNING, SHANGHAI, ended
from worker import spool
from worker.compose.overview import writer as overview_writer
from worker.delivery.pages.overview_page import ASK_S, NEWS
from worker.overview_records import EndedJob, Overview
from worker.spool import Folders, SpoolOptions

BEGIN = datetime(2026, 11, 27, 12, tzinfo=UTC)
"""Of the night: eight in the evening in Shanghai, where the shop is."""


@dataclass(kw_only=True)
class Cost:
    """Of an hour at the end of a night."""

    jobs: int
    workers: int
    written_bytes: int = 0
    page_bytes: int = 0
    versions: int = 0
    read_bytes: int = 0
    """By one viewer whose page is open all the time."""
    write_s: list[float] = field(default_factory=list)
    """Of each turn in which the page was written, looking and drawing included; the first draws all nights."""
    minutes: float = 60.0

    def row(self) -> str:
        """As a row of the table."""
        return (
            f"| {self.jobs:,} | {self.workers} | {self.page_bytes / 1e3:.0f} kB | {self.versions / self.minutes:.1f} "
            f"| {self.written_bytes / self.minutes / 1e3:.0f} kB | {self.read_bytes / self.minutes / 1e3:.0f} kB "
            f"| {1e3 * sorted(self.write_s)[len(self.write_s) // 2]:.0f} ms | {1e3 * max(self.write_s):.0f} ms |"
        )


def folders_in(root: Path, jobs: list[EndedJob]) -> Folders:
    """A spool with these finished folders, each with a real contact sheet of four pictures."""
    folders = spool.init_folders(root / "shop")
    options = SpoolOptions(settle_s=2.0)
    first = spool.FolderSpool(folders, worker_id="w", state_dir=root / "s", options=options, clock=lambda: 0.0)
    with first.ownership.lock(lambda _: None):
        pass
    made = Folder(replace(Samples.record, pictures=4))
    made.add(*(Samples().made(file=f"{n}.png", width_px=512, height_px=512) for n in range(4))).close()
    sheet = root / "sheet.html"
    sheet.write_bytes(made.files["index.html"])
    for job in jobs:
        (folders.outbox / job.name).mkdir()
        os.link(sheet, folders.outbox / job.name / "index.html")
    return folders


def night_of(jobs: int) -> list[EndedJob]:
    """As many jobs as end in a night of twelve hours, newest first."""
    gap = timedelta(hours=12) / jobs
    moments = [BEGIN + gap * (n + 1) for n in range(jobs)]
    made = [
        ended(f"sku-{n:05}", at=at.isoformat(), pictures=4, dropped_by="lena", retried=n % 7 == 0)
        for n, at in enumerate(moments)
    ]
    return made[::-1]


def an_hour(root: Path, *, jobs: int, workers: int, minutes: float = 60.0) -> Cost:
    """The last minutes of such a night, with a page open on somebody's phone."""
    night = night_of(jobs)
    folders = folders_in(root, night)
    cost, now_s = Cost(jobs=jobs, workers=workers, minutes=minutes), [12 * 3600.0 - 60 * minutes]
    present = [datetime.fromisoformat(job.ended_at or "") for job in night]

    def look(_: object) -> Overview:
        now = BEGIN + timedelta(seconds=now_s[0])
        running = replace(MORNING.running[0], made=int(now_s[0]) % 80)
        older = sum(at > now for at in present)
        return replace(MORNING, as_of=now.isoformat(), ended=night[older:], running=[running])

    writers = [
        overview_writer.OverviewWriter(lambda: (folders, look), monotonic=lambda: now_s[0], zone=SHANGHAI)
        for _ in range(workers)
    ]
    with counted(cost):
        viewed = ""
        for second in range(int(60 * minutes)):
            now_s[0] += 1.0
            if second % max(1, round(12 * 3600 / jobs)) == 0:
                writers[second % workers].ring()
            for writer in writers:
                _turn(writer, cost)
            if second % ASK_S == 0 and (folders.outbox / NEWS).exists():
                viewed = _view(folders, cost, viewed)
    cost.page_bytes = (folders.outbox / "index.html").stat().st_size
    return cost


def _turn(writer: overview_writer.OverviewWriter, cost: Cost) -> None:
    before, begun_s = cost.versions, time.perf_counter()
    writer.turn()
    if cost.versions > before:
        cost.write_s.append(time.perf_counter() - begun_s)


def _view(folders: Folders, cost: Cost, viewed: str) -> str:
    news = (folders.outbox / NEWS).read_text()
    cost.read_bytes += len(news)
    page = news.partition('"page": ')[2]
    if page != viewed:
        cost.read_bytes += (folders.outbox / "index.html").stat().st_size
    return page


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    """Count what is written."""
    from worker.operations import overview_files

    really: Callable[..., int] = overview_files.replace_pieces

    def counting(path: Path, *args: object, **named: object) -> int:
        size_bytes = really(path, *args, **named)
        cost.written_bytes += size_bytes
        cost.versions += path.name == "index.html"
        return size_bytes

    overview_files.replace_pieces = counting  # type: ignore[assignment]
    try:
        yield
    finally:
        overview_files.replace_pieces = really


def main() -> int:
    """Print the table."""
    columns = ("jobs in the night", "workers", "page", "versions a minute", "written a minute, by all",
               "read a minute, by a viewer", "a version takes", "at most")  # fmt: skip
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for jobs, workers in ((20, 1), (500, 1), (5000, 1), (5000, 3)):
        with tempfile.TemporaryDirectory() as root:
            print(an_hour(Path(root), jobs=jobs, workers=workers).row(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
