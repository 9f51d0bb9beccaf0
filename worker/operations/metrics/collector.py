"""Counts what the log tells, and keeps what the worker's record says: the figures of one worker.

Knows events and their facts; counts begin at 0 with the worker, as Prometheus expects it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from threading import Lock

from worker.disk.free_room import MIB
from worker.disk.record_fields import count_in, inner, objects_in, seconds_in, text_in
from worker.operations.facts import Facts, number, seconds_of
from worker.operations.metrics.names import FIGURES, REASONS, STAGES, STATES
from worker.operations.metrics.text import Labels, metrics_text

MOST_LABELS = 100
"""Different labels of one figure; others are counted as `other`."""
PLAIN: Mapping[str, tuple[str, Labels]] = {
    "renderer.replaced": ("renderer_restarts_total", ()),
    "worker.stalled": ("stalls_total", ()),
    "card.hot": ("card_hot_total", ()),
    "hook.ran": ("hooks_total", (("outcome", "ok"),)),
    "hook.failed": ("hooks_total", (("outcome", "failed"),)),
    "proof.published": ("proofs_total", (("event", "published"),)),
    "proof.approved": ("proofs_total", (("event", "approved"),)),
    "proof.rejected": ("proofs_total", (("event", "rejected"),)),
    "folder.archived": ("folders_retired_total", (("outcome", "archived"),)),
    "folder.removed": ("folders_retired_total", (("outcome", "removed"),)),
    "folder.kept": ("folders_retired_total", (("outcome", "kept"),)),
    "job.refused": ("jobs_ended_total", (("status", "refused"),)),
}
"""Events that are counted as they are: the figure, and its labels."""
SWITCHES: Mapping[str, tuple[str, bool]] = {
    "share.away": ("share", True), "share.back": ("share", False),
    "model.away": ("model", True), "worker.ready": ("model", False),
    "space.short": ("room", True), "job.started": ("room", False),
    "window.ended": ("hours", True), "window.begun": ("hours", False),
    "card.hot": ("card", True), "card.cooled": ("card", False), "picture.made": ("card", False),
    "run.delayed": ("rest", True), "model.loading": ("rest", False),
}  # fmt: skip
"""Events after which a reason to wait stands, or is over."""
SAID_REASONS = (("PAUSE", "pause"), ("card", "card"), ("hours", "hours"))
"""By a word in the reason of `worker.paused`."""


class Figures:
    """Of one worker; may be told from any thread, and asked from another."""

    def __init__(self, *, worker: str, host: str, version: str, device: str, wall_s: Callable[[], float]) -> None:
        """Begin to count.

        Args:
            worker: its id.
            host: its machine's name.
            version: of this program.
            device: as it is set, until it is known.
            wall_s: seconds since 1970.
        """
        self._worker = worker
        self._about = {"host": host, "version": version, "model": "", "device": device}
        self._wall_s = wall_s
        self._lock = Lock()
        self._values: dict[str, dict[Labels, tuple[float, ...]]] = {
            name: {((label, value),): (0.0,) for label, values in (one.values or {}).items() for value in values}
            if one.labels
            else {(): (0.0,)}
            for name, one in FIGURES.items()
            if one.kind == "counter"
        }
        self._reasons: set[str] = set()
        self._seen: dict[str, float] = {}
        """Since when each waiting job has been seen, in seconds since 1970."""
        self._gauge("start_time_seconds", wall_s())
        self._gauge("last_progress_timestamp_seconds", wall_s())
        self._state("starting")

    def hear(self, event: str, facts: Facts) -> None:
        """An event of the log; in the thread that logs it, which goes on at once.

        Args:
            event: its name.
            facts: its own.
        """
        with self._lock:
            if event in PLAIN:
                name, labels = PLAIN[event]
                self._add(name, labels)
            if event in SWITCHES:
                self._switch(*SWITCHES[event])
            if event in _HEARD:
                _HEARD[event](self, facts)

    def state(self, state: str, **facts: object) -> None:
        """A state of the worker, as its recorder's listeners hear it.

        Args:
            state: one of STATES.
            facts: of the job in work.
        """
        with self._lock:
            if state != "paused":
                self._reasons -= {"share", "rest", "room"}
            if state in ("idle", "rendering", "starting"):
                self._gauge("last_progress_timestamp_seconds", self._wall_s())
            for name, key in (("job_pictures", "total"), ("job_pictures_done", "done")):
                self._gauge(name, count_in(facts, key) if state == "rendering" else None)
            self._state(state)

    def record(self, record: Mapping[str, object]) -> None:
        """What the worker writes down about itself."""
        queue = inner(record, "queue_all")
        names = [text_in(one, "name") for one in objects_in(record, "queue")]
        with self._lock:
            now_s = self._wall_s()
            self._seen = {name: min(now_s, self._seen.get(name, now_s)) for name in names}
            self._gauge("queue_jobs", count_in(queue, "jobs"))
            self._gauge("queue_pictures", count_in(queue, "pictures"))
            self._gauge("queue_left_seconds", seconds_in(queue, "ends_in_s"))

    def disk(self, *, free_bytes: float | None, reserve_bytes: float | None) -> None:
        """What is free in the outbox.

        Args:
            free_bytes: None where nobody knows.
            reserve_bytes: kept free there; likewise.
        """
        with self._lock:
            self._gauge("disk_free_bytes", free_bytes)
            self._gauge("disk_reserve_bytes", reserve_bytes)

    def is_away(self) -> bool:
        """Whether the share is known to be away."""
        return "share" in self._reasons

    def text(self, *, is_up: bool = True) -> bytes:
        """The file as it stands now.

        Args:
            is_up: False for the last one.
        """
        with self._lock:
            if not is_up:
                self._state("stopped")
            self._gauge("up", float(is_up))
            self._values["info"] = {tuple(self._about.items()): (1.0,)}
            now_s = self._wall_s()
            self._gauge("queue_oldest_seconds", max((now_s - since_s for since_s in self._seen.values()), default=0.0))
            self._gauge("share_away", float("share" in self._reasons))
            self._gauge("model_away", float("model" in self._reasons))
            return metrics_text(self._values, worker=self._worker)

    def _state(self, state: str) -> None:
        self._values["state"] = {(("state", one),): (float(one == state),) for one in STATES}
        reason = next((one for one in REASONS if one in self._reasons), "other") if state == "paused" else None
        self._values["paused"] = {(("reason", one),): (float(one == reason),) for one in REASONS}

    def _switch(self, reason: str, is_on: bool) -> None:
        self._reasons = self._reasons | {reason} if is_on else self._reasons - {reason}
        if reason == "hours":
            self._gauge("window_open", float(not is_on))

    def _gauge(self, name: str, value: float | None) -> None:
        """Set a figure without labels; None takes it away."""
        if value is None or not math.isfinite(value):
            self._values.pop(name, None)
        else:
            self._values[name] = {(): (float(value),)}

    def _add(self, name: str, labels: Labels = (), *, amount: float = 1.0) -> None:
        known = self._values.setdefault(name, {})
        if labels not in known and len(known) >= MOST_LABELS:
            labels = tuple((label, "other") for label, _ in labels)
        [count] = known.get(labels, (0.0,))
        known[labels] = (count + amount,)

    def _observe(self, name: str, seconds: float, labels: Labels = ()) -> None:
        known = self._values.setdefault(name, {})
        total, count = known.get(labels, (0.0, 0.0))
        known[labels] = (total + seconds, count + 1)

    def _paused(self, facts: Facts) -> None:
        said = str(facts.get("reason"))
        self._reasons.add(next((reason for word, reason in SAID_REASONS if word in said), "other"))

    def _resumed(self, _: Facts) -> None:
        self._reasons -= {"pause", "card", "other"}

    def _dropped(self, facts: Facts) -> None:
        self._add("notifications_failed_total", amount=number(facts, "messages") or 1)

    def _ready(self, facts: Facts) -> None:
        self._about |= {"model": str(facts.get("model") or ""), "device": str(facts.get("gpu") or facts.get("device"))}

    def _settled(self, facts: Facts) -> None:
        self._add("jobs_ended_total", (("status", str(facts.get("status"))),))
        self._observe("job_seconds", seconds_of(facts))
        peak_mib, temperature_c = seconds_of(facts, "peak_mib"), seconds_of(facts, "temperature_c")
        if peak_mib:
            self._gauge("card_memory_peak_bytes", peak_mib * MIB)
        if temperature_c:
            self._gauge("card_temperature_celsius", temperature_c)
        for stage in STAGES:
            if seconds := seconds_of(facts, f"{stage}_s"):
                self._observe("stage_seconds", seconds, (("stage", stage),))

    def _appeared(self, facts: Facts) -> None:
        self._add("jobs_ended_total", (("status", str(facts.get("status"))),))

    def _cancelled(self, facts: Facts) -> None:
        if "left" not in facts:  # else it is told again when it has ended
            self._add("jobs_ended_total", (("status", "cancelled"),))

    def _made(self, facts: Facts) -> None:
        self._add("pictures_total", (("outcome", "made"),))
        self._observe("picture_seconds", seconds_of(facts))

    def _failed(self, facts: Facts) -> None:
        self._add("pictures_total", (("outcome", "failed"),))
        self._observe("picture_seconds", seconds_of(facts))

    def _refused(self, facts: Facts) -> None:
        self._add(
            "tries_refused_total", (("outcome", str(facts.get("outcome"))), ("rung", str(facts.get("rung") or "first")))
        )


_HEARD: Mapping[str, Callable[[Figures, Facts], None]] = {
    "worker.ready": Figures._ready,
    "worker.paused": Figures._paused,
    "worker.resumed": Figures._resumed,
    "notify.dropped": Figures._dropped,
    "job.settled": Figures._settled,
    "job.appeared": Figures._appeared,
    "job.cancelled": Figures._cancelled,
    "picture.made": Figures._made,
    "picture.failed": Figures._failed,
    "picture.refused": Figures._refused,
}
EVENTS = frozenset({*PLAIN, *SWITCHES, *_HEARD})
"""All that are heard."""
