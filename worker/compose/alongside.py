"""What runs alongside a worker's jobs, in threads of their own: pages, hook, figures, old folders, a run's mark.

Each follows the settings while the worker runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from worker.compose import hooks, metrics, retention
from worker.compose.bootstrap import Worker
from worker.compose.notifying import Telling
from worker.compose.overview.writer import OverviewWriter
from worker.compose.report.journal import keep_journal
from worker.compose.unclean_stop import marked_run
from worker.settings import Settings


@contextmanager
def alongside(
    worker: Worker, told: Telling, overview: OverviewWriter, *, drain: bool, should_stop: Callable[[], bool]
) -> Iterator[None]:
    """Let all of it run while the context lasts.

    Args:
        worker: whose lock is held.
        told: tells people what it hears.
        overview: shows people what the worker does.
        drain: the worker ends once the inbox is empty.
        should_stop: whether the worker is asked to stop.
    """
    settings = worker.settings
    hook = hooks.hook_runner(settings, require=worker.spool.require)
    figures = metrics.metrics_of(settings)
    old = retention.retention_of(settings, worker.spool)

    def take(new: Settings) -> None:
        hook.command = hooks.command_of(new)
        figures.use(new)
        old.rules = retention.rules_of(new)
        told.use(new)

    worker.live.follow(take)
    worker.live.follow(lambda new: overview.speak(new.language))
    worker.recorder.on_change = overview.ring
    worker.recorder.add_listener(lambda _state, **_facts: overview.watch())
    journal = keep_journal(worker)
    with ExitStack() as held:
        held.enter_context(metrics.writing(figures))
        metrics.follow(figures, worker.recorder)
        held.enter_context(marked_run(settings, worker.recorder.former(), note=journal.unclean_stop))
        worker.recorder.add_listener(told.hear_state)
        held.enter_context(hooks.running(hook, drain=drain, should_stop=should_stop))
        held.enter_context(retention.running(old, drain=drain, should_stop=should_stop))
        worker.recorder.add_listener(old.state)
        yield
