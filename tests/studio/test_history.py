"""What a new process must know of the pictures that the former one did not bring home."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from lone_ladder import lone_ladder
from model_faults import always, exactly, fault, nan_everywhere, painted, run_out, up_to

from worker.records import Try
from worker.studio.card.device import Gauge
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.request_state import SEED_STEP
from worker.studio.retry.history import History, RestartRequest, after_death, give_up, is_hopeless

pytestmark = pytest.mark.slow

STEPS = 2
LADDER = lone_ladder("oom", "decode")
BAD_LATENTS = lone_ladder("not_finite", "denoise", "new_seed")


class LeakyGauge(Gauge):
    """A card on which memory is held by nobody knows whom."""

    def surplus_mib(self, held_bytes: int) -> float:
        return 100.0


def rungs(result) -> list[str]:
    return [one_try.rung for one_try in result.tries]


def count_only(_made) -> None:
    """No fault: the hook only counts."""


@pytest.fixture
def three(ask):
    return [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=STEPS) for n in range(3)]


@pytest.fixture
def mug(three):
    return three[0]


@pytest.fixture
def leaky(studio):
    return partial(studio.renderer, gauge=LeakyGauge(studio.stages.device, parts_mib=lambda: 0.0))


def test_a_leak_replaces_the_process_at_once_and_the_latents_go_along(
    studio, parts, results_of, leaky, mug, plain
) -> None:
    with fault(parts.vae.decoder, run_out, at=exactly(1)):
        (restart,) = results_of(leaky(), [mug])
    assert restart.why == "100 MiB of the card's memory did not come back"
    assert [one_try.rung for one_try in restart.history.tries] == ["first"]
    with fault(parts.transformer, count_only, at=always) as forwards:
        (result,) = results_of(studio.renderer(), [mug], histories=[restart.history])
    assert forwards.calls == 0
    assert rungs(result) == ["first", "new_process"]
    assert result.picture.rgb == plain(mug)


@pytest.mark.slow
def test_a_card_that_leaks_for_ever_costs_each_picture_one_process(parts, to_the_end, leaky, three) -> None:
    begun = []

    def begin():
        begun.append(leaky())
        return begun[-1]

    with fault(parts.vae.decoder, run_out, at=always):
        results = to_the_end(begin, three)
    assert len(begun) == len(three) + 1
    for result in results:
        assert rungs(result) == ["first", "new_process", *LADDER[1:]]
        assert result.picture is None


def test_latents_of_another_seed_are_not_taken_for_the_requests_own(studio, parts, results_of, leaky, mug) -> None:
    permitted = replace(mug, allow=frozenset({"new_seed"}))
    with (
        fault(parts.transformer, nan_everywhere, at=up_to(BAD_LATENTS.index("new_seed") * STEPS)),
        fault(parts.vae.decoder, run_out, at=exactly(1)),
    ):
        (restart,) = results_of(leaky(), [permitted])
    assert restart.history.tries[-1].rung == "new_seed"
    assert restart.history.latents is not None
    (result,) = results_of(studio.renderer(), [permitted], histories=[restart.history])
    assert result.picture is not None
    assert rungs(result)[-1] == "new_process"
    assert result.tries[-1].seed == (mug.seed + SEED_STEP) % 2**32
    assert result.request == permitted


def test_no_picture_of_a_batch_is_denoised_again_for_a_decode_that_ran_out(
    studio, parts, results_of, to_the_end, three
) -> None:
    together = partial(studio.renderer, replace(CPU_PLAN, batch=3))
    undisturbed = {result.request.file: result.picture for result in results_of(together(), three)}
    # three rungs for all, then the first one takes the last
    tries = len(LADDER[:-1]) * len(three) + 1
    with (
        fault(parts.vae.decoder, run_out, at=up_to(tries)) as decodes,
        fault(parts.transformer, count_only, at=always) as forwards,
    ):
        results = to_the_end(together, three)
    assert forwards.calls == STEPS
    assert decodes.calls == tries + len(three)
    assert {rungs(result)[-1] for result in results} == {"new_process"}
    assert {result.request.file: result.picture for result in results} == undisturbed


def test_which_picture_is_taken_up_again_is_told_before_anything_is_done_for_it(
    studio, parts, results_of, three
) -> None:
    with fault(parts.vae.decoder, run_out, at=always):
        (restart,) = results_of(studio.renderer(), three[-1:])
    heard, at_decode = [], []
    with fault(parts.vae.decoder, lambda _: at_decode.append(heard[-1]), at=always):
        # the prompts of all are encoded first
        requests = [replace(one, prompt=f"bowl {one.seed}") for one in three[:2]] + three[2:]
        ends = studio.renderer().render(
            requests, on_progress=heard.append, is_interrupted=lambda: False, histories=[restart.history]
        )
        assert [end.request.file for end in ends] == ["2.png", "0.png", "1.png"]
    assert [progress.files for progress in at_decode] == [("2.png",), ("0.png",), ("1.png",)]


def test_an_interrupt_is_heard_before_a_picture_is_taken_up_again(studio, parts, results_of, mug) -> None:
    with fault(parts.vae.decoder, run_out, at=always):
        (restart,) = results_of(studio.renderer(), [mug])
    heard = []
    ends = studio.renderer().render(
        [mug], on_progress=heard.append, is_interrupted=lambda: len(heard) == 1, histories=[restart.history]
    )
    assert [*ends] == []


def test_a_bad_picture_of_travelled_latents_goes_on_up_the_ladder(studio, parts, results_of, mug, plain) -> None:
    with fault(parts.vae.decoder, run_out, at=always):
        (restart,) = results_of(studio.renderer(), [mug])
    with fault(parts.vae.decoder, painted(-1.0), at=up_to(2)):
        (result,) = results_of(studio.renderer(), [mug], histories=[restart.history])
    assert rungs(result) == [*LADDER, "new_process", "decode_fp32", "again"]
    assert [one.rung for one in result.refused] == ["new_process", "decode_fp32"]
    assert result.picture is not None


def test_a_fault_of_the_picture_begins_anew_by_the_usual_means(studio, parts, results_of, mug, plain) -> None:
    with fault(parts.transformer, nan_everywhere, at=always):
        (restart,) = results_of(studio.renderer(), [mug])
    assert restart.history.latents is None
    (result,) = results_of(studio.renderer(), [mug], histories=[restart.history])
    assert rungs(result)[-1] == "new_process"
    assert result.picture.rgb == plain(mug)


def test_a_death_is_an_attempt_and_the_second_one_ends_it(mug) -> None:
    once = after_death(None, mug.file, why="crashed")
    assert not is_hopeless(once)
    twice = after_death(once, mug.file, why="killed")
    assert is_hopeless(twice)
    assert [(a.rung, a.outcome, a.note) for a in twice.tries] == [
        ("first", "error", "crashed"), ("new_process", "error", "killed")
    ]  # fmt: skip
    result = give_up(mug, twice)
    assert result.error == "The renderer died 2 times while making this picture: killed"
    assert (result.picture, result.tries) == (None, twice.tries)


def test_a_process_that_dies_of_travelled_latents_makes_them_suspect(mug) -> None:
    short = Try(rung="first", outcome="oom", seconds=1.0)
    history = after_death(History(file=mug.file, tries=(short,), latents=b"1234"), mug.file, why="killed")
    assert history.latents is None
    assert [one_try.rung for one_try in history.tries] == ["first", "new_process"]
    assert give_up(mug, history).error == "The renderer died once while making this picture: killed"


def test_a_restart_request_is_the_last_word(studio, parts, results_of, three) -> None:
    with fault(parts.vae.decoder, run_out, at=lambda call: call > 1):
        *done, last = results_of(studio.renderer(), three)
    assert [end.request.file for end in done] == ["0.png"]
    assert isinstance(last, RestartRequest)
    assert last.history.file == "1.png"
    assert last.others == ()
