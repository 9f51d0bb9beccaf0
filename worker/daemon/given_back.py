"""Given-back jobs: what is left of those that this worker has put into the inbox again, while they wait there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from worker.queued_job import QueuedJob
from worker.records import PictureKind

MOST = 1_000
"""That are remembered; of the others all pictures count."""


class GivenBack:
    """Of one worker, by name in the inbox. Another worker that takes one knows better, and this one forgets it then."""

    def __init__(self) -> None:
        """None yet."""
        self._left: dict[str, Mapping[PictureKind, int]] = {}
        self._seen: set[str] = set()
        """Those that wait there again, as the last look found them."""

    def add(self, job: QueuedJob) -> None:
        """One lies there again.

        Args:
            job: with what is left of it.
        """
        if len(self._left) < MOST:
            self._left[job.name] = job.work

    def seen(self, names: Iterable[str]) -> None:
        """A look has found these; what was there before and is not now is another's.

        Args:
            names: that wait.
        """
        now = {*names}
        for name in self._seen - now:
            self._left.pop(name, None)
        self._seen = now & self._left.keys()

    def taken(self, name: str) -> None:
        """This worker works on it once more.

        Args:
            name: of the job in the inbox.
        """
        self._left.pop(name, None)

    def left(self, name: str, work: Mapping[PictureKind, int]) -> Mapping[PictureKind, int]:
        """How many pictures of each kind are left of a job.

        Args:
            name: in the inbox.
            work: that it asks for as it reads now; one that somebody has changed since is told as a whole.
        """
        left = self._left.get(name)
        is_part = left is not None and all(count <= work.get(kind, 0) for kind, count in left.items())
        return left if left is not None and is_part else work
