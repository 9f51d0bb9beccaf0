"""A whole worker as a process of its own, with the painting twin in place of the model: no torch, small pictures.

`python twin_worker.py ROOT --id ID --state DIR [--drain] [--pace S] [--lease S] [--page]`; runs until SIGTERM, or
drains. While a picture takes its time the worker beats and hears, as it does while a real one is made.
Whatever it publishes is a real job folder; it is for share tests and kill tests, where starts must be quick.
"""

from __future__ import annotations

import argparse
import faulthandler
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from twins import PaintingRenderer  # noqa: E402

from worker.compose.bootstrap import bootstrap  # noqa: E402
from worker.compose.overview.writer import overview_writer, writing  # noqa: E402
from worker.daemon.loop import Pace  # noqa: E402
from worker.identity import ModelIdentity  # noqa: E402
from worker.operations import events  # noqa: E402
from worker.records import Limits  # noqa: E402
from worker.settings import Settings  # noqa: E402
from worker.spool import in_a_thread  # noqa: E402

MODEL = ModelIdentity(id="twin", kind="base", sha256="0" * 64, demo=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Work as asked; the exit code is the daemon's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--id", required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--drain", action="store_true")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds a picture takes")
    parser.add_argument("--lease", type=float, default=120.0)
    parser.add_argument("--page", action="store_true", help="write the page of everything, as `run` does")
    asked = parser.parse_args(arguments)
    events.configure("json")
    faulthandler.register(signal.SIGUSR1)  # where it is, for whoever finds that it hangs
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    settings = Settings.model_validate(
        {
            **{name: asked.root / name for name in ("inbox", "outbox", "failed")},
            "worker_id": asked.id, "state_dir": asked.state, "lease_s": asked.lease,
            "settle_s": 0.3, "scan_s": 0.5, "away_s": 1.0,
            "model_kind": "base", "size": "64x64", "steps": "2", "guidance": "3",
        },
        context=Limits(),
    )  # fmt: skip
    worker = bootstrap(
        settings,
        renderer=lambda idle: PaintingRenderer(after=lambda _: paced(asked.pace, idle)),
        should_stop=lambda: bool(stopped),
        pace=Pace(attempts=1_000, leftovers_s=2.0),
        driver=in_a_thread,
    )
    with ExitStack() as held:
        if asked.page:  # first, as in the program: its last page says that the worker has stopped
            overview = held.enter_context(writing(overview_writer(settings)))
            worker.recorder.on_change = overview.ring
        held.enter_context(closing(worker))
        held.enter_context(worker.spool.ownership.lock())
        if asked.page:
            overview.begun()
        return int(worker.daemon(MODEL).run(drain=asked.drain))


def paced(seconds: float, idle: Callable[[], None]) -> None:
    """So long a picture takes; `idle` is called once a second, as the real renderer does."""
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(1.0, left_s))
        idle()


if __name__ == "__main__":
    sys.exit(main())
