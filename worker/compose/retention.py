"""Retention of a worker, joined: in a thread of its own, in small steps with rests, so that no picture waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import structlog

from worker.compose.from_settings import local_name
from worker.daemon.told_once import ToldOnce
from worker.disk.mount_tables import MountTables
from worker.operations.systemd import notify_starting
from worker.settings import Settings
from worker.spool import Folders, FolderSpool
from worker.spool.retention.archive import Archive
from worker.spool.retention.keeper import Keeper
from worker.spool.retention.old_folders import Rules, folders_due
from worker.translation import Text

log = structlog.get_logger()

EVERY_S = 3600.0
"""Between two looks at all folders."""
RESTS = 3.0
"""While pictures are made it rests so many times as long as a step took: a quarter of a share's time, at most."""
LEAST_S = 0.02
DRAIN_S = 600.0
"""So long a drain goes on with it at its end: it may be the only time of the day at which a worker runs."""
LAST_S = 5.0
"""So long a worker that ends waits for the step in work, at most."""
LOOK_S = 0.5


def rules_of(settings: Settings) -> Rules | None:
    """What goes.

    Args:
        settings: of the worker.
    """
    said = settings.retention
    if said is None:
        return None
    archive = None if said.archive is None else said.archive.absolute()
    return Rules(after_days=said.after_days, which=frozenset(said.which), archive=archive)


def due_now(settings: Settings, folders: Folders) -> int | None:
    """How many folders are old enough to go now; None where nothing is set.

    Args:
        settings: of the worker.
        folders: known to serve.

    Raises:
        OSError: the share failed.
    """
    rules = rules_of(settings)
    return None if rules is None else len(folders_due(folders, rules, now_s=time.time()))


def archive_fault(settings: Settings, tables: MountTables) -> Text | None:
    """Why the archive can take nothing now; None where it can, or where none is set.

    Args:
        settings: of the worker.
        tables: where this machine says what should be mounted.
    """
    rules = rules_of(settings)
    if rules is None or rules.archive is None:
        return None
    roots = (settings.inbox.absolute(), settings.outbox.absolute(), settings.failed.absolute())
    return Archive(rules.archive, roots=roots, worker_id=settings.worker_id, tables=tables).fault()


class Retention:
    """Of one worker."""

    def __init__(self, keeper: Keeper, rules: Rules | None) -> None:
        """Keep the parts; nothing is touched.

        Args:
            keeper: does each step.
            rules: what goes; may be replaced at any time.
        """
        self.rules = rules
        self._keeper = keeper
        self._over = threading.Event()
        self._is_rendering = False
        self._told = ToldOnce()
        self.has_looked = threading.Event()
        """One look at all folders is over."""

    def state(self, state: str, **_: object) -> None:
        """A state of the worker, as its recorder's listeners hear it.

        Args:
            state: rendering, or another.
            _: what it is about.
        """
        self._is_rendering = state == "rendering"

    def stop(self) -> None:
        """Let `go_on` end after the step in work."""
        self._over.set()

    def go_on(self) -> None:
        """Look again and again, until `stop`."""
        while not self._over.is_set():
            self.look()
            self.has_looked.set()
            self._over.wait(EVERY_S)

    def look(self) -> None:
        """Look once at all folders; what a share or a disk refuses is told once, and tried at the next look."""
        begun_s = time.monotonic()
        try:
            with closing(self._keeper.steps(self.rules)) as steps:  # type: ignore[type-var]
                for _ in steps:
                    took_s = time.monotonic() - begun_s
                    self._over.wait(max(LEAST_S, RESTS * took_s) if self._is_rendering else 0.0)
                    if self._over.is_set():
                        return
                    begun_s = time.monotonic()
            self._told.is_over()
        except OSError as error:
            why = str(error)
            if self._told.is_new(why):
                log.warning("retention.waits", reason=why)


def retention_of(settings: Settings, spool: FolderSpool, *, tables: MountTables | None = None) -> Retention:
    """That of a worker.

    Args:
        settings: of the worker.
        spool: its view of the folders.
        tables: where this machine says what should be mounted.
    """
    state_file = settings.state_dir / f"retention-{local_name(settings, settings.worker_id)}.json"
    return Retention(spool.keeper(state_file, tables=tables or MountTables(), wall_s=time.time), rules_of(settings))


@contextmanager
def running(retention: Retention, *, drain: bool, should_stop: Callable[[], bool]) -> Iterator[Retention]:
    """Let it look while the context lasts.

    Args:
        retention: of the worker, whose lock is held.
        drain: the worker ends once the inbox is empty: then the look that it has begun is ended first.
        should_stop: whether the worker is asked to stop.
    """
    thread = threading.Thread(target=retention.go_on, name="retention", daemon=True)
    thread.start()
    try:
        yield retention
        ends_s = time.monotonic() + DRAIN_S
        while drain and not should_stop() and time.monotonic() < ends_s and not retention.has_looked.wait(LOOK_S):
            notify_starting()
    finally:
        retention.stop()
        thread.join(LAST_S)  # not for ever: it may hang with its share
