"""The renderer's process with faults inside, put there from outside: Python runs `sitecustomize` before the child."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from worker.demo import weights_dir
from worker.errors import RendererBroken
from worker.studio.process.parent import ChildRenderer
from worker.studio.process.silence import SilenceLimits
from worker.studio.render.load_request import Load

pytestmark = pytest.mark.slow

DEMO = Load(folder=weights_dir(), is_demo=True, device="cpu")
STEPS = 2

SITE = """
import os, signal, sys
from importlib.abc import MetaPathFinder
from pathlib import Path

HERE = Path(__file__).parent

class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "worker.studio.render.opening":
            sys.meta_path.remove(self)
            disturb()
        return None

def disturb():
    import torch
    from diffusers import AutoencoderKL, ZImageTransformer2DModel
    decode, forward = AutoencoderKL.decode, ZImageTransformer2DModel.forward
    number = 1 + len([*HERE.glob("process-*")])
    log = HERE / f"process-{number}"
    log.touch()

    def tell(word):
        with log.open("a") as told:
            told.write(word + "\\n")

    def run_out():
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    def act(latents):
        is_tall = latents.shape[-2] > latents.shape[-1]
        FAULT

    def decode_or_fail(self, latents, *args, **more):
        tell("decode")
        act(latents)
        return decode(self, latents, *args, **more)

    def forward_and_tell(self, *args, **more):
        tell("forward")
        return forward(self, *args, **more)

    AutoencoderKL.decode, ZImageTransformer2DModel.forward = decode_or_fail, forward_and_tell

