"""Asynchronous copies between host and card, and how long the card took for its work.

Knows that a card works behind the program's back, and that an ordinary copy waits until it has done everything it was
given. On the CPU everything has happened when it is asked for.
"""

from __future__ import annotations

import time

import torch

from worker.studio.card.pinning import pinned_like


def to_device(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """The values on the device, without waiting for what it is at.

    Args:
        values: on the host.
        device: to copy to.
    """
    if device.type != "cuda":
        return values
    return pinned_like(values, device).copy_(values).to(device, non_blocking=True)


class PendingCopy:
    """Values on their way to the host."""

    def __init__(self, values: torch.Tensor) -> None:
        """Let them come once the device has computed them."""
        self.shape = values.shape
        self._event = None
        self._values = values
        if values.device.type == "cuda":
            self._values = pinned_like(values, values.device)
            self._values.copy_(values, non_blocking=True)
            self._event = torch.cuda.current_stream(values.device).record_event()

    def are_here(self) -> bool:
        """Whether `values` would not wait."""
        return self._event is None or self._event.query()

    def values(self) -> torch.Tensor:
        """Wait until they are there: the values, on the host."""
        if self._event is not None:
            self._event.synchronize()
        return self._values


class DeviceEvent:
    """When the device comes to this point of its work."""

    def __init__(self, device: torch.device) -> None:
        """Behind all that the device was given until now."""
        self._event = None
        self._s = time.perf_counter()
        if device.type == "cuda":
            self._event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            self._event.record(torch.cuda.current_stream(device))

    def until(self, later: DeviceEvent) -> float:
        """Wait for the later one: seconds between the two."""
        if self._event is None or later._event is None:
            return later._s - self._s
        later._event.synchronize()
        return float(self._event.elapsed_time(later._event)) / 1000
