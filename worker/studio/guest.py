"""A module that lives on the host and visits the card.

Knows how to bring weights to the card and drop them there. Must not know which module it is, or when it is needed.
"""

from __future__ import annotations

import torch

HOST = torch.device("cpu")


class Guest:
    """Copies of the weights go to the card; the originals stay on the host, so leaving costs nothing."""

    def __init__(self, module: torch.nn.Module) -> None:
        """Take the module's weights as they are now, on the host, for the originals."""
        self._tensors = [*module.parameters(), *module.buffers()]
        self._originals = [tensor.data for tensor in self._tensors]
        self._where = HOST

    def move(self, device: torch.device) -> None:
        """Be on a device from now on; nothing happens when it is there.

        Args:
            device: the host or a card.

        Raises:
            torch.OutOfMemoryError: the card has no room; the module is back on the host.
        """
        if device == self._where:
            return
        self._where = HOST
        for tensor, original in zip(self._tensors, self._originals, strict=True):
            tensor.data = original
        if device == HOST:
            return
        copies = [original.to(device) for original in self._originals]
        for tensor, copy in zip(self._tensors, copies, strict=True):
            tensor.data = copy
        self._where = device
