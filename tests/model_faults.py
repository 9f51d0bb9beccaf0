"""Faults put into the real model's own modules, and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch


class Count:
    """Counts calls of a module; at some of them something goes wrong."""

    def __init__(self, at: Callable[[int], bool], wrong: Callable) -> None:
        self.calls = 0
        self.fired = 0
        self._at = at
        self._wrong = wrong

    def __call__(self, _module, _args, made):
        self.calls += 1
        if not self._at(self.calls):
            return None
        self.fired += 1
        return self._wrong(made)


@contextmanager
def fault(module: torch.nn.Module, wrong: Callable, *, at: Callable[[int], bool]) -> Iterator[Count]:
    """While it lasts, what the module gives at the chosen calls (1-based) is spoilt."""
    count = Count(at, wrong)
    hook = module.register_forward_hook(count)
    try:
        yield count
    finally:
        hook.remove()


def run_out(_made):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")


def nan_everywhere(made):
    """Of whatever a model gives: a tensor, a tuple of lists of tensors."""
    if isinstance(made, torch.Tensor):
        return torch.full_like(made, float("nan"))
    return type(made)(nan_everywhere(one) for one in made)


def nan_in_item(item: int) -> Callable:
    """Only in one picture of a batch."""

    def spoil(made):
        (outputs,) = made
        return ([nan_everywhere(one) if n == item else one for n, one in enumerate(outputs)],)

    return spoil


def painted(level: float) -> Callable:
    """One colour, -1 black to 1 white."""
    return lambda made: torch.full_like(made, level)


def half_nan(made):
    made = made.clone()
    made[..., : made.shape[-1] // 2] = float("nan")
    return made


def first_only(call: int) -> bool:
    return call == 1


def always(_call: int) -> bool:
    return True


def up_to(last: int) -> Callable[[int], bool]:
    return lambda call: call <= last


def exactly(number: int) -> Callable[[int], bool]:
    return lambda call: call == number
