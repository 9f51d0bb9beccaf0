"""The parent's side of `scripted_child`: limits that are short, pictures that no pipe holds, and what came of them."""

from __future__ import annotations

from pathlib import Path

from worker.records import PictureResult, Request
from worker.studio.process.parent import ChildRenderer
from worker.studio.process.silence import SilenceLimits

SHORT = SilenceLimits(loading_s=60, loading_idle_s=4, message_s=1.5, step_s=1.5, first_s=2, cpu_s=60, cpu_idle_s=1.5)
"""A process starts within a second or two on a busy machine, and speaks at once."""
SIDE_PX = 320
"""Of a picture that no pipe holds: 300 kB."""


def request(number: int, *, side_px: int = SIDE_PX, steps: int = 2, prompt: str = "a mug") -> Request:
    return Request(
        shot_id="mug", index=number, file=f"{number}.png", prompt=prompt, seed=number,
        width_px=side_px, height_px=side_px, steps=steps, guidance=0.0,
    )  # fmt: skip


def made(renderer: ChildRenderer, requests: list[Request], **more) -> dict[str, PictureResult]:
    renderer.start()
    results = renderer.render(requests, on_progress=more.get("on_progress", lambda _: None))
    return {result.request.file: result for result in results}


def processes(folder: Path) -> int:
    return len([*folder.glob("process-*")])


def tries(result: PictureResult) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


ONCE, AGAIN = [("first", "ok")], [("first", "error"), ("new_process", "ok")]