sys.meta_path.insert(0, Finder())
"""


class Disturbed:
    """A renderer whose processes go wrong in their decodes."""

    def __init__(self, renderer: ChildRenderer, folder: Path) -> None:
        self.renderer = renderer
        self._folder = folder

    def results(self, *requests, **more) -> list:
        self.renderer.start()
        return list(self.renderer.render(requests, on_progress=more.get("on_progress", lambda _: None)))

    def told(self, word: str) -> list[int]:
        """How often that was done, process by process."""
        logs = sorted(self._folder.glob("process-*"))
        return [log.read_text().split().count(word) for log in logs]


@pytest.fixture
def disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Disturbed]]:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with closing(ChildRenderer(DEMO)) as renderer:

        def make(wrong: str) -> Disturbed:
            (tmp_path / "sitecustomize.py").write_text(SITE.replace("FAULT", wrong))
            return Disturbed(renderer, tmp_path)

        yield make


@pytest.fixture
def mixed(ask):
    """Three pictures, the second of them tall."""
    return [
        ask(file=f"{n}.png", seed=n, prompt=f"a bowl, number {n}", width_px=64, height_px=height, steps=STEPS)
        for n, height in enumerate((64, 128, 64))
    ]


def story(result) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


def by_file(results) -> dict:
    return {result.request.file: result for result in results}


SHORT = [("first", "oom"), ("free_cache", "oom"), ("stream_blocks", "oom"), ("stream_in_turn", "oom")]


def test_latents_travel_to_the_next_process_and_the_job_goes_on(disturbed, mixed, plain) -> None:
    studio = disturbed("if number == 1: run_out()")
    results = studio.results(*mixed)
    assert sorted(result.request.file for result in results) == ["0.png", "1.png", "2.png"]
    assert [result.picture.rgb for result in results] == [plain(result.request) for result in results]
    assert story(by_file(results)["0.png"]) == [*SHORT, ("new_process", "ok")]
    assert story(by_file(results)["1.png"]) == story(by_file(results)["2.png"]) == [("first", "ok")]
    # the second process denoises only what the first one had not begun
    assert studio.told("forward") == [STEPS, 2 * STEPS]
    assert studio.told("decode") == [4, 3]


def test_an_error_in_every_decode_ends_the_run_after_three_processes_and_blames_no_picture(disturbed, mixed) -> None:
    studio = disturbed("raise ValueError('planted in every decode')")
    results = []
    studio.renderer.start()
    with pytest.raises(RendererBroken, match="planted in every decode"):
        results += studio.renderer.render(mixed, on_progress=lambda _: None)
    assert results == []
    assert len(studio.told("decode")) == 3


def test_an_error_of_one_picture_fails_that_one_and_the_others_are_made(disturbed, mixed, plain) -> None:
    studio = disturbed("if is_tall: raise ValueError('planted in the tall one')")
    results = by_file(studio.results(*mixed))
    assert story(results["1.png"]) == [("first", "error"), ("new_process", "error")]
    assert "planted in the tall one" in results["1.png"].error
    for file in ("0.png", "2.png"):
        assert results[file].picture.rgb == plain(results[file].request)
    assert len(studio.told("decode")) <= 3


def test_what_every_process_is_too_small_for_is_refused_and_the_rest_is_made(disturbed, mixed, plain) -> None:
    studio = disturbed("if is_tall: run_out()")
    results = by_file(studio.results(*mixed))
    assert story(results["1.png"]) == [*SHORT, ("new_process", "oom")]
    assert "The card's memory did not suffice for 64x128" in results["1.png"].error
    for file in ("0.png", "2.png"):
        assert results[file].picture.rgb == plain(results[file].request)
    assert sum(studio.told("forward")) == STEPS * len(mixed)


def test_an_error_that_spoils_the_cards_context_costs_the_process_and_one_try(disturbed, mixed, plain) -> None:
    studio = disturbed(
        "if number == 1 and is_tall: raise RuntimeError('CUDA error: an illegal memory access was encountered')"
    )
    results = by_file(studio.results(*mixed))
    assert story(results["1.png"]) == [("first", "error"), ("new_process", "ok")]
    assert (
        results["1.png"].tries[0].note.endswith("RuntimeError: CUDA error: an illegal memory access was encountered.")
    )
    assert all(result.picture.rgb == plain(result.request) for result in results.values())


@pytest.mark.parametrize("how", ["SIGSEGV", "SIGKILL"])
def test_the_picture_that_kills_after_its_latents_travelled_is_the_one_given_up(disturbed, mixed, how: str) -> None:
    studio = disturbed(f"if is_tall and number == 1: run_out()\n        if is_tall: os.kill(os.getpid(), signal.{how})")
    results = by_file(studio.results(*mixed))
    assert story(results["1.png"]) == [*SHORT, ("new_process", "error")]
    assert results["1.png"].error.startswith("The renderer died once while making this picture: ")
    assert story(results["0.png"]) == story(results["2.png"]) == [("first", "ok")]
    assert len(studio.told("decode")) == 2  # nothing is left for a third process


def test_a_hang_in_a_decode_costs_one_try(tmp_path, disturbed, mixed, plain) -> None:
    studio = disturbed("if number == 1 and is_tall: os.kill(os.getpid(), signal.SIGSTOP)")
    studio.renderer._limits = SilenceLimits(cpu_idle_s=3.0)
    begun_s = time.monotonic()
    results = by_file(studio.results(*mixed))
    assert time.monotonic() - begun_s < 60
    assert story(results["1.png"]) == [("first", "error"), ("new_process", "ok")]
    assert results["1.png"].tries[0].note == ("The renderer's process said nothing for 3 s and was killed: it hung.")
    assert all(result.picture.rgb == plain(result.request) for result in results.values())


def test_a_process_that_hangs_before_its_first_word_is_replaced(ask) -> None:
    with closing(ChildRenderer(DEMO, limits=SilenceLimits(message_s=5.0))) as renderer:
        renderer.start()
        pid = renderer.pid
        os.kill(pid, signal.SIGSTOP)
        (result,) = renderer.render([ask()], on_progress=lambda _: None)
        assert renderer.pid != pid
        assert not Path(f"/proc/{pid}").exists()
    assert story(result) == [("first", "ok")]


def test_leaving_early_while_the_process_asks_to_be_replaced_leaves_a_renderer_that_starts(disturbed, mixed) -> None:
    studio = disturbed("if number == 1 and is_tall: run_out()")
    studio.renderer.start()
    results = studio.renderer.render(mixed[:2], on_progress=lambda _: None)
    next(results)
    results.close()
    assert len(studio.results(*mixed)) == 3
