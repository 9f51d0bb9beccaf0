"""Any error at any call of torch while weights move: they are what the host keeps then, and may move again.

The host plays the card.
"""

from __future__ import annotations

import pytest
import torch
from torch.overrides import TorchFunctionMode

from worker.studio.card.placement import HOST, PlacedModule
from worker.studio.plan.host_memory import HostRoom
from worker.studio.plan.setup import ON_CARD, ON_HOST, Placement

pytestmark = pytest.mark.slow

STREAMED = Placement(on_card=True, resident=1)
WIDE = Placement(on_card=True, resident=0, fp32=True)
IN_TURN = Placement(on_card=True, resident=0, ahead=False)
MOVES = [
    (ON_HOST, ON_CARD),
    (ON_HOST, STREAMED),
    (STREAMED, WIDE),
    (WIDE, ON_CARD),
    (STREAMED, ON_HOST),
    (ON_CARD, IN_TURN),
]
PLENTY = HostRoom(available_mib=1e6, total_mib=1e6, bound="machine")
ERRORS = [torch.OutOfMemoryError, RuntimeError, MemoryError, ValueError, KeyboardInterrupt]
"""Not OSError: it is what a host without room for a piece answers, and the weights are used where they lie then."""


class FailsOnce(TorchFunctionMode):
    """Raises at one call of torch, counted from 1; 0 only counts."""

    def __init__(self, call: int, error: type[BaseException]) -> None:
        super().__init__()
        self.calls, self._call, self._error = 0, call, error

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        if self.calls == self._call:
            raise self._error("planted")
        return func(*args, **(kwargs or {}))


def model() -> torch.nn.Module:
    torch.manual_seed(1)
    blocks = [torch.nn.Linear(3, 3, bias=False) for _ in range(3)]
    return torch.nn.Sequential(*blocks, torch.nn.LayerNorm(3)).bfloat16().requires_grad_(False)


def placed(module: torch.nn.Module) -> PlacedModule:
    return PlacedModule(module, [module[0], module[1], module[2]], device=HOST, host_room=lambda: PLENTY)


def calls_of(before: Placement, after: Placement) -> int:
    one = placed(model())
    one.move_to(before)
    with FailsOnce(0, RuntimeError) as counted:
        one.move_to(after)
    return counted.calls


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
@pytest.mark.parametrize(("before", "after"), MOVES)
def test_any_error_at_any_call_leaves_it_on_the_host_and_it_may_move_again(before, after, error) -> None:
    wanted = model().state_dict()
    calls = calls_of(before, after)
    assert calls > 5
    for call in range(1, calls + 1):
        module = model()
        part = placed(module)
        part.move_to(before)
        with pytest.raises(error, match="planted"), FailsOnce(call, error):
            part.move_to(after)
        for name, tensor in module.state_dict(keep_vars=True).items():
            assert tensor.data_ptr() == part._homes[id(tensor)].data_ptr(), "nothing stays on the card"
            assert torch.equal(tensor, wanted[name])
        assert not any(one._forward_pre_hooks for one in module), "nothing streams it any more"
        part.move_to(after)
        part.move_to(ON_HOST)
        assert all(torch.equal(tensor, wanted[name]) for name, tensor in module.state_dict().items())
