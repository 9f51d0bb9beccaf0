"""What each stage of a picture took: shares add up to the whole, and each is borne once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from model_faults import fault, run_out, up_to

from worker.stage_times import StageSeconds, total
from worker.studio.card import transfers
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import set_up
from worker.studio.stages.embeddings import EmbeddingCache

TOGETHER = replace(CPU_PLAN, batch=3)
PLAIN = set_up(CPU_PLAN)


class SlowEncode:
    """Takes 2 s a call, by the clock of the events."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        patch.setattr(transfers.time, "perf_counter", lambda: self.now_s)

    def __call__(self, prompts, *, setup) -> list[torch.Tensor]:
        self.now_s += 2.0
        return [torch.zeros(1) for _ in prompts]

    def padded_tokens(self, prompt: str) -> int:
        return 64

    def leave(self) -> None:
        """Nothing is there."""


def test_an_encoding_is_divided_among_its_prompts_and_borne_by_the_first_picture_of_each(ask, monkeypatch) -> None:
    encode = SlowEncode(monkeypatch)
    cache = EmbeddingCache(encode)
    prompts = ["a", "b", "a", "c"]
    requests = [ask(file=f"{n}.png", prompt=prompt, guidance=0.0) for n, prompt in enumerate(prompts)]
    cache.turn_to(requests, setup=PLAIN, batch=8, before_each=lambda _: False)
    seconds = [cache.take_seconds(request) for request in requests]
    assert seconds == pytest.approx([2 / 3, 2 / 3, 0.0, 2 / 3])
    assert sum(seconds) == pytest.approx(encode.now_s)
    cache.forget(requests[0])
    cache.of(requests[0], setup=PLAIN)
    assert cache.take_seconds(requests[0]) == pytest.approx(2.0)


def test_what_nobody_has_borne_is_dropped_with_the_window(ask, monkeypatch) -> None:
    cache = EmbeddingCache(SlowEncode(monkeypatch))
    first, second = ask(prompt="a", guidance=0.0), ask(prompt="b", guidance=0.0)
    for request in (first, second):
        cache.turn_to([request], setup=PLAIN, batch=8, before_each=lambda _: False)
    assert cache.take_seconds(first) == 0.0
    assert cache.take_seconds(second) > 0.0


@pytest.mark.slow
def test_the_stages_of_real_pictures_are_told_and_a_batch_is_divided(ask, studio, results_of) -> None:
    requests = [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=2) for n in range(3)]
    results = results_of(studio.renderer(TOGETHER), requests)
    stages = [result.tries[-1].stages for result in results]
    assert [one.encode_s > 0 for one in stages] == [True, False, False], "one prompt, encoded once"
    assert len({one.denoise_s for one in stages}) == 1
    assert all(one.denoise_s > 0 and one.decode_s > 0 for one in stages)
    for result, one in zip(results, stages, strict=True):
        assert one.denoise_s + one.decode_s == pytest.approx(result.tries[-1].seconds, rel=0.2, abs=0.01)


@pytest.mark.slow
def test_a_try_that_only_decodes_again_has_denoised_nothing(ask, studio, parts, results_of) -> None:
    with fault(parts.vae.decoder, run_out, at=up_to(1)):
        (result,) = results_of(studio.renderer(), [ask(width_px=64, height_px=64, steps=2)])
    assert result.picture is not None
    first, last = (one.stages for one in (result.tries[0], result.tries[-1]))
    assert first.denoise_s > 0
    assert last.denoise_s < first.denoise_s / 2


def test_the_sum_of_no_stages_is_not_known() -> None:
    assert total([]) is None
    one = StageSeconds(encode_s=0.1, denoise_s=0.2, decode_s=0.3)
    assert total([one, one]) == StageSeconds(encode_s=0.2, denoise_s=0.4, decode_s=0.6)
