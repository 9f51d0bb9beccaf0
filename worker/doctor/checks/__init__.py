"""The checks of `doctor`, a file each; the rows stand in the order in which they are told."""

from __future__ import annotations

from worker.doctor.check import Check
from worker.doctor.checks import (
    card,
    compiler,
    device,
    folders,
    hook,
    host,
    memory,
    metrics,
    model,
    notify,
    pause,
    queue,
    results,
    retention,
    room,
    settings,
    time,
    workers,
)

CHECKS: tuple[Check, ...] = (
    settings.check,
    folders.check,
    model.check,
    device.check,
    card.check,
    compiler.check,
    memory.check,
    host.check,
    pause.check,
    workers.check,
    queue.check,
    room.check,
    time.check,
    results.check,
    notify.check,
    hook.check,
    metrics.check,
    retention.check,
)
