"""An in-memory renderer; `tests/contract` holds it and the real one to the same suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from worker.errors import RendererDied, WorkerError
from worker.identity import RendererInfo
from worker.records import Picture, PictureResult, Progress, Request, Try


def paint(request: Request) -> Picture:
    """A gradient that depends on the seed alone."""
    width, height = request.width_px, request.height_px
    row = bytes((x * 3 + request.seed * 7 + c * 50) % 256 for x in range(width) for c in range(3))
    return Picture(width_px=width, height_px=height, rgb=row * height)


class PaintingRenderer:
    """Paints at once; dies, fails or calls back where a test says so."""

    def __init__(
        self,
        *,
        dies_at: str = "",
        refuses: Sequence[str] = (),
        after: Callable[[Request], None] = lambda _: None,
        start_error: WorkerError | None = None,
    ) -> None:
        self.dies_at = dies_at
        self.refuses = refuses
        self.after = after
        self.start_error = start_error
        self.painted: list[str] = []
        self.starts = 0
        self.is_up = False
        self.is_enough = False

    def start(self) -> RendererInfo:
        if self.start_error is not None:
            raise self.start_error
        self.starts += not self.is_up
        self.is_up = True
        return RendererInfo(
            device="cpu", gpu=None, precision="bf16", memory_mib=1, room_mib=None, torch="2", diffusers="0"
        )

    def render(
        self, requests: Sequence[Request], *, on_progress: Callable[[Progress], None]
    ) -> Iterator[PictureResult]:
        if not self.is_up:
            raise RendererDied("it was not started")
        self.is_enough = False
        for request in requests:
            if self.is_enough:
                return
            if request.file == self.dies_at:
                self.is_up = False
                raise RendererDied("no other process comes up")
            on_progress(Progress(request=request, step=request.steps, steps=request.steps))
            result = self._result(request)
            self.after(request)
            yield result

    def _result(self, request: Request) -> PictureResult:
        if request.file in self.refuses:
            tries = (Try(rung="first", outcome="black", seconds=0.1),)
            return PictureResult(request=request, picture=None, tries=tries, error="Every picture was black.")
        self.painted.append(request.file)
        tries = (Try(rung="first", outcome="ok", seconds=0.1),)
        return PictureResult(request=request, picture=paint(request), tries=tries)

    def finish(self) -> None:
        self.is_enough = True

    def close(self) -> None:
        self.is_up = False
