"""What a worker writes down about itself, for `status` on any machine and for `plan`.

Two small JSON files per worker: its state, and its speed with the room on its card.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.temporaries import remove_temporaries_of
from worker.hours import Hours
from worker.operations.between_jobs import BetweenJobs
from worker.operations.hours_record import HoursRecord
from worker.operations.job_in_hand import JobInHand
from worker.operations.queue_forecast import InWork, fitting
from worker.operations.queue_record import AT_WORK, LivesOf, QueueRecord
from worker.operations.recorded_figures import read_learned, read_room_mib, read_speeds, read_worker_file
from worker.operations.speed_rows import between_in, rows_of
from worker.operations.speeds import learned, seconds_each, seconds_of, usual_of
from worker.overview_records import WaitingJob
from worker.queued_job import QueuedJob
from worker.records import PictureKind
from worker.translation import translated
from worker.window_outlook import WindowOutlook

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
    """Satisfies `recording_ports.Recorder` with files on the share; a failing share loses a note, never a job."""

    on_change: Callable[[], object] = staticmethod(lambda: None)
    """Called once another state or job is written down."""
    on_outlook: Callable[[WindowOutlook], object] = staticmethod(lambda _: None)
    """Called with what fits into the worker's hours whenever its state is written down."""

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
        hours: Hours | None = None,
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
            hours: in which the worker may render; None: at any time.
        """
        self._hours, self._heard, self._sizes = HoursRecord(hours, now=now), [heard], sizes
        self._files = files
        self._about = dict(about)
        self._now = now
        self._monotonic = monotonic
        self._since = now()
        self._last: tuple[str, str | None, float] | None = None
        self._counter = 0
        self._is_swept = False
        self.on_record: Callable[[Mapping[str, object]], object] = lambda _: None  # called before one is written
        self._in_hand = JobInHand()
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
        self._queue = QueueRecord(files.state, lives=lives, now=now, monotonic=monotonic, hours=self._hours)
        self._room_mib = read_room_mib(files.speed)

    def use(self, model: str) -> None:
        """From now on forecasts are of this model.

        Args:
            model: its id.
        """
        self._model = model

    def keep_hours(self, hours: Hours | None) -> None:
        """From now on the worker may render in these hours; None: at any time."""
        self._hours.hours = hours

    def add_listener(self, heard: Callable[..., object]) -> None:
        """Let this hear each state too.

        Args:
            heard: hears it with `job` and its other facts.
        """
        self._heard.append(heard)

    def former(self) -> Mapping[str, object]:
        """What stands in the record now: before this run has written anything, what the run before it wrote last."""
        return read_worker_file(self._files.state)

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
            is_at_work=self._doing[0] in AT_WORK or (self._doing[0] == "paused" and self._hours.are_over),
        )

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """Write the state down: at once when it or the job changed, else at most every `WRITE_EVERY_S`."""
        now_s, self._doing = self._monotonic(), (state, facts.pop("left", {}))
        priority = facts.pop("priority", 0)
        self._priority = priority if isinstance(priority, int) else 0
        if state == "rendering":
            left_s = self._left_s(now_s=now_s)
            facts["left_s"] = None if left_s is None else self._passes(left_s)
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
        facts |= self._in_hand.state(state, job=job, facts=facts)
        self._foresee(is_new=is_new)
        facts |= self._queue.told() | ({"notes": self._notes} if self._notes else {})
        outlook = self.outlook()
        facts |= self._hours.told(outlook)
        if "reason" in facts:  # who asks for the status reads it, in whatever language
            facts["reasons"] = {"zh": translated(str(facts["reason"]), "zh")}
        record = {
            **self._about, "state": state, "job": job, **facts,
            "since": self._since, "written_at": self._now(), "counter": self._counter,
        }  # fmt: skip
        self.on_record(record)
        self._write(self._files.state, record)
        if outlook is not None:
            self.on_outlook(outlook)
        if is_new or is_noted:
            self.on_change()

    def settled(self, *, done: int, failed: int) -> None:
        """What is told of the job in work while the worker waits."""
        self._in_hand.settled(done=done, failed=failed)

    def made(self) -> int:
        """Pictures that this process has made."""
        return self._in_hand.made

    def outlook(self) -> WindowOutlook | None:
        """What fits into the hours, as of now; None without any."""
        in_work = self._in_hand.left if self._doing[0] == "rendering" else 0
        return self._hours.outlook(pictures=self._queue.pictures + in_work, made_by=self._made_by)

    def _made_by(self, until_s: float) -> int | None:
        """How many pictures of the job in work, and of those that wait, are made within so many seconds."""
        waiting, left = self._queue.made_by(until_s), self._left[0] if self._doing[0] == "rendering" else {}
        each = seconds_each(self._learned.get(self._model, ()), left)
        if waiting is None or not left.keys() <= each.keys():
            return None
        return waiting + fitting(left, each, until_s + self._monotonic() - self._left[1])

    def _passes(self, work_s: float) -> float | None:
        """Seconds that pass until some work is done, the hours in which the worker rests included."""
        ends_s = self._hours.calendar().ends(0.0, work_s)
        return None if math.isinf(ends_s) else round(ends_s, 1)

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

    def usual_s(self, model: str, *, kind: PictureKind) -> float | None:
        """How long pictures of a kind took until now, where enough were made."""
        return usual_of(self._learned.get(model, ()), kind)

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
