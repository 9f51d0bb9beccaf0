"""Out of memory: telling it from other errors, and getting the memory back.

Knows what must be let go of before memory is free again; the words for a shortage stand in `error_kinds`.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from worker.studio.card.error_kinds import kind_of_error

Value = TypeVar("Value")


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
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # their variables are the tensors that filled the card
        why = str(error).partition("\n")[0] or type(error).__name__
    # outside `except`: the traceback, and what it held, is gone
    reclaim()
    return OutOfMemory(why)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory did not suffice, the card's or the host's.

    Args:
        error: raised by torch.
    """
    return kind_of_error(error) in ("card shortage", "host shortage")


def reclaim() -> None:
    """Give all unused memory back to the card."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        torch._C._cuda_clearCublasWorkspaces()
        torch.cuda.empty_cache()
