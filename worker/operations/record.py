"""What a worker writes down about itself, for `status` on any machine and for `plan`.

Two small JSON files per worker: its state, and its speed with the room on its card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.disk.temporaries import remove_temporaries_of
from worker.operations.between_jobs import BetweenJobs
from worker.operations.queue_forecast import InWork
from worker.operations.queue_record import AT_WORK, LivesOf, QueueRecord
from worker.operations.record_schema import INTERRUPTED
from worker.operations.speed_rows import between_in, figure_in, older_speeds, rows_of, speeds_in
from worker.operations.speeds import Speeds, learned, seconds_of
from worker.overview_records import WaitingJob
from worker.queued_job import QueuedJob
from worker.records import PictureKind
from worker.translation import translated

WRITE_EVERY_S = 2.0
"""Least time between two versions of a state that only progresses: a write is a round trip on a share."""

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
        sizes: Callable[[], Mapping[str, float]] = dict,
        lives: LivesOf = tuple,
    ) -> None:
        """Keep the places; nothing is written yet.

        Args:
            files: where to write.
            about: what stays the same, such as the worker's id and host.
            now: ISO 8601, UTC.
            monotonic: seconds.
            heard: hears each state with `job` and its other facts, before it is written: the service manager does.
            sizes: bytes per pixel of finished files that were measured, by format.
            lives: tells which of the workers beside it live: they divide the queue.
        """
        self._heard = [heard]
        self._sizes = sizes
        self._files = files
        self._about = dict(about)
        self._now = now
        self._monotonic = monotonic
        self._since = now()
        self._last: tuple[str, str | None, float] | None = None
        self._counter = 0
        self._is_swept = False
        self._in_work: dict[str, object] | None = None
        self.on_change: Callable[[], object] = lambda: None
        """Called once another state or job is written down."""
        self._speeds = read_speeds(files.speed)
        self._learned = read_learned(files.speed)
        self._met: set[tuple[str, PictureKind]] = set()
        """Models and kinds of which this process has made pictures."""
        self._model = ""
        self._left: tuple[Mapping[PictureKind, int], float] = ({}, 0.0)
        """What is left of the job in work, and since when that is so."""
        self._between = BetweenJobs(between_in(read_worker_file(files.speed)))
        self._doing: tuple[str, object] = ("starting", {})
        """State, and what is left of the job in work."""
        self._priority = 0
        """Of the job in work."""
        self._notes, self._has_news = dict[str, str](), False
        self._queue = QueueRecord(files.state, lives=lives, now=now, monotonic=monotonic)
        self._room_mib = read_room_mib(files.speed)

    def use(self, model: str) -> None:
        """From now on forecasts are of this model.

        Args:
            model: its id.
        """
        self._model = model

    def add_listener(self, heard: Callable[..., object]) -> None:
        """Let this hear each state too.

        Args:
            heard: hears it with `job` and its other facts.
        """
        self._heard.append(heard)

    def note(self, text: str) -> None:
        """From now on tell this in every state, to people and to whoever hears; nothing more where it is empty."""
        self._notes = {"en": text, "zh": translated(text, "zh")} if text else {}
        self._has_news = True

    def queue(self, jobs: Sequence[QueuedJob]) -> Sequence[WaitingJob]:
        """In this order jobs would be taken now; told with the next state, too."""
        self._queue.queue(jobs)
        self._foresee(is_new=False)
        return self._queue.waiting()

    def _foresee(self, *, is_new: bool) -> None:
        left_s, pictures = self._left_s(now_s=self._monotonic()), sum(self._left[0].values())
        others_s = (seconds_of(self._learned.get(self._model, ()), self._left[0]) or 0.0) * (1 - 1 / max(1, pictures))
        gives_way_in_s = max(0.0, (left_s or 0.0) - others_s)
        in_work = InWork(priority=self._priority, left_s=left_s, gives_way_in_s=gives_way_in_s)
        self._queue.foresee(
            self._learned.get(self._model, ()),
            in_work=in_work if self._doing[0] == "rendering" else None,
            between_s=self._between.seconds,
            is_new=is_new,
            is_at_work=self._doing[0] in AT_WORK,
        )

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """Write the state down: at once when it or the job changed, else at most every `WRITE_EVERY_S`."""
        now_s, self._doing = self._monotonic(), (state, facts.pop("left", {}))
        priority = facts.pop("priority", 0)
        self._priority = priority if isinstance(priority, int) else 0
        if state == "rendering":
            left_s = self._left_s(now_s=now_s)
            facts["left_s"] = None if left_s is None else round(left_s, 1)
        heard = {**facts, "note": self._notes["en"]} if self._notes else facts
        for hear in self._heard:
            hear(state, job=job, **heard)
        self._between.state(state, job=job, now_s=now_s)
        is_noted, self._has_news = self._has_news, False
        is_same = self._last is not None and self._last[:2] == (state, job)
        if self._last is not None and is_same and not is_noted and now_s - self._last[2] < WRITE_EVERY_S:
            return
        is_new = not is_same
        if is_new:
            self._since = self._now()
        self._last = (state, job, now_s)
        self._counter += 1
        facts |= self._broken_off(state, job, facts)
        self._foresee(is_new=is_new)
        facts |= self._queue.told() | ({"notes": self._notes} if self._notes else {})
        if "reason" in facts:  # who asks for the status reads it, in whatever language
            facts["reasons"] = {"zh": translated(str(facts["reason"]), "zh")}
        record = {
            **self._about, "state": state, "job": job, **facts,
            "since": self._since, "written_at": self._now(), "counter": self._counter,
        }  # fmt: skip
        self._write(self._files.state, record)
        if is_new or is_noted:
            self.on_change()

    def _broken_off(self, state: str, job: str | None, facts: Mapping[str, object]) -> Mapping[str, object]:
        """What is still told, while the worker waits, of the job that it had in work."""
        if state == "rendering":
            self._in_work = {"job": job, **{key: facts[key] for key in INTERRUPTED if key in facts}}
        elif state != "paused":
            self._in_work = None
        return {} if state == "rendering" or self._in_work is None else {"interrupted": self._in_work}

    def settled(self, *, done: int, failed: int) -> None:
        """What is told of the job in work while the worker waits."""
        if self._in_work is not None:
            self._in_work |= {"done": done, "failed": failed}

    def speed(self, model: str, *, kind: PictureKind, seconds: float, pictures: int = 1) -> None:
        """Blend pictures into the model's running means: of their kind, and in seconds per million pixel-steps."""
        self._between.made(now_s=self._monotonic())
        newest = seconds / (kind.pixel_steps / 1e6)
        former = self._speeds.get(model, newest)
        self._speeds[model] = former + SPEED_WEIGHT * (newest - former)
        is_first = (model, kind) not in self._met
        self._met.add((model, kind))
        known = self._learned.get(model, ())
        self._learned[model] = learned(known, kind, seconds=seconds, pictures=pictures, is_first=is_first)
        self._write_figures()

    def _left_s(self, *, now_s: float) -> float | None:
        """Until what is left is made; the picture in work has been going since the last one was done."""
        left = self._doing[1]
        if not isinstance(left, Mapping):
            return None
        if left != self._left[0]:
            self._left = dict(left), now_s
        seconds = seconds_of(self._learned.get(self._model, ()), left)
        pictures = sum(left.values())
        return seconds and pictures and seconds - min(now_s - self._left[1], seconds / pictures)

    def seconds_per_pixel_step(self) -> float | None:
        """Of the slowest model that this worker has made pictures with; None when there is none."""
        return max(self._speeds.values(), default=0.0) / 1e6 or None

    def room(self, room_mib: float | None) -> None:
        """Write down how much of the card's memory there is for this worker, in MiB; None on the CPU."""
        self._room_mib = room_mib
        self._write_figures()

    def _write_figures(self) -> None:
        kinds = {model: rows_of(speeds) for model, speeds in self._learned.items()}
        figures = {
            "seconds_per_million_pixel_steps": self._speeds, "room_mib": self._room_mib, "seconds_per_picture": kinds,
            "model": self._model, "bytes_per_pixel": self._sizes(),
            "seconds_between_jobs": round(self._between.seconds, 3),
        }  # fmt: skip
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
    return _rates_in(read_worker_file(path))


def _rates_in(record: Mapping[str, object]) -> dict[str, float]:
    speeds = record.get("seconds_per_million_pixel_steps", {})
    listed = speeds.items() if isinstance(speeds, dict) else ()
    return {str(model): rate for model, value in listed if (rate := figure_in(value)) is not None}


def read_learned(path: Path) -> dict[str, Speeds]:
    """As `learned_in` a worker's speed file."""
    return learned_in(read_worker_file(path))


def learned_in(record: Mapping[str, object]) -> dict[str, Speeds]:
    """What pictures took, by model id; of a model of which only an older version wrote, as far as that tells.

    Args:
        record: of a worker's speed.
    """
    return older_speeds(_rates_in(record)) | speeds_in(record.get("seconds_per_picture"))


def read_room_mib(path: Path) -> float | None:
    """Memory of the card that the worker may use, in MiB; None when none was recorded."""
    return figure_in(read_worker_file(path).get("room_mib"))


def read_worker_file(path: Path) -> dict[str, object]:
    """What a worker wrote down; empty when there is nothing yet, it is being replaced, or the share is away."""
    try:
        return read_record(path)
    except OSError:
        return {}
