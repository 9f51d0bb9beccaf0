"""How long pictures take in a job's run, as the recorder learns it; the time in which a worker waits is left out.

Results are no clock: pictures that are made together come together, and where one is decoded while the next is made,
each comes a picture late but for the last. So several are timed at once, and none counts for less than its tries.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import structlog

from worker.daemon.slow_pictures import Cause, SlowPictures
from worker.recording_ports import Recorder
from worker.records import PictureKind, PictureResult

log = structlog.get_logger()

TOGETHER = 8
"""Pictures that are timed at once: the one that comes late then makes an eighth."""


class PictureTimes:
    """Times the pictures of one process; a context for each call of the renderer."""

    def __init__(self, recorder: Recorder, *, model: str, worked_s: Callable[[], float]) -> None:
        """Keep the parts.

        Args:
            recorder: takes down what pictures took.
            model: id of the model that makes them.
            worked_s: seconds of work; only differences mean anything.
        """
        self._recorder = recorder
        self._model = model
        self._worked_s = worked_s
        self._met: set[PictureKind] = set()
        """The first picture of a kind is told alone: a model is loaded for it, or code compiled."""
        self._kind: PictureKind | None = None
        self._slow = SlowPictures()
        self._newest: tuple[str, str, str] = ("", "", "")
        """Id and name of the job, and file, of the picture that came last."""
        self._tries_s: list[float] = []
        """Of the pictures of that kind that are not told yet."""
        self._begun_s = self._last_s = 0.0

    def __enter__(self) -> PictureTimes:
        """The renderer is called now."""
        self._tries_s.clear()
        self._begun_s = self._last_s = self._worked_s()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """It has ended."""
        self._tell()

    def made(self, result: PictureResult, *, job_id: str, job: str) -> None:
        """A result is dealt with: staged, told, written down.

        One that took several tries, or gave no picture, says nothing of how long the next ones take.

        Args:
            result: of one request.
            job_id: of its job.
            job: its name.
        """
        kind = result.request.kind
        is_plain = result.picture is not None and len(result.tries) == 1
        if kind != self._kind or not is_plain:
            self._tell()
            self._kind = kind
        self._last_s = self._worked_s()
        if not is_plain:
            self._begun_s = self._last_s
            return
        self._newest = job_id, job, result.request.file
        self._tries_s.append(result.tries[0].seconds)
        self._look_whether_slow("making", result.tries[0].seconds)
        if len(self._tries_s) >= TOGETHER or kind not in self._met:
            self._tell()

    def _look_whether_slow(self, cause: Cause, seconds: float) -> None:
        """Tell of a picture far slower than usual; the first of its kind is slowed by what came before it."""
        if self._kind is None or self._kind not in self._met:
            return
        usual_s = self._recorder.usual_s(self._model, kind=self._kind)
        job_id, job, file = self._newest
        if self._slow.is_news(job_id, cause, seconds=seconds, usual_s=usual_s):
            log.warning(
                "picture.slow",
                job=job,
                file=file,
                seconds=round(seconds, 1),
                usual_s=round(usual_s or 0.0, 1),
                cause=cause,
            )

    def _tell(self) -> None:
        if self._kind is not None and self._tries_s:
            pictures = len(self._tries_s)
            seconds = max(self._last_s - self._begun_s, sum(self._tries_s)) / pictures
            self._look_whether_slow("files", seconds - sum(self._tries_s) / pictures)
            self._recorder.speed(self._model, kind=self._kind, seconds=seconds, pictures=pictures)
            self._met.add(self._kind)
        self._tries_s.clear()
        self._begun_s = self._last_s
