"""What a worker writes down about itself, for `status` on any machine and for `plan`.

Two small JSON files per worker: its state, and its speed with the room on its card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.disk.temporaries import remove_temporaries_of
from worker.translation import translated

WRITE_EVERY_S = 2.0
"""Least time between two versions of a state that only progresses: a write is a round trip on a share."""

MOST = 1e12
"""Above every figure that a worker writes; NaN is not below it."""

SPEED_WEIGHT = 0.2
"""Weight of the newest picture in the running mean of the speed: follows a change within some ten pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFiles:
    """Where one worker's two files lie."""

    root: Path
    """A folder above both that is never made here: where it is missing, the share is away."""
    state: Path
    speed: Path


class FolderRecorder:
    """Satisfies `ports.Recorder` with files on the share; a failing share loses a note, never a job."""

    def __init__(
        self,
        files: WorkerFiles,
        *,
        about: Mapping[str, object],
        now: Callable[[], str],
        monotonic: Callable[[], float],
        heard: Callable[..., object] = lambda _state, **_: None,
    ) -> None:
        """Keep the places; nothing is written yet.

        Args:
            files: where to write.
            about: what stays the same, such as the worker's id and host.
            now: ISO 8601, UTC.
            monotonic: seconds.
            heard: hears each state with `job` and `reason`, before it is written: the service manager does.
        """
        self._heard = heard
        self._files = files
        self._about = dict(about)
        self._now = now
        self._monotonic = monotonic
        self._since = now()
        self._last: tuple[str, str | None, float] | None = None
        self._counter = 0
        self._is_swept = False
        self.on_change: Callable[[], object] = lambda: None
        """Called once another state or job is written down."""
        self._speeds = read_speeds(files.speed)
        self._room_mib = read_room_mib(files.speed)

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """Write the state down: at once when it or the job changed, else at most every `WRITE_EVERY_S`."""
        self._heard(state, job=job, reason=facts.get("reason", ""))
        now_s = self._monotonic()
        if self._last is not None and self._last[:2] == (state, job) and now_s - self._last[2] < WRITE_EVERY_S:
            return
        is_new = self._last is None or self._last[:2] != (state, job)
        if is_new:
            self._since = self._now()
        self._last = (state, job, now_s)
        self._counter += 1
        if "reason" in facts:  # who asks for the status reads it, in whatever language
            facts["reasons"] = {"zh": translated(str(facts["reason"]), "zh")}
        record = {
            **self._about, "state": state, "job": job, **facts,
            "since": self._since, "written_at": self._now(), "counter": self._counter,
        }  # fmt: skip
        self._write(self._files.state, record)
        if is_new:
            self.on_change()

    def speed(self, model: str, *, pixel_steps: int, seconds: float) -> None:
        """Blend one picture into the model's running mean, in seconds per million pixel-steps."""
        newest = seconds / (pixel_steps / 1e6)
        former = self._speeds.get(model, newest)
        self._speeds[model] = former + SPEED_WEIGHT * (newest - former)
        self._write_figures()

    def seconds_per_pixel_step(self) -> float | None:
        """Of the slowest model that this worker has made pictures with; None when there is none."""
        return max(self._speeds.values(), default=0.0) / 1e6 or None

    def room(self, room_mib: float | None) -> None:
        """Write down how much of the card's memory there is for this worker, in MiB; None on the CPU."""
        self._room_mib = room_mib
        self._write_figures()

    def _write_figures(self) -> None:
        figures = {"seconds_per_million_pixel_steps": self._speeds, "room_mib": self._room_mib}
        self._write(self._files.speed, {**figures, "written_at": self._now()})

    def _write(self, path: Path, record: Mapping[str, object]) -> None:
        """Replace the file as a whole; not fsynced, since the next version is seconds away."""
        text, root = json.dumps(record, ensure_ascii=False) + "\n", self._files.root
        try:
            make_folder(path.parent, below=root)
            if not self._is_swept:
                for file in (self._files.state, self._files.speed):
                    remove_temporaries_of(file)
            self._is_swept = True
            replace_file(path, text, below=root)
        except OSError:  # the share is away: the daemon finds that out by itself
            return


def read_speeds(path: Path) -> dict[str, float]:
    """Seconds per million pixel-steps by model id; empty when none was recorded."""
    speeds = read_worker_file(path).get("seconds_per_million_pixel_steps", {})
    listed = speeds.items() if isinstance(speeds, dict) else ()
    return {str(model): rate for model, value in listed if (rate := _figure(value)) is not None}


def read_room_mib(path: Path) -> float | None:
    """Memory of the card that the worker may use, in MiB; None when none was recorded."""
    return _figure(read_worker_file(path).get("room_mib"))


def _figure(value: object) -> float | None:
    """A figure above 0 from a record; None for anything else: a share is open to other writers."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MOST:
        return float(value)
    return None


def read_worker_file(path: Path) -> dict[str, object]:
    """What a worker wrote down; empty when there is nothing yet, it is being replaced, or the share is away."""
    try:
        return read_record(path)
    except OSError:
        return {}
