"""Pinning: host memory that the driver has locked, so that copies to the card run beside its computing.

Knows when a piece of memory must be unlocked, and what is left behind where the driver refuses.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import structlog
import torch

log = structlog.get_logger()

_refusals: list[int] = []
"""The driver's error codes in this process."""


def refusals() -> int:
    """How many pieces the driver has refused to lock in this process; each costs speed only."""
    return len(_refusals)


def pinned_piece(numbers: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Host memory of its own, locked for as long as anything refers to it.

    Locked in place: torch's own pinned memory comes in powers of two, which wastes up to half (source: pytorch#150517).
    Memory that is freed while it is locked is worse than an error: what is allocated there next is copied to the card
    as it was before (seen on an H100: wrong pictures, and no error).

    Args:
        numbers: how many.
        dtype: of each.
        device: the card that it will be copied to; anything else needs no locking.

    Returns:
        (numbers,), not filled. Where the driver refuses (a limit on locked memory), it is ordinary memory.
    """
    memory = np.empty(numbers * dtype.itemsize, dtype=np.uint8)
    if device.type == "cuda" and memory.nbytes:
        _lock(memory, device, torch.cuda.cudart())  # type: ignore[no-untyped-call]
    return torch.from_numpy(memory).view(dtype)


def _lock(memory: np.ndarray[Any, Any], device: torch.device, cudart: Any) -> None:  # noqa: ANN401 - torch's binding
    refused = int(cudart.cudaHostRegister(memory.ctypes.data, memory.nbytes, 0))
    if not refused:
        # the array outlives every tensor that shares its memory; at the process's end the driver does it by itself
        weakref.finalize(memory, cudart.cudaHostUnregister, memory.ctypes.data).atexit = False
        return
    _forget_error(device)
    if not _refusals:
        log.warning("pinning.refused", code=refused, note="weights are copied through ordinary memory, more slowly")
    _refusals.append(refused)


def _forget_error(device: torch.device) -> None:
    """A refusal is not harmless: the next call on the card raises it (seen on an H100), so let that be this one."""
    try:
        torch.empty(1, device=device)
    except RuntimeError:
        return
