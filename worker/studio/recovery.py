"""After running out of memory: telling it from other errors, and getting the memory back.

Knows how the libraries say that memory ran out. Must not know what was being computed.
"""

from __future__ import annotations

import gc
import traceback

import torch

DISGUISES = ("CUDA error: out of memory", "STATUS_ALLOC_FAILED", "CUDNN_STATUS_NOT_SUPPORTED_INSUFFICIENT_MEMORY")
"""How cuBLAS, cuDNN and the driver say that memory ran out, when torch's allocator was not the one to ask."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that the card's memory did not suffice.

    Args:
        error: raised by torch.
    """
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or any(sign in text for sign in DISGUISES)


def release_frames(error: BaseException) -> None:
    """Drop the local variables that an error's traceback holds: they are the tensors that filled the card.

    Args:
        error: being handled; its frames must not run again.
    """
    traceback.clear_frames(error.__traceback__)


def reclaim() -> None:
    """Give all unused memory back to the card; call outside `except`, or the traceback still holds the tensors."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
