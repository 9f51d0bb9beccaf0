"""The plan of the host's memory: what of it a model needs beside a card, and what is done where it is short.

Knows sizes in MiB. Weights that are stored in bf16 are used where they lie in their file: the system takes such pages
back when it needs them and reads them again. Only what is copied (locked pieces, weights that are converted while they
are loaded, a transformer that leaves the card it was loaded to) is memory that nobody else can have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.studio.model_files.weights import Stack, Weights
from worker.studio.plan.memory import MPX, MemoryPlan
from worker.translation import gettext

Bound = Literal["machine", "cgroup", "ulimit"]
"""What ends a process's memory: the machine's own, a limit of its control group (systemd, a container), `ulimit`."""
REMEDIES: dict[Bound, str] = {
    "machine": gettext("end other programs, or add memory"),
    "cgroup": gettext("raise the limit of the container or unit (MemoryMax, memory.max)"),
    "ulimit": gettext("raise `ulimit -v` and `ulimit -d`"),
}

PROGRAM_MIB = 3072
"""The worker's two processes without weights: torch, CUDA's part on the host, pictures being encoded. Estimate."""
SPARE_MIB = 2048
"""Left to the system and to other programs: weights are copied and locked only beyond it."""
WAITING = 32
"""Pictures between the card and their files at most: the child's send queue holds so many."""
BYTES_PER_PIXEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRoom:
    """The host's memory as it is now."""

    available_mib: float
    """What a process may take without swapping; file pages that the system can drop count as free."""
    total_mib: float
    """What it could have at most, were it alone; swap is not counted."""
    swap_mib: float = 0.0
    """Of the machine, in all."""
    bound: Bound
    """What sets `available_mib`."""

    def has(self, mib: float) -> bool:
        """Whether so much may be copied, and enough is left to others."""
        return mib + SPARE_MIB <= self.available_mib


@dataclass(frozen=True, slots=True, kw_only=True)
class HostNeed:
    """What of the host's memory a model needs beside a card."""

    least_mib: float
    """Without which nothing works: the program, waiting pictures, weights that come from no bf16 file."""
    locked_mib: float
    """Copies that make streaming fast; without them weights are copied from their file's pages, more slowly."""
    off_card_mib: float
    """More where a picture's memory runs out on the card: the transformer leaves it, or all of it is streamed."""

    def lines(self, room: HostRoom) -> tuple[str, ...]:
        """What is told of it: what there is and what it is for; what is done, or to be done, where it is short.

        Args:
            room: of the host.
        """
        told = gettext(
            "{available} of {total} GiB of this computer's memory are free; the worker takes {least} GiB, {locked} GiB "
            "more to stream weights at full speed, {off_card} GiB more when the card runs short",
            available=_gib(room.available_mib),
            total=_gib(room.total_mib),
            least=_gib(self.least_mib),
            locked=_gib(self.locked_mib),
            off_card=_gib(self.off_card_mib),
        )
        if not self.fits(room):
            return told, gettext(
                "too little: {lacking} GiB are lacking, so the computer swaps or ends the worker: {remedy}; a bf16 "
                "copy of the model (`zimage-worker model add`) needs least",
                lacking=_gib(self.least_mib + SPARE_MIB - room.available_mib),
                remedy=REMEDIES[room.bound],
            )
        if not self.is_fast(room):
            return told, gettext(
                "what finds no room is streamed from the model's files: the same pictures, more slowly; for full "
                "speed, {remedy}",
                remedy=REMEDIES[room.bound],
            )
        return (told,)

    def refusal(self, room: HostRoom) -> str:
        """Why a worker cannot start on a host that could never hold it, for a person."""
        return gettext(
            "This computer's memory cannot hold what the card cannot: {least} GiB are needed, {total} GiB are all "
            "there is: {remedy}; a bf16 copy of the model (`zimage-worker model add`) needs much less.",
            least=_gib(self.least_mib),
            total=_gib(room.total_mib),
            remedy=REMEDIES[room.bound],
        )

    def can_never_fit(self, room: HostRoom) -> bool:
        """Whether it would not do even if the worker were alone on the host, its swap included.

        Args:
            room: of the host.
        """
        return self.least_mib > room.total_mib + room.swap_mib

    def fits(self, room: HostRoom) -> bool:
        """Whether the worker runs without swapping.

        Args:
            room: of the host.
        """
        return room.has(self.least_mib)

    def is_fast(self, room: HostRoom) -> bool:
        """Whether all that is streamed is copied at full speed.

        Args:
            room: of the host.
        """
        return room.has(self.least_mib + self.locked_mib)


def host_need(plan: MemoryPlan, weights: Weights, *, pixels: int = MPX) -> HostNeed:
    """What a plan for a card needs of the host.

    Args:
        plan: of the work on the card.
        weights: of the model.
        pixels: width times height of one picture.
    """
    encoder, transformer = weights.text_encoder, weights.transformer
    streamed = 0 if plan.is_whole else transformer.blocks - plan.resident_blocks
    pieces = {
        "text_encoder": encoder.blocks * encoder.block_mib if plan.encoder == "streamed" else 0.0,
        "transformer": streamed * transformer.block_mib,
    }
    waiting_mib = WAITING * BYTES_PER_PIXEL * pixels / MPX
    # one block is there twice while its piece is made
    least = PROGRAM_MIB + waiting_mib + encoder.block_mib + _copied_mib(encoder)
    least += 0.0 if plan.is_whole else _copied_mib(transformer)
    # pieces take the place of weights that were copied anyway
    locked = sum(mib for part, mib in pieces.items() if getattr(weights, part).is_mapped)
    off_card = transformer.whole_mib if plan.is_whole else transformer.blocks * transformer.block_mib
    if not plan.is_whole:
        off_card = off_card - pieces["transformer"] if transformer.is_mapped else 0.0
    return HostNeed(least_mib=least, locked_mib=locked, off_card_mib=off_card)


def _copied_mib(stack: Stack) -> float:
    return 0.0 if stack.is_mapped else stack.whole_mib


def _gib(mib: float) -> str:
    return f"{mib / 1024:.1f}"
