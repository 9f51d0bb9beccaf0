"""What `ports.Renderer` promises, held against every renderer: the in-memory twin and the real child process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest
from twins import PaintingRenderer

from worker.demo import weights_dir
from worker.errors import RendererDied
from worker.ports import Renderer
from worker.records import PictureResult, Progress, Request
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load


def request(index: int, *, steps: int = 2) -> Request:
    return Request(
        shot_id="mug", index=index, file=f"mug_{index:02}.png", prompt="a red mug on a white background", seed=index,
        width_px=64, height_px=64, steps=steps, guidance=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["twin", pytest.param("child", marks=pytest.mark.slow)])
def renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    real = ChildRenderer(Load(folder=weights_dir(), is_demo=True, device="cpu"))
    with closing(PaintingRenderer() if request.param == "twin" else real) as made:
        yield made


def ignore(progress: Progress) -> None:
    pass


def test_it_says_what_it_runs_on_and_starting_again_changes_nothing(renderer: Renderer) -> None:
    info = renderer.start()
    assert (info.precision, info.device) == ("bf16", "cpu")
    assert renderer.start() == info


def test_equal_shapes_come_in_the_order_asked_one_result_per_request_each_accounted_for(renderer: Renderer) -> None:
    renderer.start()
    asked = [request(index) for index in (1, 2, 3)]
    results = list(renderer.render(asked, on_progress=ignore))
    assert [result.request for result in results] == asked
    for result in results:
        assert result.tries
        assert (result.picture is None) == (result.error is not None)
        if result.picture is not None:
            assert len(result.picture.rgb) == 3 * result.picture.width_px * result.picture.height_px


def test_the_same_request_gives_the_same_picture(renderer: Renderer) -> None:
    renderer.start()
    first, second = (next(iter(renderer.render([request(7)], on_progress=ignore))) for _ in range(2))
    assert first.picture == second.picture


def test_progress_reaches_the_last_step(renderer: Renderer) -> None:
    renderer.start()
    seen: list[Progress] = []
    list(renderer.render([request(1)], on_progress=seen.append))
    assert seen[-1].step == seen[-1].steps == 2


def test_closing_early_leaves_a_renderer_that_takes_new_work(renderer: Renderer) -> None:
    renderer.start()
    results = renderer.render([request(index, steps=8) for index in range(1, 6)], on_progress=ignore)
    next(results)
    results.close()  # type: ignore[attr-defined]
    [again] = renderer.render([request(9)], on_progress=ignore)
    assert again.request.index == 9


def test_after_enough_what_is_in_work_still_comes_and_the_renderer_takes_new_work(renderer: Renderer) -> None:
    renderer.start()
    asked = [request(index, steps=8) for index in range(1, 9)]
    results = iter(renderer.render(asked, on_progress=ignore))
    begun: list[PictureResult] = [next(results)]
    renderer.finish()
    renderer.finish()
    begun += results
    assert 1 <= len(begun) < len(asked)
    assert all(one.picture is not None for one in begun)
    rest = asked[len(begun) :]
    assert [one.request for one in renderer.render(rest, on_progress=ignore)] == rest


def test_no_requests_give_no_results(renderer: Renderer) -> None:
    renderer.start()
    assert list(renderer.render([], on_progress=ignore)) == []


def test_closing_is_idempotent_and_start_brings_it_back(renderer: Renderer) -> None:
    renderer.start()
    renderer.close()
    renderer.close()
    renderer.start()
    assert len(list(renderer.render([request(1)], on_progress=ignore))) == 1


def test_a_renderer_that_is_not_started_says_so_before_its_first_result(renderer: Renderer) -> None:
    renderer.close()
    for _ in range(2):
        with pytest.raises(RendererDied):
            next(iter(renderer.render([request(1)], on_progress=ignore)))
    renderer.start()
    assert len(list(renderer.render([request(1)], on_progress=ignore))) == 1


@pytest.mark.slow
def test_a_killed_child_costs_no_picture() -> None:
    with closing(ChildRenderer(Load(folder=weights_dir(), is_demo=True, device="cpu"))) as renderer:
        renderer.start()
        results = renderer.render([request(index, steps=8) for index in range(1, 9)], on_progress=ignore)
        next(results)
        os.kill(renderer.pid or 0, signal.SIGKILL)
        assert {result.request.index for result in results} == set(range(2, 9))
        assert len(list(renderer.render([request(1)], on_progress=ignore))) == 1
