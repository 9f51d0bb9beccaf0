"""Pinning: host memory that the driver has locked, so that copies to the card run beside its computing.

Knows when a piece of memory must be unlocked, and what is left behind where the driver refuses.
"""

from __future__ import annotations

import mmap
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import structlog
import torch

log = structlog.get_logger()

NOTE = (
    "weights and pictures are copied through ordinary memory: the same pictures, more slowly; locked memory is limited "
    "by `ulimit -l` (systemd: LimitMEMLOCK=infinity), by WSL2 (raise `memory` in .wslconfig), or by little free memory"
)
MOST_ERRORS = 4
"""Errors left behind by calls on the card that are cleared at most; one refusal leaves one."""

_refusals: list[str] = []
"""The driver's words in this process."""


def refusals() -> int:
    """How many pieces the driver has refused to lock in this process; each costs speed only."""
    return len(_refusals)


def pinned_piece(numbers: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Host memory of its own, locked for as long as anything refers to it.

    Locked in place: torch's own pinned memory comes in powers of two, which wastes up to half (source: pytorch#150517).
    Memory that is freed while it is locked is worse than an error: what is allocated there next is copied to the card
    as it was before (seen on an H100: wrong pictures, and no error). Pages of its own: what shares a page with a locked
    piece is refused, and the system has all of it back when the piece goes.

    Args:
        numbers: how many.
        dtype: of each.
        device: the card that it will be copied to; anything else needs no locking.

    Returns:
        (numbers,), zeros. Where the driver refuses (a limit on locked memory), it is ordinary memory.

    Raises:
        OSError: the host gives no more memory.
    """
    size = numbers * dtype.itemsize
    # private, so that it counts as this process's own memory and not as a file that others may have too
    pages = mmap.mmap(-1, max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory = np.frombuffer(pages, dtype=np.uint8, count=size)
    if device.type == "cuda" and size:
        _lock(memory, device, torch.cuda.cudart())  # type: ignore[no-untyped-call]
    return torch.from_numpy(memory).view(dtype)


def pinned_like(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Host memory of torch's own, locked, in which values are on their way to or from a card.

    Args:
        values: whose shape and kind it has.
        device: the card.

    Returns:
        Not filled. Where the driver refuses, it is ordinary memory: a copy then waits for the card.
    """
    try:
        return _torch_pinned(values)
    except RuntimeError as error:  # the host's memory, not the card's: nothing that a ladder could answer
        words = str(error).partition("\n")[0]
    _refused(words, device)
    return torch.empty(values.shape, dtype=values.dtype)


def _torch_pinned(values: torch.Tensor) -> torch.Tensor:
    return torch.empty(values.shape, dtype=values.dtype, pin_memory=True)


def _lock(memory: np.ndarray[Any, Any], device: torch.device, cudart: Any) -> None:  # noqa: ANN401 - torch's binding
    code = int(cudart.cudaHostRegister(memory.ctypes.data, memory.nbytes, 0))
    if code:
        _refused(f"cudaHostRegister: {code}", device)
        return
    # the array outlives every tensor that shares its memory, and its pages outlive the array; at the process's end the
    # driver does it by itself
    weakref.finalize(memory, _unlock, memory.ctypes.data, device, cudart.cudaHostUnregister).atexit = False


def _unlock(place: int, device: torch.device, unregister: Callable[[int], object]) -> None:
    """Before the memory is freed: let copies from it end, then unlock it."""
    with suppress(RuntimeError):  # an error of the computing stays with the card: who uses it next hears of it
        torch.cuda.synchronize(device)
    code = int(unregister(place))  # type: ignore[call-overload]
    if code:
        log.warning("pinning.not_unlocked", code=code)
        _clear_errors(device)


def _refused(words: str, device: torch.device) -> None:
    _clear_errors(device)
    if not _refusals:
        log.warning("pinning.refused", why=words, note=NOTE)
    _refusals.append(words)


def _clear_errors(device: torch.device) -> None:
    """A refusal is not harmless: the next kernel on the card raises it (seen on an H100), so let that be one of ours.

    A kernel, as memory alone may come from torch's cache without asking the driver. An error that stays is none of a
    refusal's: whoever uses the card next hears of it.
    """
    for _ in range(MOST_ERRORS):
        try:
            torch.ones(1, device=device)
        except RuntimeError:
            continue
        return
