"""What a careful run does otherwise than usual: slower ways, the same pictures."""

from __future__ import annotations

from dataclasses import replace

from worker.studio.model_files.weights import Stack, Weights
from worker.studio.plan.memory import CPU_PLAN, Work, make_plan
from worker.studio.plan.setup import set_up
from worker.studio.retry.run_mode import CAREFUL, SMALL, USUAL, in_mode

WEIGHTS = Weights(
    transformer=Stack(blocks=34, block_mib=340.0, rest_mib=200.0),
    text_encoder=Stack(blocks=36, block_mib=190.0, rest_mib=740.0),
    vae_mib=160.0,
)
"""About Z-Image's."""


def test_what_a_careful_run_does_otherwise() -> None:
    plan = make_plan(80_000, WEIGHTS, Work(pixels=512 * 512))
    usual = set_up(in_mode(replace(plan, compiled=True), USUAL, on_card=True))
    assert usual.compiled
    assert plan.batch > 1
    careful = in_mode(replace(plan, compiled=True), CAREFUL, on_card=True)
    assert (careful.batch, careful.encode_batch) == (1, 1)
    setup = set_up(careful)
    assert not setup.compiled
    assert setup.is_streamed
    assert not setup.encoder_stays
    assert setup.attention == "_native_efficient"
    assert set_up(in_mode(CPU_PLAN, CAREFUL, on_card=False)).attention == usual.attention
    small = set_up(in_mode(replace(plan, compiled=True), SMALL, on_card=True))
    assert (small.compiled, small.is_streamed, small.attention) == (False, False, usual.attention)
