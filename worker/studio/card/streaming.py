"""Block streaming: each block's weights are copied to the card while the block before it computes.

Knows how copies on a stream of their own wait for the computing, and it for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from worker.studio.card.pinning import pinned_piece
from worker.studio.plan.memory import SLOTS


def copy_into_one_piece(
    tensors: Sequence[torch.Tensor], *, device: torch.device
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Copy tensors of one precision into one piece of host memory.

    Args:
        tensors: of equal dtype.
        device: the card that the piece will be copied to; its driver is asked to lock the piece into memory.

    Returns:
        The piece, (numbers,), and the tensors as views of it.

    Raises:
        OSError: the host gives no more memory.
    """
    piece = pinned_piece(sum(tensor.numel() for tensor in tensors), tensors[0].dtype, device)
    views = views_of(piece, tensors)
    for view, tensor in zip(views, tensors, strict=True):
        view.copy_(tensor)
    return piece, views


def views_of(piece: torch.Tensor, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The piece cut into the tensors' shapes, in their order.

    Args:
        piece: (numbers,), at least as many as the tensors hold.
        tensors: whose shapes are wanted.
    """
    cuts = torch.split(piece, [tensor.numel() for tensor in tensors])
    return [cut.view(tensor.shape) for cut, tensor in zip(cuts, tensors, strict=True)]


@dataclass(slots=True)
class _Slot:
    """Room on the card for one block."""

    narrow: torch.Tensor
    """Where the piece arrives."""
    wide: torch.Tensor
    """What computes: the same memory, or its fp32 copy."""
    holds: int | None = None
    """Number of the block in it."""
    arrived: Any = None
    """Event of the copying stream."""
    left: Any = None
    """Event of the computing stream: its last use is over."""


class BlockStreaming:
    """Keeps a row of blocks streamed while they are called in their order; any other order works, but slower."""

    def __init__(
        self,
        blocks: Sequence[torch.nn.Module],
        sources: Sequence[Sequence[torch.Tensor]],
        *,
        device: torch.device,
        ahead: bool,
        fp32: bool,
    ) -> None:
        """Make the slots and listen to the blocks.

        Args:
            blocks: their weights are on the host.
            sources: what is copied of each, on the host: all its weights in one piece, or one by one in their order.
            device: the card.
            ahead: copy the next block while one computes.
            fp32: widen the weights on arrival.

        Raises:
            torch.OutOfMemoryError: the card has no room for the slots.
        """
        self._blocks = [[*block.parameters(), *block.buffers()] for block in blocks]
        self._sources = [[source.view(-1) for source in block] for block in sources]
        self._numbers = [sum(source.numel() for source in block) for block in self._sources]
        self._homes = [[tensor.data for tensor in block] for block in self._blocks]
        self._is_card = device.type == "cuda"
        # a block that comes in its turn is copied by the computing stream itself, after its last use of the slot
        self._copier = torch.cuda.Stream(device) if self._is_card and ahead else None  # type: ignore[no-untyped-call]
        self._ahead = ahead
        size, dtype = max(self._numbers), self._sources[0][0].dtype
        self._slots = [_slot(size, dtype, device, fp32) for _ in range(SLOTS if ahead else 1)]
        if self._copier is not None:
            self._copier.wait_stream(torch.cuda.current_stream())  # the slots' memory may be in use there until now
        self._computing: _Slot | None = None
        self._hooks = []
        for number, block in enumerate(blocks):
            self._hooks += [
                block.register_forward_pre_hook(lambda *_, number=number: self._arrive(number)),
                block.register_forward_hook(lambda *_: self._leave()),
            ]

    @property
    def slot_bytes(self) -> int:
        """Of the card's memory held by the slots."""
        return sum(
            slot.narrow.nbytes + (slot.wide.nbytes if slot.wide is not slot.narrow else 0) for slot in self._slots
        )

    def _arrive(self, number: int) -> None:
        """Before a block computes: its weights are in a slot, and the next ones on their way."""
        if self._computing is not None:
            self._leave()  # its block ended with an error
        slot = self._loaded(number)
        if self._copier is not None:
            torch.cuda.current_stream().wait_event(slot.arrived)
        self._computing = slot
        if self._ahead:
            self._loaded((number + 1) % len(self._blocks))
        tensors = self._blocks[number]
        for tensor, view in zip(tensors, views_of(slot.wide[: self._numbers[number]], tensors), strict=True):
            tensor.data = view

    def _leave(self) -> None:
        """After a block was called: its weights are on the host again; the slot is free once the card is done."""
        slot = self._computing
        if slot is None or slot.holds is None:
            return
        for tensor, home in zip(self._blocks[slot.holds], self._homes[slot.holds], strict=True):
            tensor.data = home
        if self._copier is not None:
            slot.left = torch.cuda.current_stream().record_event()
        self._computing = None

    def _loaded(self, number: int) -> _Slot:
        """The slot with that block, copied now where it is in none."""
        for slot in self._slots:
            if slot.holds == number:
                return slot
        slot = next(slot for slot in self._slots if slot is not self._computing)
        slot.holds = number
        if self._copier is None:
            self._copy(slot, number)
            return slot
        with torch.cuda.stream(self._copier):
            if slot.left is not None:
                self._copier.wait_event(slot.left)
            self._copy(slot, number)
            slot.arrived = self._copier.record_event()
        return slot

    def _copy(self, slot: _Slot, number: int) -> None:
        numbers, sources = self._numbers[number], self._sources[number]
        narrow = slot.narrow[:numbers]
        for arriving, source in zip(views_of(narrow, sources), sources, strict=True):
            arriving.copy_(source, non_blocking=self._is_card)
        if slot.wide is not slot.narrow:
            slot.wide[:numbers].copy_(narrow)

    def forget(self) -> None:
        """Copy every block anew: the host's weights have changed."""
        for slot in self._slots:
            slot.holds = None

    def end(self) -> None:
        """Bring all blocks home and free the slots."""
        self._leave()
        if self._is_card:
            torch.cuda.synchronize()
        for hook in self._hooks:
            hook.remove()
        self._slots = []


def _slot(size: int, dtype: torch.dtype, device: torch.device, fp32: bool) -> _Slot:
    narrow = torch.empty(size, dtype=dtype, device=device)
    return _Slot(narrow=narrow, wide=torch.empty(size, dtype=torch.float32, device=device) if fp32 else narrow)
