"""What the page of everything costs while real workers run: three processes, painting twins, gathering too.

`PYTHONPATH=.:tests python tests/overview_night.py` lays thousands of finished jobs into an outbox and hundreds into the
inbox, lets the workers run by turns with and without the page, and prints a table: bytes written, bytes that a viewer
reads, the time that a version takes, the processor's time of the overview, and pictures a second.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import twin_worker
from worker import spool
from worker.compose.overview.writer import OverviewWriter
from worker.delivery.pages.overview_page import ASK_S, NEWS
from worker.operations import overview_files

HERE = Path(__file__).resolve()
PICTURES = 4
"""Of each job that waits."""


def be_worker(arguments: list[str], notes: Path) -> int:
    """A twin that writes down what its overview took, for each turn that looked."""
    written_bytes = [0]
    really = overview_files.replace_pieces
    turn = OverviewWriter.turn

    def counting(path: Path, *args: Any, **named: Any) -> int:
        size_bytes = really(path, *args, **named)
        written_bytes[0] += size_bytes
        return size_bytes

    def measured(self: OverviewWriter) -> None:
        before = time.perf_counter(), time.thread_time(), _read_bytes(), written_bytes[0]
        turn(self)
        took_s, cpu_s = time.perf_counter() - before[0], time.thread_time() - before[1]
        row = [took_s, cpu_s, _read_bytes() - before[2], written_bytes[0] - before[3]]
        with notes.open("a") as file:
            file.write(json.dumps(row) + "\n")

    overview_files.replace_pieces = counting  # type: ignore[assignment]
    OverviewWriter.turn = measured  # type: ignore[method-assign]
    return twin_worker.main(arguments)


def _read_bytes() -> int:
    """That this thread has read from files, as the kernel counts."""
    text = Path("/proc/thread-self/io").read_text()
    return int(text.split("rchar:")[1].split()[0])


@dataclass(kw_only=True)
class Phase:
    """Some seconds of work."""

    seconds: float
    pictures: int = 0
    turns: list[list[float]] = field(default_factory=list)
    """Of all workers: seconds, the thread's seconds of a processor, bytes read, bytes written."""
    cpu_s: float = 0.0
    """Of all workers, everything included."""
    versions: int = 0
    viewed_bytes: int = 0


def phase(root: Path, *, workers: int, seconds: float, with_page: bool, number: int, pace: str) -> Phase:
    """Let the workers run for so long."""
    outbox = root / "shop/outbox"
    runs = []
    for worker in range(workers):
        notes, log = root / f"notes-{number}-{worker}", root / f"log-{number}-{worker}"
        command = [sys.executable, str(HERE), "--worker", str(notes), str(root / "shop"), "--id", f"w{worker}",
                   "--state", str(root / f"state{worker}"), "--pace", pace]  # fmt: skip
        command += ["--page"] if with_page else []
        runs.append((subprocess.Popen(command, stdout=log.open("w"), stderr=subprocess.STDOUT), notes, log))
    while not all("job.claimed" in log.read_text() for _, _, log in runs):
        time.sleep(0.2)
    found, begun_s, seen, viewed = Phase(seconds=seconds), time.monotonic(), 0, ""
    since = {str(log): len(log.read_text().splitlines()) for *_, log in runs}
    cpu = [_cpu_s(run.pid) for run, *_ in runs]
    skipped = {str(notes): len(_lines(notes)) for _, notes, _ in runs}
    asked_s = begun_s
    while time.monotonic() < begun_s + seconds:
        stamp = (outbox / "index.html").stat().st_mtime_ns if (outbox / "index.html").exists() else 0
        found.versions += bool(seen) and stamp != seen
        seen = stamp
        if with_page and time.monotonic() >= asked_s:
            asked_s += ASK_S
            viewed = _view(outbox, found, viewed)
        time.sleep(0.2)
    found.seconds = time.monotonic() - begun_s
    found.cpu_s = sum(_cpu_s(run.pid) - before for (run, *_), before in zip(runs, cpu, strict=True))
    for _, notes, log in runs:
        found.pictures += sum("picture.made" in line for line in log.read_text().splitlines()[since[str(log)] :])
        found.turns += [json.loads(line) for line in _lines(notes)[skipped[str(notes)] :]]
    for run, *_ in runs:
        run.send_signal(signal.SIGTERM)
    for run, *_ in runs:
        run.wait(120)
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _view(outbox: Path, found: Phase, viewed: str) -> str:
    """What an open page reads now; the page that it shows then."""
    try:
        news = (outbox / NEWS).read_text()
    except FileNotFoundError:
        return viewed
    found.viewed_bytes += len(news)
    page = news.partition('"page": ')[2]
    if page != viewed and viewed:
        found.viewed_bytes += (outbox / "index.html").stat().st_size
    return page or viewed


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lay(root: Path, *, ended: int, waiting: int) -> None:
    """A night that is nearly over: finished folders as a worker makes them, and jobs that wait."""
    folders = spool.init_folders(root / "shop")
    job = f"prompt: a red mug\nsize: 64x64\nsteps: 2\ncount: {PICTURES}\n"
    (folders.inbox / "model-job.yaml").write_text(job)
    command = [sys.executable, str(HERE), "--worker", str(root / "n"), str(root / "shop"), "--id", "w0", "--state",
               str(root / "state0"), "--drain"]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    made = folders.outbox / "model-job"
    manifest = (made / "manifest.json").read_text()
    now_s = time.time()
    for number in range(ended):
        folder = folders.outbox / f"sku-{number:05}"
        folder.mkdir()
        at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now_s - 39_600 * (1 - number / ended)))
        text = manifest.replace('"job": "model-job"', f'"job": "{folder.name}"')
        before = json.loads(text)["finished_at"]
        (folder / "manifest.json").write_text(text.replace(before, at))
        os.link(made / "index.html", folder / "index.html")
    for number in range(waiting):
        (folders.inbox / f"next-{number:05}.yaml").write_text(job)


