"""The hook of a worker, joined: hears the log, and runs in a thread of its own while the worker holds its lock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from worker.compose.from_settings import local_name
from worker.operations import events
from worker.operations.hooks.marks import Marks
from worker.operations.hooks.process import ENDS_S
from worker.operations.hooks.runner import Command, HookRunner
from worker.operations.systemd import notify_starting
from worker.settings import Settings

WAIT_S = 60.0
"""Of the thread, for something to do: whatever comes rings."""
LOOK_S = 0.2
"""Between two looks whether a drain's hooks are done."""
RESTS_S = 60.0
"""So long a drain waits for a share that is away, for its hooks: they run at the next start."""
SAYS_S = 10.0
"""Between two words to the service manager meanwhile."""


def command_of(settings: Settings) -> Command | None:
    """What is run after each job.

    Args:
        settings: of the worker.
    """
    return Command(words=settings.hook.command, limit_s=settings.hook.limit_s) if settings.hook else None


def hook_runner(settings: Settings, *, require: Callable[[], object] = lambda: None) -> HookRunner:
    """The runner of a worker, whose marks lie in its `state_dir`, apart from those of other workers and inboxes.

    Args:
        settings: of the worker.
        require: raises OSError where the folders are not the right ones.
    """
    return HookRunner(
        command_of(settings),
        marks=Marks(settings.state_dir / "hooks" / local_name(settings, settings.worker_id)),
        folders={"outbox": settings.outbox.absolute(), "failed": settings.failed.absolute()},
        worker_id=settings.worker_id,
        require=require,
    )


@contextmanager
def running(runner: HookRunner, *, drain: bool, should_stop: Callable[[], bool]) -> Iterator[HookRunner]:
    """Let it hear and run while the context lasts; a drain then waits for the hooks of its jobs.

    Args:
        runner: of the worker, whose lock is held.
        drain: the worker ends once the inbox is empty, and nobody starts it again soon.
        should_stop: whether the worker is asked to stop: then what is run is ended, and run again at the next start.
    """
    is_over = threading.Event()

    def go_on() -> None:
        while not is_over.is_set():
            runner.turn(WAIT_S)
        runner.close()

    thread = threading.Thread(target=go_on, name="hook", daemon=True)
    thread.start()
    try:
        with events.heard_by(runner.hear):
            yield runner
        if drain:
            _outlast(runner, should_stop=should_stop)
    finally:
        is_over.set()
        runner.stop()
        thread.join(2 * ENDS_S)


def _outlast(runner: HookRunner, *, should_stop: Callable[[], bool]) -> None:
    never, rested_s = threading.Event(), 0.0
    for look in itertools.count():
        rested_s += LOOK_S * runner.is_resting()
        if runner.is_idle() or should_stop() or rested_s > RESTS_S:
            return
        if look % round(SAYS_S / LOOK_S) == 0:
            notify_starting()
        never.wait(LOOK_S)
