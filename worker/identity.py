"""Who makes pictures: the model's weights, the renderer's device, the worker.

Knows plain values; everything here pickles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.problem import legible

ModelKind = Literal["turbo", "distilled", "de-turbo", "base", "demo"]
"""What a model is like to use: `studio.model_files.kinds` has the settings of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Which weights made a picture."""

    id: str
    """The folder's name (made legible), or `zimage-worker-demo`."""
    kind: ModelKind
    sha256: str
    """Over the sorted lines `<relative path> <sha256 of the file>` of everything the pipeline loads; then, where the
    shift is another than the scheduler's file says, a line `shift <value>`."""
    demo: bool

    def __post_init__(self) -> None:
        """Make the name legible: it is written into every picture."""
        object.__setattr__(self, "id", legible(self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class RendererInfo:
    """What a started renderer runs on."""

    device: str
    """`cuda:0` or `cpu`."""
    gpu: str | None
    """Marketing name of the card, or None on the CPU."""
    precision: str
    memory_mib: int
    """Memory of the card, or of the machine on the CPU, in MiB."""
    room_mib: float | None
    """What of the card's memory this process may use, before anything is loaded; None on the CPU."""
    torch: str
    diffusers: str
    card_uuid: str | None = None
    """Of an NVIDIA card, or of its part (MIG), as CUDA tells it; None for any other device."""


NOT_STARTED = RendererInfo(
    device="", gpu=None, precision="", memory_mib=0, room_mib=None, torch="", diffusers=""
)  # fmt: skip
"""What is known of a renderer that was not needed: a job that is only refused loads no model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerIdentity:
    """Who made a picture."""

    id: str
    host: str
    version: str
    torch: str
    diffusers: str
    gpu: str | None
