"""The renderer as the daemon sees it: a child process behind a pipe.

Knows the conversation in `messages` from the parent's side. Must not know torch, models, jobs or how a process ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from worker.errors import RendererDied
from worker.records import Progress, RendererInfo, Request, ShotResult
from worker.studio.messages import Answer, Finished, Interrupt, Load, Loaded, Refusal, Render
from worker.studio.spawn import Child

IDLE_S = 1.0
"""Time between two calls of `on_idle` while waiting."""


class ChildRenderer:
    """Keeps the promises of `ports.Renderer` with a child process. One user at a time."""

    def __init__(self, load: Load, *, on_idle: Callable[[], None] = lambda: None) -> None:
        """Keep the wishes; nothing is started.

        Args:
            load: the model and the device.
            on_idle: called about once a second, in the caller's thread, while `start` and `render` wait.
        """
        self._load = load
        self._on_idle = on_idle
        self._child: Child | None = None
        self._info: RendererInfo | None = None
        self._idled_s = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The child's process id, or None when it is not up."""
        return self._child.pid if self._child else None

    def start(self) -> RendererInfo:
        """Load the model; idempotent while it is up.

        Raises:
            ModelInvalid: the model cannot be loaded.
            DeviceUnavailable: the device is absent, lost or too small.
            RendererDied: the child ended while loading.
        """
        if self._child is not None and self._info is not None and self._child.is_alive():
            return self._info
        self.close()
        child = self._child = Child()
        answer = None
        try:
            child.send(self._load)
            answer = self._next(child)
        finally:
            if not isinstance(answer, Loaded):
                self.close()
        if isinstance(answer, Refusal):
            raise answer.error
        assert isinstance(answer, Loaded)
        self._info = answer.info
        return answer.info

    def render(self, requests: Sequence[Request], *, on_progress: Callable[[Progress], None]) -> Iterator[ShotResult]:
        """Yield one result per request, in their order, as soon as each is made.

        The child is at most one picture ahead: the pipe holds less than one. Closing the iterator early interrupts
        the picture in work, and returns once the child is ready for new work.

        Raises:
            RendererDied: the process ended, or was not started.
        """
        child = self._child
        if child is None:
            raise RendererDied("The renderer is not up: start it first.")
        is_finished = False
        try:
            child.send(Render(requests=tuple(requests)))
            while not is_finished:
                answer = self._next(child)
                if isinstance(answer, Progress):
                    on_progress(answer)
                elif isinstance(answer, ShotResult):
                    yield answer
                else:
                    is_finished = True
        except RendererDied:
            is_finished = True
            self.close()
            raise
        finally:
            if not is_finished:
                self._interrupt(child)

    def _next(self, child: Child) -> Answer:
        """The next answer; `on_idle` is called meanwhile, and while answers come in quick succession too."""
        answer = None
        while answer is None:
            answer = child.receive(within_s=IDLE_S)
            if time.monotonic() - self._idled_s >= IDLE_S:
                self._idled_s = time.monotonic()
                self._on_idle()
        return answer

    def _interrupt(self, child: Child) -> None:
        """Stop the picture in work and wait until the child is ready; a child that dies of it is simply gone."""
        try:
            child.send(Interrupt())
            while not isinstance(self._next(child), Finished):
                pass
        except RendererDied:
            self.close()

    def close(self) -> None:
        """End the process and free the device; idempotent."""
        if self._child is not None:
            self._child.end()
        self._child = self._info = None
