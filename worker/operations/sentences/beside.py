"""Sentences about what runs beside the jobs: the hook, the figures for Prometheus, what becomes of old folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.operations.facts import FACT, Facts
from worker.translation import Text, gettext

BESIDE: Mapping[str, Text | Callable[[Facts], str | None]] = {
    "hook.failed": gettext("The hook of {job} failed: {reason}.", job=FACT, reason=FACT),
    "hook.not_marked": gettext(
        "The hook of {job} could not be noted ({error}): if the worker stops now, it may run twice, or not at all.",
        job=FACT, error=FACT,
    ),
    "metrics.not_written": gettext("The figures in {path} could not be written ({error}); they are tried again.",
                                   path=FACT, error=FACT),
    "folder.archived": gettext("archived: {folder}, now {target}", folder=FACT, target=FACT),
    "folder.removed": gettext("deleted as it is old: {folder}", folder=FACT),
    "folder.kept": gettext("{folder} is old, and stays: {reason}", folder=FACT, reason=FACT),
    "retention.waits": gettext("No old folder is touched: {reason}", reason=FACT),
}  # fmt: skip
"""By event."""
BESIDE_NOT_SHOWN = frozenset({"hook.ran", "job.appeared"})
"""Events that say nothing to a person at a terminal."""
