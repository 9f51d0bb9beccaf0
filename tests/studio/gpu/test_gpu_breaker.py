"""On a card: the library's own errors are what they are taken for, and a careful run makes the same picture."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from on_card import CARD, NEEDS_CARD, OTHER_ORDER_LEVELS, ROOM_MIB, SHOT, difference, levels, story

from worker.studio.card.error_kinds import kind_of_error
from worker.studio.card.out_of_memory import OutOfMemory, catch_out_of_memory
from worker.studio.retry.run_mode import CAREFUL, SMALL

pytestmark = NEEDS_CARD

BREAKS = """
import torch
from worker.studio.card.error_kinds import kind_of_error
try:
    torch.zeros(4, device="cuda")[torch.tensor([9], device="cuda")].cpu()
except RuntimeError as error:
    print(kind_of_error(error), "|", str(error).partition(chr(10))[0])
"""


def test_more_than_the_card_has_is_a_shortage_of_the_card() -> None:
    made = catch_out_of_memory(lambda: torch.empty(1 << 42, dtype=torch.uint8, device=CARD))
    assert isinstance(made, OutOfMemory)
    print(made.why)
    with pytest.raises(torch.OutOfMemoryError) as told:
        torch.empty(1 << 42, dtype=torch.uint8, device=CARD)
    assert kind_of_error(told.value) == "card shortage"
    assert kind_of_error(RuntimeError(str(told.value))) == "card shortage"  # by its words alone


def test_an_assertion_on_the_card_breaks_the_context() -> None:
    told = subprocess.run([sys.executable, "-c", BREAKS], capture_output=True, text=True, check=False)
    print(told.stdout)
    assert told.stdout.startswith("broken context |"), told.stderr[-2000:]


@pytest.mark.parametrize("mode", [CAREFUL, SMALL], ids=["careful", "small"])
def test_a_careful_run_makes_the_picture(planned, results_of, mode) -> None:
    (usual,) = results_of(planned(ROOM_MIB), [SHOT])
    (careful,) = results_of(planned(ROOM_MIB), [SHOT], mode=mode)
    assert story(careful) == [("first", "ok")]
    apart = difference(levels(usual.picture), levels(careful.picture))
    print(f"{apart:.2f} of 255")
    assert apart <= OTHER_ORDER_LEVELS
