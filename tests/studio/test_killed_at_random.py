"""The worker's own command, its renderer killed again and again at moments drawn by lot: every job ends rightly."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from PIL import Image
from waiting_for import wait_for

from worker.errors import ExitCode
from worker.studio.card.environment import PACKAGE_ROOT

pytestmark = pytest.mark.slow

JOBS = {
    "mugs": "size: 64x64\nsteps: 60\nprompt: a red glossy mug, white background\ncount: 5\n",
    "bowls": """
size: 128x64
steps: 40
count: 2
shots:
- prompt: a blue bowl
- prompt: a green bowl
  guidance: 0
""",
}
TIMEOUT_S = 480.0
KILLS = 5
SIGNALS = (signal.SIGKILL, signal.SIGSEGV)


class Place:
    """Inbox, outbox and failed, and a worker that drains them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(PACKAGE_ROOT), "XDG_STATE_HOME": str(folder)}
        subprocess.run([*self._command, "init", folder], check=True, stdout=subprocess.DEVNULL, env=self._environment)
        for name, text in JOBS.items():
            (folder / "inbox" / f"{name}.yaml").write_text(text)

    _command = (sys.executable, "-m", "worker.cli")

    def drain(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, "run", "--drain"], cwd=self.folder, env=self._environment,
            stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("a"), text=True,
        )  # fmt: skip

    def shots(self) -> dict[str, dict]:
        """Every entry of every manifest, by job and file."""
        manifests = self.folder.glob("outbox/*/manifest.json")
        return {
            f"{path.parent.name}/{shot['file']}": shot
            for path in manifests
            for shot in json.loads(path.read_text("utf-8"))["shots"]
        }

    def pixels(self) -> dict[str, bytes]:
        return self.pixels_in(self.folder)

    @staticmethod
    def pixels_in(folder: Path) -> dict[str, bytes]:
        found = folder.glob("outbox/*/*.png")
        return {f"{path.parent.name}/{path.name}": Image.open(path).tobytes() for path in found}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    """Rendered once, however many processes the tests are spread over. Source: pytest-xdist, how-to."""
    shared = tmp_path_factory.getbasetemp().parent / "undisturbed"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            place = Place(tmp_path_factory.mktemp("undisturbed"))
            assert place.drain().wait(TIMEOUT_S) == ExitCode.DONE
            place.folder.rename(shared)
    return Place.pixels_in(shared)


def renderer_of(worker: subprocess.Popen[str]) -> int | None:
    """Process id of the worker's renderer, while it has one."""
    try:
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        names = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    except OSError:
        return None
    return next((pid for pid, name in names.items() if b"worker.studio.process.child" in name), None)


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_job_ends_rightly(tmp_path: Path, workers, undisturbed, seed: int) -> None:
    place, draw, killed = Place(tmp_path), random.Random(seed), 0
    workers.append(place.drain())
    next_s = time.monotonic() + draw.uniform(3, 7)

    def killed_again_or_over() -> bool:
        nonlocal killed, next_s
        if workers[-1].poll() == ExitCode.DEVICE_UNAVAILABLE:  # killed while loading: systemd starts it again
            workers.append(place.drain())
        pid = renderer_of(workers[-1])
        if killed < KILLS and pid is not None and time.monotonic() >= next_s:
            os.kill(pid, draw.choice(SIGNALS))
            killed, next_s = killed + 1, time.monotonic() + draw.uniform(0.5, 8)
        return workers[-1].poll() in (ExitCode.DONE, ExitCode.JOBS_FAILED)

    wait_for(killed_again_or_over, TIMEOUT_S, told=(place.folder / "log").read_text)
    shots = place.shots()
    assert killed >= 2
    assert shots.keys() == undisturbed.keys()
    assert not [*place.folder.glob("*/*.partial")]
    pixels = place.pixels()
    for file, shot in shots.items():
        tries = [(one_try["rung"], one_try["outcome"]) for one_try in shot["attempts"]]
        if shot["status"] == "ok":
            assert tries[-1][1] == "ok"
            assert tries[:-1] in ([], [("first", "error")])
            assert pixels[file] == undisturbed[file]
        else:
            assert tries == [("first", "error"), ("new_process", "error")]
            assert "The renderer died 2 times" in shot["error"]
