"""The renderer as a child process: its promises, its ends, and no network."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from waiting_for import wait_for

from worker.demo import weights_dir
from worker.errors import ModelInvalid, RendererDied
from worker.studio.card.environment import PACKAGE_ROOT
from worker.studio.process.parent import ChildRenderer
from worker.studio.process.silence import SilenceLimits
from worker.studio.process.spawn import why_died
from worker.studio.render.load_request import Load

pytestmark = pytest.mark.slow

DEMO = Load(folder=weights_dir(), is_demo=True, device="cpu")


BREAK_SOCKETS = """
import socket
def refuse(*args, **kwargs):
    open({log!r}, "a").write("tried\\n")
    raise OSError("no network in this test")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


@pytest.fixture(scope="module")
def without_network(tmp_path_factory) -> Iterator[Path]:
    """Every child's sockets refuse to connect, and note the try in this file; the model hub is half configured."""
    folder = tmp_path_factory.mktemp("no-network")
    (folder / "sitecustomize.py").write_text(BREAK_SOCKETS.format(log=str(folder / "tries")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("HF_HUB_OFFLINE", "0")
        patch.setenv("HF_HOME", str(folder / "hub"))
        yield folder / "tries"


@pytest.fixture(scope="module")
def idles() -> list[float]:
    return []


@pytest.fixture(scope="module")
def renderer(without_network: Path, idles: list[float]) -> Iterator[ChildRenderer]:
    up = ChildRenderer(DEMO, on_idle=lambda: idles.append(time.monotonic()))
    yield up
    up.close()


def take(renderer: ChildRenderer, *requests, heard: list | None = None) -> list:
    return list(renderer.render(requests, on_progress=(heard if heard is not None else []).append))


def test_start_says_what_it_runs_on_and_is_idempotent(renderer: ChildRenderer) -> None:
    info = renderer.start()
    pid = renderer.pid
    assert (info.device, info.gpu, info.precision) == ("cpu", None, "bf16")
    assert info.memory_mib > 0
    assert renderer.start() == info
    assert renderer.pid == pid


def test_while_it_loads_the_parent_does_its_periodic_work(renderer: ChildRenderer, idles: list[float]) -> None:
    renderer.start()
    assert idles


def test_no_network_is_tried_even_if_the_user_forgot_to_forbid_it(renderer, ask, without_network: Path) -> None:
    renderer.start()
    assert take(renderer, ask())[0].picture is not None
    assert not without_network.exists()


def test_results_come_in_order_with_the_plain_pipelines_bits(renderer: ChildRenderer, ask, plain) -> None:
    renderer.start()
    heard: list = []
    requests = [ask(seed=seed, file=f"{seed}.png") for seed in (1, 2)]
    results = take(renderer, *requests, heard=heard)
    assert [result.request for result in results] == requests
    assert [result.picture.rgb for result in results] == [plain(request) for request in requests]
    assert [(p.request.seed, p.step) for p in heard if p.step] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_closing_early_interrupts_and_the_child_takes_new_work(renderer: ChildRenderer, ask) -> None:
    renderer.start()
    pid, heard = renderer.pid, []
    results = renderer.render([ask(), ask(steps=2000, file="long.png")], on_progress=heard.append)
    next(results)
    results.close()
    assert take(renderer, ask(seed=9))[0].picture is not None
    assert renderer.pid == pid


def test_an_interrupt_reaches_a_picture_in_the_middle(renderer: ChildRenderer, ask) -> None:
    renderer.start()

    class EnoughError(Exception):
        pass

    def stop(progress) -> None:
        if progress.step == 2:
            raise EnoughError

    begun_s = time.monotonic()
    with pytest.raises(EnoughError):
        list(renderer.render([ask(steps=2000)], on_progress=stop))
    assert time.monotonic() - begun_s < 30
    assert take(renderer, ask())[0].picture is not None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_dies_costs_a_try_and_no_picture(renderer: ChildRenderer, ask, how) -> None:
    renderer.start()
    killed = []

    def kill_once(progress) -> None:
        if progress.request.file == "b.png" and progress.step == 1 and not killed:
            killed.append(renderer.pid)
            os.kill(renderer.pid, how)

    requests = [ask(file=file) for file in ("a.png", "b.png", "c.png")]
    results = {result.request.file: result for result in renderer.render(requests, on_progress=kill_once)}
    assert killed
    assert renderer.pid not in (None, killed[0])
    assert all(result.picture is not None for result in results.values())
    told = [(one_try.rung, one_try.outcome) for one_try in results["b.png"].tries]
    assert told == [("first", "error"), ("new_process", "ok")]
    assert ("signal 9" if how == signal.SIGKILL else "SIGSEGV") in results["b.png"].tries[0].note
    assert len(results["a.png"].tries) == len(results["c.png"].tries) == 1


def test_a_picture_that_kills_every_process_is_given_up_and_the_rest_is_made(renderer: ChildRenderer, ask) -> None:
    renderer.start()

    def kill(progress) -> None:
        if progress.request.file == "b.png" and progress.step == 1:
            os.kill(renderer.pid, signal.SIGKILL)

    requests = [ask(file=file) for file in ("a.png", "b.png", "c.png")]
    results = {result.request.file: result for result in renderer.render(requests, on_progress=kill)}
    assert {file for file, result in results.items() if result.picture is None} == {"b.png"}
    assert results["b.png"].error.startswith("The renderer died 2 times while making this picture: ")
    assert [(a.rung, a.outcome) for a in results["b.png"].tries] == [("first", "error"), ("new_process", "error")]


def test_a_child_killed_at_random_moments_still_makes_every_picture(renderer: ChildRenderer, ask) -> None:
    """Killed once while every other picture is made, at a step drawn by lot: at each one in a row the run would end."""
    renderer.start()
    draw, killed = random.Random(5), set()
    when = {f"{n}.png": draw.randint(0, 3) for n in range(0, 8, 2)}
    files = [f"{n}.png" for n in range(8)]

    def kill(progress) -> None:
        file = progress.request.file
        if progress.step == when.get(file) and progress.files and file not in killed:
            killed.add(file)
            os.kill(renderer.pid, draw.choice([signal.SIGKILL, signal.SIGSEGV]))

    results = list(renderer.render([ask(file=file, steps=4) for file in files], on_progress=kill))
    assert killed == set(when)
    assert sorted(result.request.file for result in results) == files
    assert all(result.picture is not None for result in results)


def test_a_child_that_hangs_is_killed_and_the_picture_made_by_another(ask) -> None:
    stopped = []

    def stop(progress) -> None:
        if progress.step == 1 and not stopped:
            stopped.append(renderer.pid)
            os.kill(renderer.pid, signal.SIGSTOP)

    with closing(ChildRenderer(DEMO, limits=SilenceLimits(cpu_idle_s=3.0))) as renderer:
        renderer.start()
        (result,) = renderer.render([ask()], on_progress=stop)
    assert stopped
    assert [(a.rung, a.outcome) for a in result.tries] == [("first", "error"), ("new_process", "ok")]
    assert result.tries[0].note == "The renderer's process said nothing for 3 s and was killed: it hung."


def test_what_no_rung_of_one_process_cures_the_next_one_does(
    ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that is short in the first process only, from outside: Python runs `sitecustomize` before the child."""
    (tmp_path / "sitecustomize.py").write_text(SHORT_OF_MEMORY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with closing(ChildRenderer(DEMO)) as renderer:
        renderer.start()
        first = renderer.pid
        (result,) = renderer.render([ask()], on_progress=lambda _: None)
        assert renderer.pid != first
    assert [(a.rung, a.outcome) for a in result.tries] == [
        ("first", "oom"), ("free_cache", "oom"), ("stream_blocks", "oom"), ("stream_in_turn", "oom"),
        ("new_process", "ok"),
    ]  # fmt: skip
    assert (tmp_path / "fired").exists()


SHORT_OF_MEMORY = """
import os, sys
from importlib.abc import MetaPathFinder
from pathlib import Path

class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "worker.studio.render.opening" or (Path(__file__).parent / "fired").exists():
            return None
        sys.meta_path.remove(self)
        (Path(__file__).parent / "fired").touch()
        import torch
        from diffusers import AutoencoderKL
        def run_out(*_, **__):
            raise torch.OutOfMemoryError("CUDA out of memory.")
        AutoencoderKL.decode = run_out
        return None

sys.meta_path.insert(0, Finder())
"""


def test_rendering_before_start_is_an_error(ask) -> None:
    with pytest.raises(RendererDied, match="start it first"):
        take(ChildRenderer(DEMO), ask())


def test_signals_to_the_whole_unit_do_not_end_the_child(renderer: ChildRenderer, ask) -> None:
    renderer.start()
    for quiet in (signal.SIGTERM, signal.SIGINT):
        os.kill(renderer.pid, quiet)
    assert take(renderer, ask())[0].picture is not None
    assert os.getsid(renderer.pid) != os.getsid(0)


def test_a_model_that_cannot_be_loaded_is_raised_in_the_parent(folder: Path) -> None:
    (folder / "vae/config.json").write_text("{}")
    renderer = ChildRenderer(Load(folder=folder, is_demo=True, device="cpu"))
    with pytest.raises(ModelInvalid, match="cannot be used"):
        renderer.start()
    assert renderer.pid is None


def test_the_child_dies_with_its_parent() -> None:
    code = (
        "from pathlib import Path; import os, sys, signal; from worker.studio.process.spawn import Child\n"
        "print(Child().pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE_ROOT, capture_output=True, text=True, check=False)
    child = Path("/proc") / told.stdout.strip()
    wait_for(lambda: not child.exists(), 30)


def test_what_a_person_reads_about_a_death() -> None:
    assert "memory ran out" in why_died(-9, ())
    assert why_died(-11, ("x",)) == "The renderer's process crashed (SIGSEGV)."
    assert why_died(1, ("Traceback", "ValueError: no")).endswith("ended by itself (exit code 1): ValueError: no.")


def test_close_is_idempotent() -> None:
    renderer = ChildRenderer(DEMO)
    renderer.close()
    renderer.close()
