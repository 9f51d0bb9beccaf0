"""What the daemon tells of itself while it works, as a narrow protocol: states, speeds, the queue, what is foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from worker.overview_records import WaitingJob
from worker.queued_job import QueuedJob
from worker.records import PictureKind
from worker.window_outlook import WindowOutlook


class Recorder(Protocol):
    """Takes down what the worker does, for `status` and `plan`. Never raises: a night does not end for it."""

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """The worker's state now, such as `rendering`, `idle`, `paused`.

        Args:
            state: one word of `operations.record_schema`.
            job: name of the job in work.
            facts: what else is told, by key of the record; while it renders the job's `priority`, and `left`: how many
                pictures of each kind are not made yet, those in work included.
        """

    def settled(self, *, done: int, failed: int) -> None:
        """The job in work has come so far, should the worker wait now.

        Args:
            done: its pictures that are made or have failed.
            failed: of these.
        """

    def speed(self, model: str, *, kind: PictureKind, seconds: float, pictures: int = 1) -> None:
        """Pictures took so long: what all forecasts come from.

        Args:
            model: id of the model that made them.
            kind: of them all.
            seconds: of each, from one result to the next.
            pictures: how many.
        """

    def usual_s(self, model: str, *, kind: PictureKind) -> float | None:
        """How long pictures of a kind took until now, in seconds; None where only few have been made.

        Args:
            model: id of the model that made them.
            kind: of them all.
        """

    def made(self) -> int:
        """Pictures that were made since the start, of all jobs."""

    def outlook(self) -> WindowOutlook | None:
        """What fits into the worker's hours, as of now; None for one without any."""

    def queue(self, jobs: Sequence[QueuedJob]) -> Sequence[WaitingJob]:
        """In this order waiting jobs would be taken now, if none came.

        Args:
            jobs: all that this worker may take.

        Returns:
            The first of them, with when each begins and how long it takes, as far as that can be foreseen.
        """