def said(name: str, phases: list[Phase]) -> str:
    """A row of the table."""
    seconds = sum(one.seconds for one in phases)
    looks = [turn for one in phases for turn in one.turns if turn[2] > 100_000 or turn[3]]
    writes = sorted(turn[0] for turn in looks if turn[3] > 10_000)
    minutes = seconds / 60
    figures = [
        f"{sum(one.pictures for one in phases) / seconds:.1f}",
        f"{sum(one.versions for one in phases) / minutes:.1f}",
        f"{sum(turn[3] for turn in looks) / minutes / 1e3:.0f} kB",
        f"{sum(one.viewed_bytes for one in phases) / minutes / 1e3:.0f} kB",
        f"{sum(turn[2] for turn in looks) / minutes / 1e3:.0f} kB",
        f"{writes[len(writes) // 2]:.2f} s, {writes[-1]:.2f} s" if writes else "-",
        f"{sum(turn[1] for one in phases for turn in one.turns) / seconds:.3f}",
        f"{sum(one.cpu_s for one in phases) / seconds:.2f}",
    ]
    return f"| {name} | {' | '.join(figures)} |"


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ended", type=int, default=4_500)
    parser.add_argument("--waiting", type=int, default=3_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pace", default="0")
    asked = parser.parse_args()
    columns = ("workers", "pictures a second", "versions a minute", "written a minute, by all",
               "read a minute, by a viewer", "read a minute, by all workers' looks", "a version takes: median, longest",
               "its processors", "all processors")  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        lay(root, ended=asked.ended, waiting=asked.waiting)
        phases: dict[bool, list[Phase]] = {True: [], False: []}
        for number in range(2 * asked.rounds):
            with_page = number % 2 == 0
            made = phase(root, workers=asked.workers, seconds=asked.seconds, with_page=with_page, number=number,
                         pace=asked.pace)  # fmt: skip
            phases[with_page].append(made)
            print(with_page, f"{made.pictures / made.seconds:.1f}", file=sys.stderr, flush=True)
        print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        print(said(f"{asked.workers}", phases[True]))
        print(said(f"{asked.workers}, without the page", phases[False]))
        print((root / "shop/outbox/index.html").stat().st_size, len(list((root / "shop/inbox").glob("*.yaml"))))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        sys.exit(be_worker(sys.argv[3:], Path(sys.argv[2])))
    sys.exit(main())
