"""The placement of a part's weights: on the card, streamed through it block by block, or on the host.

Knows how weights move and how to hide the moving behind computing. Nothing here changes a number: the same weights
compute, wherever they come from; fp32 is bf16 widened exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from worker.studio.card.streaming import BlockStreaming, copy_into_one_piece
from worker.studio.plan.setup import ON_HOST, Placement
from worker.studio.units import MIB

HOST = torch.device("cpu")


class PlacedModule:
    """Moves a module's weights. The host keeps a copy of whatever has once left the card, so leaving again is free."""

    def __init__(self, module: torch.nn.Module, blocks: Sequence[torch.nn.Module], *, device: torch.device) -> None:
        """Take the module as it is now, whole on the host or whole on the device.

        Args:
            module: in bf16.
            blocks: the parts of it that may be streamed, in the order in which they compute.
            device: the card; on a machine without one, the host plays its part.
        """
        self._module = module
        self._blocks = tuple(blocks)
        self._device = device
        inside = {id(tensor) for block in blocks for tensor in _tensors(block)}
        self._rest = [tensor for tensor in _tensors(module) if id(tensor) not in inside]
        self._homes: dict[int, torch.Tensor] = {}
        """What the host keeps, by the tensor's id: of the rest one by one, of a streamed block as views of a piece."""
        self._pieces: dict[int, torch.Tensor] = {}
        """By block number: all its weights in one piece, fit for fast copying."""
        self._streaming: BlockStreaming | None = None
        is_home = not self._rest or self._rest[0].device != device
        self._placement: Placement | None = ON_HOST if is_home else Placement(on_card=True)

    def move_to(self, placement: Placement) -> None:
        """Live so from now on; nothing happens when it does already.

        Whatever is raised on the way, the module is on the host then; where even that fails, the next call begins anew.

        Raises:
            torch.OutOfMemoryError: the card has no room.
        """
        if placement == self._placement:
            return
        self._placement = None  # until all of it is done
        try:
            self._end_streaming()
            if placement.on_card:
                self._enter(placement, streamed_blocks(len(self._blocks), placement.resident))
            else:
                self._go_home(self._all())
            self._placement = placement
        finally:
            if self._placement is None:
                self._end_streaming()
                self._go_home(self._all())
                self._placement = ON_HOST

    def _enter(self, placement: Placement, streamed: Sequence[int]) -> None:
        # first, as it makes room for what comes
        pieces = [self._piece(number) for number in streamed]
        dtype = torch.float32 if placement.fp32 else None
        staying = [block for number, block in enumerate(self._blocks) if number not in set(streamed)]
        for tensor in (*self._rest, *(tensor for block in staying for tensor in _tensors(block))):
            self._bring(tensor, dtype)
        if streamed:
            blocks = [self._blocks[number] for number in streamed]
            self._streaming = BlockStreaming(
                blocks, pieces, device=self._device, ahead=placement.ahead, fp32=placement.fp32
            )

    def _bring(self, tensor: torch.Tensor, dtype: torch.dtype | None) -> None:
        home = self._homes.get(id(tensor))
        if dtype is not None and tensor.is_floating_point():
            # widened: the host must keep what was, to come back to
            tensor.data = self._home(tensor).to(self._device).to(dtype)
        elif home is not None:
            if tensor.device != self._device or tensor.dtype != home.dtype or self._device == HOST:
                tensor.data = home.to(self._device)
        elif tensor.device != self._device:
            self._homes[id(tensor)] = tensor.data
            tensor.data = tensor.data.to(self._device)

    def _go_home(self, tensors: Sequence[torch.Tensor]) -> None:
        for tensor in tensors:
            tensor.data = self._home(tensor)

    def _home(self, tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in self._homes:
            self._homes[id(tensor)] = tensor.data.to(HOST)
        return self._homes[id(tensor)]

    def _piece(self, number: int) -> torch.Tensor:
        """Send a block home, where its weights are views of one piece."""
        tensors = _tensors(self._blocks[number])
        if number not in self._pieces:
            piece, views = copy_into_one_piece(
                [self._homes.get(id(tensor), tensor) for tensor in tensors], device=self._device
            )
            self._pieces[number] = piece
            self._homes |= {id(tensor): view for tensor, view in zip(tensors, views, strict=True)}
        self._go_home(tensors)
        return self._pieces[number]

    def _end_streaming(self) -> None:
        if self._streaming is not None:
            self._streaming.end()
            self._streaming = None

    def _all(self) -> list[torch.Tensor]:
        return _tensors(self._module)

    def refill(self, name: str, values: torch.Tensor) -> None:
        """Write a weight anew, wherever it is.

        Args:
            name: as the module has it; one that it has not is passed over.
            values: in any precision.
        """
        tensor = self._module.state_dict(keep_vars=True).get(name)
        if tensor is None:
            return
        if id(tensor) in self._homes:
            self._homes[id(tensor)].copy_(values)
        tensor.data.copy_(values)
        if self._streaming is not None:
            self._streaming.forget()

    def card_mib(self) -> float:
        """What is on the card because of this module, in MiB; on a machine without a card, of the host."""
        held = sum(tensor.nbytes for tensor in self._all() if tensor.device == self._device)
        return (held + (self._streaming.slot_bytes if self._streaming else 0)) / MIB


def streamed_blocks(blocks: int, resident: int) -> tuple[int, ...]:
    """Which blocks are streamed, spread evenly: each copy then hides behind the computing of those that stay.

    Args:
        blocks: of the part.
        resident: how many stay on the card.
    """
    streamed = max(0, blocks - resident)
    return tuple(n for n in range(blocks) if (n + 1) * streamed // blocks > n * streamed // blocks)


def _tensors(module: torch.nn.Module) -> list[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]
