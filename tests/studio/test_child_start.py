"""The start of the renderer's process: a stop is heard while it loads, and a model that is away is waited for."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from worker.demo import weights_dir
from worker.errors import ModelInvalid, StopAsked
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load

pytestmark = pytest.mark.slow

DEMO = Load(folder=weights_dir(), is_demo=True, device="cpu")


def test_a_stop_while_it_loads_ends_the_start_at_once() -> None:
    begun_s = time.monotonic()
    with closing(ChildRenderer(DEMO, should_stop=lambda: True)) as renderer, pytest.raises(StopAsked):
        renderer.start()
    assert time.monotonic() - begun_s < 3.0
    assert renderer.pid is None


@pytest.mark.slow
def test_a_model_that_is_away_while_a_process_is_replaced_is_waited_for(tmp_path: Path, ask) -> None:
    (tmp_path / "model").symlink_to(weights_dir())
    waits = []

    def returned() -> bool:
        waits.append((tmp_path / "model").exists())
        if not waits[-1]:
            (tmp_path / "away").rename(tmp_path / "model")
        return not waits[-1]

    load = Load(folder=tmp_path / "model", is_demo=True, device="cpu")
    with closing(ChildRenderer(load, model_returned=returned)) as renderer:
        renderer.start()
        results = renderer.render([ask(file="a.png"), ask(file="b.png", seed=2)], on_progress=lambda _: None)
        made = [next(results)]
        (tmp_path / "model").rename(tmp_path / "away")
        os.kill(renderer.pid, signal.SIGKILL)
        made += results
    assert waits == [False]
    assert [result.request.file for result in made] == ["a.png", "b.png"]
    assert all(result.picture is not None for result in made)


@pytest.mark.slow
def test_a_refusal_is_believed_when_it_comes_twice_with_the_model_there(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    looks = []

    def returned() -> bool:
        looks.append(1)
        return False

    load = Load(folder=tmp_path, device="cpu", is_demo=True)
    with closing(ChildRenderer(load, model_returned=returned)) as renderer, pytest.raises(ModelInvalid):
        renderer.start()
    assert len(looks) == 2
