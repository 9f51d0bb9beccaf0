"""The job that a worker has in hand, as its record tells it: also while the worker waits, before it goes on with it."""

from __future__ import annotations

from collections.abc import Mapping

from worker.operations.record_schema import INTERRUPTED


class JobInHand:
    """Of one worker: none, or the one that it rendered last."""

    def __init__(self) -> None:
        """None yet."""
        self._facts: dict[str, object] | None = None
        self.made = 0
        """Pictures that were made since the worker's start, of all jobs."""

    def state(self, state: str, *, job: str | None, facts: Mapping[str, object]) -> Mapping[str, object]:
        """Hear a state; what is still told in it of the job that was in work.

        Args:
            state: of the worker.
            job: in work.
            facts: of the state.
        """
        if state == "rendering":
            self._facts = {"job": job, **{key: facts[key] for key in INTERRUPTED if key in facts}}
        elif state != "paused":
            self._facts = None
        return {} if state == "rendering" or self._facts is None else {"interrupted": self._facts}

    def settled(self, *, done: int, failed: int) -> None:
        """The job has come so far.

        Args:
            done: its pictures that are made or have failed.
            failed: of these.
        """
        if self._facts is not None:
            self.made += max(0, done - failed - self._figure("done") + self._figure("failed"))
            self._facts |= {"done": done, "failed": failed}

    @property
    def left(self) -> int:
        """Its pictures that are not settled; 0 without a job."""
        return self._figure("total") - self._figure("done")

    def _figure(self, key: str) -> int:
        value = (self._facts or {}).get(key)
        return value if isinstance(value, int) else 0
