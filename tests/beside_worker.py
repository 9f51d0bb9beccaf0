"""All that runs beside a worker, as `compose.alongside` joins it, on the clock of a test: no thread, turn by turn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from night_house import NightHouse

from worker import spool
from worker.compose import hooks, metrics
from worker.compose.bootstrap import Worker
from worker.compose.notifying import nobody, plan_of
from worker.compose.overview.outbox import Look
from worker.compose.overview.writer import OverviewWriter
from worker.compose.report.journal import keep_journal
from worker.compose.report.writer import ReportWriter
from worker.compose.retention import Retention, rules_of
from worker.compose.unclean_stop import marked_run
from worker.disk.json_records import read_record
from worker.operations.alerts.notifier import Notifier
from worker.operations.events import heard_by
from worker.operations.metrics.collector import Figures
from worker.settings import Settings
from worker.translation import Text

PAGES_S = 14_400.0
"""Between two looks at everything."""
RETENTION_S = 21_600.0
"""Between two looks for old folders."""
DAY_S = 86_400.0
Send = Callable[..., Mapping[int, Text]]


class Beside:
    """Of one life of a worker; its lock is held."""

    def __init__(self, house: NightHouse, worker: Worker, *, send: Send) -> None:
        settings = worker.settings
        self._house, self._worker, self._settings = house, worker, settings
        self.notifier = Notifier(plan_of(settings) or nobody(settings), send=send, now=house.now_s, wall=house.wall_s)
        figures = Figures(worker="w1", host="h", version="1", device="cpu", wall_s=house.wall_s)
        self.metrics = metrics.Metrics(
            settings.metrics_file, figures=figures, outbox=settings.outbox, reserve_mib=1, monotonic=house.now_s
        )
        self.hook = hooks.hook_runner(settings, require=worker.spool.require)
        state_file = settings.state_dir / "retention.json"
        self.old = Retention(
            worker.spool.keeper(state_file, tables=house.tables, wall_s=house.wall_s), rules_of(settings)
        )
        self.reports = ReportWriter(lambda: house.folders, monotonic=house.now_s)
        self.overview = OverviewWriter(self._open_spool, on_sight=self.reports.see, monotonic=house.now_s)
        self._pages_s = self._old_s = float("-inf")

    def _open_spool(self) -> tuple[spool.Folders, Look]:
        house = self._house
        reader = spool.OverviewReader(
            house.folders,
            state_dir=self._settings.state_dir,
            host=spool.host_name(),
            lease_s=self._settings.lease_s,
            clock=house.now_s,
            wall=house.wall_s,
        )
        return house.folders, lambda language: reader.look(most_ended=20_000, language=language)

    @contextmanager
    def running(self) -> Iterator[None]:
        """As `alongside` and `telling`; a worker that is killed leaves all as it is."""
        worker, recorder = self._worker, self._worker.recorder
        worker.live.follow(self._take)
        self._journal = keep_journal(worker)
        with ExitStack() as held:
            for hear in (self.notifier.hear, self.metrics.hear, self.hook.hear, self.reports.hear):
                held.enter_context(heard_by(hear))
            metrics.follow(self.metrics, recorder)
            held.enter_context(self._marked())
            recorder.add_listener(self.notifier.hear_state)
            recorder.add_listener(self.old.state)
            held.enter_context(self._house.beating(self.turn))
            recorder.state("starting")
            yield
            recorder.state("stopped")
            self._end()

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """Death takes no mark away."""
        self._mark = marked_run(self._settings, self._worker.recorder.former(), note=self._journal.unclean_stop)
        self._mark.__enter__()
        yield
        self._mark.__exit__(None, None, None)

    def _take(self, new: Settings) -> None:
        self.hook.command = hooks.command_of(new)
        self.old.rules = rules_of(new)
        self.notifier.use(plan_of(new) or nobody(new))

    def turn(self) -> None:
        """Each part does what is due."""
        self.hook.turn(0.0)
        self.notifier.step()
        now_s = self._house.now_s()
        if now_s - self._old_s >= RETENTION_S:
            self._old_s = now_s
            self.stamp()
            self.old.state("idle")  # no rest between two steps
            self.old.look()
        if now_s - self._pages_s >= PAGES_S:
            self._pages_s = now_s
            self.look()

    def look(self) -> None:
        """The pages, the report and the figures."""
        self.stamp()
        self.overview.ring()
        self.overview.turn()
        self.reports.turn()
        self.metrics.write()

    def _end(self) -> None:
        self.hook.turn(0.0)
        self.hook.close()
        self.stamp()
        self.overview.last_turn()
        self.reports.last_turn()
        self.metrics.write(is_up=False)
        self.notifier._finish()

    def stamp(self) -> None:
        """Files of the share bear the times of this clock."""
        house, now_s = self._house, self._house.wall_s()
        for path in house.folders.workers.glob("*"):
            os.utime(path, (now_s, now_s))
        for root in (house.folders.outbox, house.folders.failed):
            for folder in root.iterdir():
                if folder.name.startswith("n") and folder.stat().st_mtime > now_s + DAY_S:
                    _stamp_folder(folder, now_s=now_s)


def _stamp_folder(folder: Path, *, now_s: float) -> None:
    ended = read_record(folder / "manifest.json").get("finished_at")
    ended_s = datetime.fromisoformat(ended).timestamp() if isinstance(ended, str) else now_s
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (ended_s, ended_s))
