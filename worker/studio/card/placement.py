"""The placement of a part's weights: on the card, streamed through it block by block, or on the host.

Knows how weights move and how to hide the moving behind computing. Nothing here changes a number: the same weights
compute, wherever they come from; fp32 is bf16 widened exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog
import torch

from worker.studio.card.streaming import BlockStreaming, copy_into_one_piece
from worker.studio.plan.host_memory import REMEDIES, HostRoom
from worker.studio.plan.setup import ON_HOST, Placement
from worker.studio.units import MIB

log = structlog.get_logger()

TRIFLE_MIB = 64
"""So much is copied without asking: buffers, which are in no file."""
HOST = torch.device("cpu")


class PlacedModule:
    """Moves a module's weights. The host keeps a copy of whatever has once left the card, so leaving again is free."""

    def __init__(
        self,
        module: torch.nn.Module,
        blocks: Sequence[torch.nn.Module],
        *,
        device: torch.device,
        host_room: Callable[[], HostRoom],
        on_disk: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        """Take the module as it is now, whole on the host or whole on the device.

        Args:
            module: in bf16.
            blocks: the parts of it that may be streamed, in the order in which they compute.
            device: the card; on a machine without one, the host plays its part.
            host_room: the host's memory, asked before any of it is taken.
            on_disk: weights as they lie in their files, by name: a home for what has no room on the host.
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
        self._host_room = host_room
        self._on_disk = on_disk or {}
        self._is_told = False
        self._streaming: BlockStreaming | None = None
        is_home = not self._rest or self._rest[0].device != device
        self._placement: Placement | None = ON_HOST if is_home else Placement(on_card=True)

    def move_to(self, placement: Placement) -> None:
        """Live so from now on; nothing happens when it does already.

        Whatever is raised on the way, the module is on the host then; where the host has no room for it, as much of it
        as was there before. Where even that fails, the next call begins anew.

        Raises:
            RuntimeError: the card has no room, in torch's or a library's words.
            torch.OutOfMemoryError: the card has no room; or the host has none for what would leave the card.
        """
        if placement == self._placement:
            return
        streamed = streamed_blocks(len(self._blocks), placement.resident) if placement.on_card else ()
        self._placement = None  # until all of it is done
        try:
            self._find_homes(placement, streamed)
            self._end_streaming()
            if placement.on_card:
                self._enter(placement, streamed)
            else:
                self._go_home(self._all())
            self._placement = placement
        finally:
            if self._placement is None:
                self._retreat()

    def _retreat(self) -> None:
        self._end_streaming()
        homeless = self._homeless(self._all())
        if homeless and not self._host_room().has(sum(tensor.nbytes for tensor in homeless) / MIB):
            self._go_home([tensor for tensor in self._all() if id(tensor) in self._homes])
            return
        self._go_home(self._all())
        self._placement = ON_HOST

    def _homeless(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        return [tensor for tensor in tensors if id(tensor) not in self._homes and tensor.device != HOST]

    def _find_homes(self, placement: Placement, streamed: Sequence[int]) -> None:
        """Before anything moves: a place on the host for all that leaves the card, or for nothing."""
        if placement.fp32 or not placement.on_card:
            leaving = self._all()
        else:
            leaving = [tensor for number in streamed for tensor in _tensors(self._blocks[number])]
        homeless = self._homeless(leaving)
        need_mib = sum(tensor.nbytes for tensor in homeless) / MIB
        room = self._host_room()
        if not homeless or room.has(need_mib):
            return
        self._tell_short(room, need_mib)
        names = {id(tensor): name for name, tensor in self._module.state_dict(keep_vars=True).items()}
        for tensor in homeless:
            stored = self._on_disk.get(names.get(id(tensor), ""))
            if stored is not None and (stored.shape, stored.dtype) == (tensor.shape, tensor.dtype):
                self._homes[id(tensor)] = stored
        lacking_mib = sum(tensor.nbytes for tensor in homeless if id(tensor) not in self._homes) / MIB
        if lacking_mib > TRIFLE_MIB:
            raise torch.OutOfMemoryError(
                f"the host's memory is short: {lacking_mib:.0f} MiB of weights are to leave the card, "
                f"{room.available_mib:.0f} MiB are available: {REMEDIES[room.bound]}"
            )

    def _tell_short(self, room: HostRoom, need_mib: float) -> None:
        if self._is_told:
            return
        self._is_told = True
        log.warning(
            "host.short",
            part=type(self._module).__name__,
            need_mib=round(need_mib),
            available_mib=round(room.available_mib),
            bound=room.bound,
            note=f"weights are used from their files where they lie, more slowly: {REMEDIES[room.bound]}",
        )

    def _enter(self, placement: Placement, streamed: Sequence[int]) -> None:
        # first, as it makes room for what comes
        sources = [self._sources(number) for number in streamed]
        dtype = torch.float32 if placement.fp32 else None
        staying = [block for number, block in enumerate(self._blocks) if number not in set(streamed)]
        for tensor in (*self._rest, *(tensor for block in staying for tensor in _tensors(block))):
            self._bring(tensor, dtype)
        if streamed:
            blocks = [self._blocks[number] for number in streamed]
            self._streaming = BlockStreaming(
                blocks, sources, device=self._device, ahead=placement.ahead, fp32=placement.fp32
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

    def _sources(self, number: int) -> Sequence[torch.Tensor]:
        """Send a block home: all its weights as one piece, or where the host has no room for it, as they lie there."""
        tensors = _tensors(self._blocks[number])
        if number not in self._pieces and not self._make_piece(number, tensors):
            self._go_home(tensors)
            return [tensor.data for tensor in tensors]
        self._go_home(tensors)
        return [self._pieces[number]]

    def _make_piece(self, number: int, tensors: Sequence[torch.Tensor]) -> bool:
        size_mib, room = sum(tensor.nbytes for tensor in tensors) / MIB, self._host_room()
        if not room.has(size_mib):
            self._tell_short(room, size_mib)
            return False
        try:
            piece, views = copy_into_one_piece(
                [self._homes.get(id(tensor), tensor) for tensor in tensors], device=self._device
            )
        except OSError:  # a limit that nobody could foresee
            self._tell_short(room, size_mib)
            return False
        self._pieces[number] = piece
        self._homes |= {id(tensor): view for tensor, view in zip(tensors, views, strict=True)}
        return True

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
        for place in (self._homes.get(id(tensor)), tensor.data):
            # what lies right in a file's pages stays there, and takes no memory of this process
            if place is not None and not (place.device == HOST and torch.equal(place, values.to(place.dtype))):
                place.copy_(values)
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
