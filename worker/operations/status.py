"""What `status` prints: the queue, each worker with its bar and forecast, the last failures.

Knows how a state reads to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BAR_CHARACTERS = 24
SILENT_AFTER = timedelta(seconds=120)
"""A worker writes every few seconds while it renders and at every state change; idle ones only when idle begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the folders hold."""

    waiting: Sequence[str]
    claimed: Sequence[str]
    """`NAME (attempt 2, by studio-pc)`."""
    failures: Sequence[str]
    """Names in `failed/`, newest first."""


def text(queue: Queue, workers: Sequence[Mapping[str, object]], speeds: Mapping[str, float], *, now: datetime) -> str:
    """The whole status.

    Args:
        queue: jobs by state.
        workers: each worker's record as `FolderRecorder` writes it.
        speeds: seconds per million pixel-steps by worker id.
        now: aware, to say how old a record is.
    """
    lines = [f"waiting: {len(queue.waiting)}{_some(queue.waiting)}"]
    lines += [worker_line(worker, speeds.get(str(worker.get("id"))), now=now) for worker in workers]
    if not workers:
        lines.append("no worker has ever run on this inbox: start one with `zimage-worker run`")
    lines += [f"in work: {claim}" for claim in queue.claimed]
    if queue.failures:
        lines.append(f"failed:  {len(queue.failures)}{_some(queue.failures)}: see error.txt in each")
    return "\n".join(lines)


def worker_line(worker: Mapping[str, object], speed: float | None, *, now: datetime) -> str:
    """One worker: state, job, bar, step, time left, and when it was last heard of if that is long ago."""
    parts = [f"worker {worker.get('id')}: {worker.get('state')}"]
    if worker.get("state") == "rendering":
        done, total = _int(worker.get("done")), _int(worker.get("total"))
        parts.append(f"{worker.get('job')} {bar(done, total)} {done}/{total}")
        parts.append(f"{worker.get('file')} step {worker.get('step')}/{worker.get('steps')}")
        if speed is not None:
            parts.append(f"about {duration(speed * _int(worker.get('left_pixel_steps')) / 1e6)} left")
    elif worker.get("reason"):
        parts.append(str(worker["reason"]))
    silent = now - datetime.fromisoformat(str(worker.get("written_at")))
    if worker.get("state") != "stopped" and silent > SILENT_AFTER:
        parts.append(f"last heard of {duration(silent.total_seconds())} ago")
    return "  ".join(parts)


def bar(done: int, total: int) -> str:
    """`[######..................]`."""
    filled = BAR_CHARACTERS * done // total if total else 0
    return f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}]"


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 05 min`: as exact as a forecast deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def _some(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = ", ..." if len(names) > 5 else ""
    return f" ({', '.join(names[:5])}{more})"


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
