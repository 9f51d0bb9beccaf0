"""What passes between a job's last picture and the first of the next: pages, publishing, claiming, on this share."""

from __future__ import annotations

from worker.operations.speeds import MOST_SLOWER, NEWEST_WEIGHT


class BetweenJobs:
    """Learns it from a worker's states and pictures."""

    def __init__(self, seconds: float) -> None:
        """Begin with what is known.

        Args:
            seconds: a running mean; 0 where nothing is known.
        """
        self.seconds = seconds
        self._job: str | None = None
        self._ended_s: float | None = None

    def made(self, *, now_s: float) -> None:
        """A picture is done; it may be its job's last.

        Args:
            now_s: monotonic seconds.
        """
        self._ended_s = now_s

    def state(self, state: str, *, job: str | None, now_s: float) -> None:
        """A state is told; a worker that waits between two jobs shows nothing of what they cost.

        Args:
            state: of the worker.
            job: in work.
            now_s: monotonic seconds.
        """
        if state == "rendering" and job != self._job and self._job is not None and self._ended_s is not None:
            newest = now_s - self._ended_s
            if self.seconds:
                newest = min(newest, MOST_SLOWER * self.seconds)
                newest = self.seconds + NEWEST_WEIGHT * (newest - self.seconds)
            self.seconds = newest
        self._job, self._ended_s = job if state == "rendering" else None, None
