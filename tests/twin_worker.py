"""A whole worker as a process of its own, with the painting twin in place of the model: no torch, small pictures.

`python twin_worker.py ROOT --id ID --state DIR [--drain] [--pace S] [--lease S]`; runs until SIGTERM, or drains.
Whatever it publishes is a real job folder; it is for share tests and kill tests, where starts must be quick.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from twins import PaintingRenderer  # noqa: E402

from worker.backlog import Backlog  # noqa: E402
from worker.clocks import Clocks, suspended_too, utc_now  # noqa: E402
from worker.daemon import Daemon, Pace  # noqa: E402
from worker.delivery import FileDelivery  # noqa: E402
from worker.identity import ModelIdentity, WorkerIdentity  # noqa: E402
from worker.job.reader import JobFiles  # noqa: E402
from worker.operations import events  # noqa: E402
from worker.operations.record import FolderRecorder, WorkerFiles  # noqa: E402
from worker.records import Limits, Recommendation  # noqa: E402
from worker.run_job import JobRunner  # noqa: E402
from worker.share_retry import Patience  # noqa: E402
from worker.spool import FolderSpool, InboxWakeup, SpoolOptions, kind_of_system, open_folders  # noqa: E402

MODEL = ModelIdentity(id="twin", kind="base", sha256="0" * 64, demo=False)
RECOMMENDATION = Recommendation(width_px=64, height_px=64, steps=2, guidance=3.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Work as asked; the exit code is the daemon's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--id", required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--drain", action="store_true")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds a picture takes")
    parser.add_argument("--lease", type=float, default=120.0)
    asked = parser.parse_args(arguments)
    events.configure("json")
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    folders = open_folders(*(asked.root / name for name in ("inbox", "outbox", "failed")))
    spool = FolderSpool(
        folders, worker_id=asked.id, state_dir=asked.state,
        options=SpoolOptions(settle_s=0.3, lease_s=asked.lease), clock=suspended_too,
    )  # fmt: skip
    wakeup = InboxWakeup(folders.inbox, kind_of_system=kind_of_system)
    with spool.lock():
        daemon = _daemon(asked, spool, wakeup, lambda: bool(stopped))
        code = daemon.run(drain=asked.drain)
    wakeup.close()
    return int(code)


def _daemon(
    asked: argparse.Namespace, spool: FolderSpool, wakeup: InboxWakeup, should_stop: Callable[[], bool]
) -> Daemon:
    reader = JobFiles(Limits(), RECOMMENDATION, guidance_matters=True)
    workers = asked.root / "inbox/.zimage-worker/workers"
    recorder = FolderRecorder(
        WorkerFiles(state=workers / f"{asked.id}.json", speed=workers / f"{asked.id}.speed.json"),
        about={"id": asked.id}, now=utc_now, monotonic=time.monotonic,
    )  # fmt: skip
    patience = Patience(spool=spool, recorder=recorder, wakeup=wakeup, scan_s=0.5, away_s=1.0, should_stop=should_stop)
    runner = JobRunner(
        spool=spool, renderer=PaintingRenderer(after=lambda _: time.sleep(asked.pace)), delivery=FileDelivery(),
        recorder=recorder, clocks=Clocks(), model=MODEL, should_stop=should_stop,
        wait_while_paused=patience.wait_while_paused,
        worker=lambda info: WorkerIdentity(
            id=asked.id, host="h", version="0", torch=info.torch, diffusers=info.diffusers, gpu=info.gpu
        ),
    )  # fmt: skip
    return Daemon(
        spool=spool, jobs=reader, backlog=Backlog(reader, grace_s=60.0, clock=suspended_too),
        runner=runner, delivery=FileDelivery(),
        patience=patience, pace=Pace(attempts=1_000, leftovers_s=2.0), monotonic=time.monotonic,
        should_stop=should_stop,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
