"""Requests to results, in order: prompts encoded ahead, then picture by picture.

Knows when prompts are encoded and where the text encoder waits. Must not know processes, pipes or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from worker.records import Progress, Request, ShotResult
from worker.studio.memory import EncoderPlace
from worker.studio.shot import Bench, Shot
from worker.studio.texts import TextBook

ENCODED_AHEAD = 64
"""Requests whose prompts are encoded in one go: a visit of the text encoder to the card (about 1 s) is spread over
them, the first picture does not wait for thousands, and the embeddings stay below 350 MB (2.6 MB at 512 tokens, with a
negative prompt)."""


class StudioRenderer:
    """Makes pictures in this process; the child process has one."""

    def __init__(self, *, bench: Bench, place: Callable[[Sequence[Request]], EncoderPlace]) -> None:
        """Keep the parts; nothing is computed.

        Args:
            bench: the stages.
            place: where the text encoder belongs while these requests are made.
        """
        self._bench = bench
        self._place = place
        self._book = TextBook(bench.encode)

    def render(
        self,
        requests: Sequence[Request],
        *,
        on_progress: Callable[[Progress], None],
        is_interrupted: Callable[[], bool],
    ) -> Iterator[ShotResult]:
        """Yield one result per request, in their order.

        Args:
            requests: any mix of sizes and steps.
            on_progress: hears of prompts (step 0) and denoising steps.
            is_interrupted: asked before each prompt and after each step; True ends without a result for that picture.
        """
        place = self._place(requests)
        for begin in range(0, len(requests), ENCODED_AHEAD):
            window = requests[begin : begin + ENCODED_AHEAD]

            def before_each(request: Request) -> bool:
                on_progress(Progress(request=request, step=0, steps=request.steps))
                return is_interrupted()

            self._book.turn_to(window, on_host=place == "host", before_each=before_each)
            if place != "card":
                self._bench.encode.leave()
            for request in window:
                result = None if is_interrupted() else self._made(request, place, on_progress, is_interrupted)
                if result is None:
                    return
                yield result

    def _made(
        self,
        request: Request,
        place: EncoderPlace,
        on_progress: Callable[[Progress], None],
        is_interrupted: Callable[[], bool],
    ) -> ShotResult | None:
        def on_step(step: int) -> bool:
            on_progress(Progress(request=request, step=step, steps=request.steps))
            return is_interrupted()

        shot = Shot(
            request,
            bench=self._bench,
            texts=lambda on_host: self._book.of(request, on_host=on_host or place == "host"),
            forget=lambda: self._book.forget(request),
            leaves=place != "card",
            on_step=on_step,
        )
        return shot.make()
