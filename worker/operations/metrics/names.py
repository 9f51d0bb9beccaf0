"""Every figure for Prometheus: its name, kind, labels and meaning. The one table, which pages and alerts keep to.

Source: Prometheus, "Metric and label naming": base units, `_total` for counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    """Beside `worker`, which each has: several workers of a machine may be read by one node_exporter."""
    values: Mapping[str, tuple[str, ...]] | None = None
    """Values that a label has from the start, so that a rate is known from the first one on."""


PREFIX = "zimage_worker_"
STATES = ("starting", "idle", "rendering", "paused", "stopped")
REASONS = ("pause", "share", "model", "room", "hours", "card", "rest", "other")
"""Why a worker waits."""
STATUSES = ("complete", "partial", "failed", "cancelled", "refused")
STAGES = ("encode", "denoise", "decode", "file")

FIGURES: Mapping[str, Figure] = {
    "info": Figure(
        kind="gauge", help="Always 1; its labels say what runs.", labels=("host", "version", "model", "device")
    ),
    "up": Figure(kind="gauge", help="1 while the worker runs, 0 once it has ended."),
    "start_time_seconds": Figure(kind="gauge", help="When the worker was started, in seconds since 1970."),
    "state": Figure(kind="gauge", help="1 for the state that the worker is in, 0 for the others.", labels=("state",)),
    "paused": Figure(
        kind="gauge", help="1 for the reason for which the worker waits, 0 for the others.", labels=("reason",)
    ),
    "last_progress_timestamp_seconds": Figure(
        kind="gauge", help="When the worker last did a step or looked for work, in seconds since 1970."
    ),
    "jobs_ended_total": Figure(
        kind="counter", help="Jobs that ended, by how.", labels=("status",), values={"status": STATUSES}
    ),
    "job_seconds": Figure(kind="summary", help="Seconds of work on jobs that were rendered, without waiting."),
    "pictures_total": Figure(
        kind="counter", help="Pictures that were made or have failed.", labels=("outcome",),
        values={"outcome": ("made", "failed")},
    ),
    "picture_seconds": Figure(kind="summary", help="Seconds that pictures took, all their tries together."),
    "stage_seconds": Figure(kind="summary", help="Seconds of each part of making pictures.", labels=("stage",)),
    "tries_refused_total": Figure(
        kind="counter", help="Tries that gave no good picture, by what came of them and the rung that was tried.",
        labels=("outcome", "rung"),
    ),
    "queue_jobs": Figure(kind="gauge", help="Jobs that wait in the inbox."),
    "queue_pictures": Figure(kind="gauge", help="Pictures that they ask for."),
    "queue_oldest_seconds": Figure(
        kind="gauge", help="For how long this worker has seen the job wait that waits longest, of the first 200."
    ),
    "queue_left_seconds": Figure(kind="gauge", help="Until all of them are done; not there while nobody knows."),
    "job_pictures": Figure(kind="gauge", help="Pictures of the job in work."),
    "job_pictures_done": Figure(kind="gauge", help="How many of these are done."),
    "disk_free_bytes": Figure(kind="gauge", help="Free on the disk of the outbox."),
    "disk_reserve_bytes": Figure(kind="gauge", help="What is kept free there: a job that would use it waits."),
    "card_memory_peak_bytes": Figure(kind="gauge", help="The most of the card's memory that the last job took."),
    "card_temperature_celsius": Figure(kind="gauge", help="The hottest that the card was during the last job."),
    "card_hot_total": Figure(kind="counter", help="How often the card stayed too hot to go on."),
    "renderer_restarts_total": Figure(kind="counter", help="How often the rendering process was replaced."),
    "stalls_total": Figure(kind="counter", help="How often no step was done for half an hour."),
    "share_away": Figure(kind="gauge", help="1 while a folder cannot be read or written."),
    "model_away": Figure(kind="gauge", help="1 while the model is not there."),
    "window_open": Figure(kind="gauge", help="1 within the hours in which the worker may render; not there without."),
    "proofs_total": Figure(
        kind="counter", help="Proofs that were published, approved and rejected.", labels=("event",),
        values={"event": ("published", "approved", "rejected")},
    ),
    "hooks_total": Figure(
        kind="counter", help="Hooks that ran, by whether they went well.", labels=("outcome",),
        values={"outcome": ("ok", "failed")},
    ),
    "notifications_failed_total": Figure(kind="counter", help="Notifications that could not be sent."),
    "folders_retired_total": Figure(
        kind="counter", help="Old folders that were archived, removed or, for a reason, kept.", labels=("outcome",),
        values={"outcome": ("archived", "removed", "kept")},
    ),
}  # fmt: skip
"""By name without PREFIX."""


def samples_of(name: str) -> tuple[str, ...]:
    """Whole names of the lines that a figure has.

    Args:
        name: of the table.
    """
    whole = PREFIX + name
    return (f"{whole}_sum", f"{whole}_count") if FIGURES[name].kind == "summary" else (whole,)
