"""Who is to blame when a process died, and who is not."""

from __future__ import annotations

from dataclasses import replace

from worker.records import PictureResult, Progress, Request
from worker.studio.process.order_state import OrderState

MUG = Request(
    shot_id="mug", index=1, file="0.png", prompt="a mug", seed=1, width_px=64, height_px=64, steps=8, guidance=0.0
)
BATCH, OTHERS = ("0.png", "1.png"), ("2.png", "3.png", "4.png")


def progress(*files: str, step: int = 0, plan: str = "") -> Progress:
    return Progress(request=replace(MUG, file=files[0]), step=step, steps=8, files=files, plan=plan)


def after(*answers) -> dict[str, int]:
    """Tries that a death after these answers adds, by file."""
    state = OrderState()
    for answer in answers:
        state.hear(answer)
    state.is_death, state.why = True, "it crashed"
    return {file: int(file in state.blamed) for file in state.in_work}


def test_pictures_made_together_are_made_alone_next_and_each_has_had_a_try() -> None:
    assert after(progress(*BATCH, plan="whole")) == {"0.png": 1, "1.png": 1}


def test_prompts_encoded_together_are_encoded_alone_next_and_none_has_had_a_try() -> None:
    assert after(progress(*OTHERS)) == {"2.png": 0, "3.png": 0, "4.png": 0}


def test_a_prompt_encoded_alone_is_to_blame() -> None:
    assert after(progress("2.png")) == {"2.png": 1}


def test_beside_a_batch_the_card_is_still_at_a_prompt_is_not_encoded_alone() -> None:
    batch = progress(*BATCH, plan="whole")
    assert after(batch, progress("2.png", *BATCH)) == {"0.png": 1, "1.png": 1, "2.png": 0}
    made = [PictureResult(request=replace(MUG, file=file), picture=None, tries=()) for file in BATCH]
    assert after(batch, progress("2.png", *BATCH), *made) == {"2.png": 1}


def test_a_batch_goes_on_to_be_blamed_while_it_is_tried_again() -> None:
    assert after(progress(*BATCH, plan="whole"), progress(*BATCH, step=8), progress(*BATCH)) == {"0.png": 1, "1.png": 1}
