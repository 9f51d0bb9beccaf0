"""How long pictures take in a job's run, as the recorder learns it: from one result to the next, waiting left out.

Pictures that are made together come together: what they took is divided among them.
"""

from __future__ import annotations

from collections.abc import Callable

from worker.ports import Recorder
from worker.records import PictureKind, PictureResult


class PictureTimes:
    """Times the pictures of one call of the renderer."""

    def __init__(self, recorder: Recorder, *, model: str, worked_s: Callable[[], float]) -> None:
        """Begin now.

        Args:
            recorder: takes down what pictures took.
            model: id of the model that makes them.
            worked_s: seconds of work; only differences mean anything.
        """
        self._recorder = recorder
        self._model = model
        self._worked_s = worked_s
        self._kind: PictureKind | None = None
        self._pictures = 0
        self._last_s = self._begun_s = worked_s()

    def made(self, result: PictureResult, *, together: int) -> None:
        """A result is dealt with: staged, told, written down.

        One that took several tries, or gave no picture, says nothing of how long the next ones take.

        Args:
            result: of one request.
            together: how many are made at a time, as far as known.
        """
        kind, begun_s = result.request.kind, self._last_s
        self._last_s = self._worked_s()
        if kind != self._kind:
            self._kind, self._pictures, self._begun_s = kind, 0, begun_s
        if result.picture is None or len(result.tries) != 1:
            self._kind = None
            return
        self._pictures += 1
        if self._pictures >= together:
            seconds = (self._last_s - self._begun_s) / self._pictures
            self._recorder.speed(self._model, kind=kind, seconds=seconds, pictures=self._pictures)
            self._kind = None
