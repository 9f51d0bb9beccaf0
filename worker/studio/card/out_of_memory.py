"""Out of memory: telling it from other errors, and getting the memory back.

Knows how the libraries say that memory ran out.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

Value = TypeVar("Value")

DISGUISES = (
    "CUDA error: out of memory",
    "STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_NOT_SUPPORTED_INSUFFICIENT_MEMORY",
    "DefaultCPUAllocator: can't allocate memory",
)
"""How cuBLAS, cuDNN, the driver and the host say that memory ran out, when torch's allocator was not the one to ask."""


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """Memory ran out; what was computed is gone, and so is what it held."""

    why: str
    """The library's own first line."""


def catch_out_of_memory(act: Callable[[], Value]) -> Value | OutOfMemory:
    """Do it; running out of memory is a value, returned once all that the failed try held is given back.

    Args:
        act: may run out of memory; its frames do not run again.
    """
    try:
        return act()
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # their variables are the tensors that filled the card
        why = str(error).partition("\n")[0]
    # outside `except`: the traceback, and what it held, is gone
    reclaim()
    return OutOfMemory(why)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory did not suffice.

    Args:
        error: raised by torch.
    """
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or any(sign in text for sign in DISGUISES)


def reclaim() -> None:
    """Give all unused memory back to the card."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        torch._C._cuda_clearCublasWorkspaces()
        torch.cuda.empty_cache()
