"""Pictures made together, with a fault in one of them or in all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_faults import always, exactly, fault, nan_in_item, painted, run_out, up_to

from worker.records import PictureResult
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.retry.history import RestartRequest

pytestmark = pytest.mark.slow

TOGETHER = replace(CPU_PLAN, batch=3)
STEPS = 2


def rungs(result) -> list[str]:
    return [one_try.rung for one_try in result.tries]


@pytest.fixture
def three(ask):
    return [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=STEPS) for n in range(3)]


@pytest.fixture
def undisturbed(studio, results_of, three):
    return {r.request.file: r.picture for r in results_of(studio.renderer(TOGETHER), three)}


@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("item", range(3))
def test_nan_in_one_item_leaves_its_neighbours_untouched(
    studio, parts, results_of, three, undisturbed, item: int, step: int
) -> None:
    with fault(parts.transformer, nan_in_item(item), at=exactly(step)) as count:
        results = {r.request.file: r for r in results_of(studio.renderer(TOGETHER), three)}
    assert count.fired == 1
    for n, request in enumerate(three):
        assert rungs(results[request.file]) == (["first", "alone"] if n == item else ["first"])
        assert results[request.file].picture == undisturbed[request.file] or n == item
    assert results[f"{item}.png"].picture is not None


def test_a_batch_that_runs_out_is_tried_again_then_halved_then_undone(studio, parts, results_of, three) -> None:
    for failures, expected in ((1, "free_cache"), (2, "half_batch"), (3, "batch_of_one")):
        sizes = []

        def note(made, sizes=sizes):
            sizes.append(len(made[0]))

        with fault(parts.transformer, run_out, at=up_to(failures)), fault(parts.transformer, note, at=always):
            results = results_of(studio.renderer(TOGETHER), three)
        assert len(results) == 3
        assert expected in {rungs(result)[-1] for result in results}
        assert all(result.picture is not None for result in results)
    assert set(sizes) == {1, 2} or set(sizes) == {1}


def test_the_size_of_a_batch_that_ran_out_is_remembered(studio, parts, results_of, three) -> None:
    renderer = studio.renderer(TOGETHER)
    with fault(parts.transformer, run_out, at=up_to(2)):
        results_of(renderer, three)
    sizes = []
    with fault(parts.transformer, lambda made: sizes.append(len(made[0])), at=always):
        results = results_of(renderer, three)
    assert set(sizes) == {1, 2}
    assert {tuple(rungs(result)) for result in results} == {("half_batch",)}


@pytest.mark.slow
def test_a_lasting_lack_of_memory_is_carried_to_another_process_shot_by_shot(studio, parts, results_of, three) -> None:
    left, histories = {request.file: request for request in three}, {}
    with fault(parts.vae.decoder, run_out, at=always):
        for _ in range(10):
            for end in results_of(studio.renderer(TOGETHER), [*left.values()], histories=[*histories.values()]):
                if isinstance(end, RestartRequest):
                    histories[end.history.file] = end.history
                else:
                    assert end.picture is None
                    del left[end.request.file]
                    histories.pop(end.request.file, None)
            if not left:
                break
    assert not left


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.fixed_dictionaries(
        {
            "oom": st.sets(st.integers(1, 20)),
            "nan": st.sets(st.integers(1, 20)),
            "short": st.sets(st.integers(1, 12)),
            "black": st.sets(st.integers(1, 12)),
        }
    ),
    batch=st.integers(1, 3),
)
def test_whatever_goes_wrong_every_request_ends_once(
    studio, parts, results_of, three, undisturbed, calls, batch
) -> None:
    plan = replace(CPU_PLAN, batch=batch)
    left, histories, ended = {request.file: request for request in three}, {}, []
    with (
        fault(parts.transformer, nan_in_item(0), at=lambda call: call in calls["nan"]),
        fault(parts.transformer, run_out, at=lambda call: call in calls["oom"]),
        fault(parts.vae.decoder, painted(-1.0), at=lambda call: call in calls["black"]),
        fault(parts.vae.decoder, run_out, at=lambda call: call in calls["short"]),
    ):
        for _ in range(5):
            if not left:
                break
            for end in results_of(studio.renderer(plan), [*left.values()], histories=[*histories.values()]):
                if isinstance(end, RestartRequest):
                    histories[end.history.file] = end.history
                    continue
                assert isinstance(end, PictureResult)
                ended.append(end.request.file)
                histories.pop(end.request.file, None)
                del left[end.request.file]
                assert len(set(rungs(end))) == len(rungs(end))
                assert (end.picture is None) == (end.error is not None)
                near = {"decode_fp32", "denoise_fp32", "attention_math", "alone"} & set(rungs(end))
                if end.picture is not None and batch == 1 and not near:
                    assert end.picture == undisturbed[end.request.file]
    assert sorted(ended) == ["0.png", "1.png", "2.png"]


def test_while_one_picture_is_made_the_one_before_is_still_in_work(studio, ask) -> None:
    """A process that dies then may have died of either."""
    requests = [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=1) for n in range(3)]
    told: list[object] = []
    results = studio.renderer(overlaps=True).render(
        requests,
        on_progress=lambda progress: told.append(progress.files) if progress.step else None,
        is_interrupted=lambda: False,
    )
    told.extend(result.request.file for result in results)
    assert told == [("0.png",), ("1.png", "0.png"), "0.png", ("2.png", "1.png"), "1.png", "2.png"]


def test_pictures_read_late_are_those_read_at_once(studio, results_of, three) -> None:
    late, at_once = (
        {result.request.file: result.picture for result in results_of(studio.renderer(overlaps=overlaps), three)}
        for overlaps in (True, False)
    )
    assert late == at_once


def test_who_leaves_early_hears_nothing_of_it_later(studio, results_of, three) -> None:
    renderer = studio.renderer(overlaps=True)
    left = renderer.render(three[:2], on_progress=lambda _: None, is_interrupted=lambda: False)
    assert next(left).request.file == "0.png"
    left.close()
    assert [result.request.file for result in results_of(renderer, three[2:])] == ["2.png"]


def test_who_wants_no_more_still_gets_what_is_in_work_and_nothing_is_begun_after(studio, ask) -> None:
    """On a card too, where the next picture is begun before the one before is read."""
    requests = [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=1) for n in range(5)]
    begun: set[str] = set()
    made: list[str] = []
    renderer = studio.renderer(overlaps=True)
    results = renderer.render(
        requests,
        on_progress=lambda progress: begun.update(progress.files) if progress.step else None,
        is_interrupted=lambda: False,
        may_begin=lambda: not made,
    )
    made.extend(result.request.file for result in results)
    assert made == ["0.png", "1.png"]
    assert begun == set(made)
