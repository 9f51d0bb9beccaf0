"""The real commands with the demo model in a real terminal (tmux): what people see, at two widths."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from program import ROOT, call_here
from waiting_for import wait_for

from worker.line_width import columns

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]
WITHIN_S = 180.0
"""For loading the model and some pictures, on a machine that does other work."""
JOB = "红色陶瓷马克杯秋季新品目录二〇二六年十一月第一批"


class Tmux:
    """One terminal of a given width, with a shell in it."""

    def __init__(self, folder: Path, width: int) -> None:
        self._socket, self._folder = str(folder / "tmux"), folder
        variables = f"LC_ALL=C.UTF-8 ZIMAGE_WORKER_LANGUAGE=en OMP_NUM_THREADS=1 PYTHONPATH={ROOT}"
        command = f"env -u TMUX {variables} bash --norc"
        self.call("new-session", "-d", "-x", str(width), "-y", "40", "-c", str(folder), command)
        self.type("PS1='$ '; clear")

    def call(self, *arguments: str) -> str:
        command = ["tmux", "-S", self._socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout

    def type(self, text: str, *keys: str) -> None:
        self.call("send-keys", text, *(keys or ("Enter",)))

    def program(self, arguments: str) -> None:
        self.type(f"{sys.executable} -m worker.cli {arguments}; echo ended with $?")

    def rows(self) -> list[str]:
        return [row for row in self.call("capture-pane", "-p").splitlines() if row.strip()]

    def row(self, text: str) -> str | None:
        return next((row for row in self.rows() if text in row), None)

    def wait_for(self, found: Callable[[], object], within_s: float = WITHIN_S) -> object:
        return wait_for(found, within_s, every_s=0.1, told=lambda: "\n".join(self.rows()))

    def close(self) -> None:
        self.call("kill-server")


@pytest.fixture(params=[80, 120])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def tmux(tmp_path: Path, width: int) -> Iterator[Tmux]:
    call_here("init", tmp_path)
    made = Tmux(tmp_path, width)
    try:
        yield made
    finally:
        made.close()


def test_a_run_shows_a_line_that_changes_in_place_sums_up_and_answers_ctrl_c(
    tmux: Tmux, tmp_path: Path, width: int
) -> None:
    (tmp_path / f"inbox/{JOB}.yaml").write_text("prompt: a red mug\ncount: 6\n", "utf-8")
    tmux.program("run")
    tmux.wait_for(lambda: tmux.row("Loading the model"))
    tmux.wait_for(lambda: tmux.row("Ready: "))
    lines: set[str] = set()

    def is_summed_up() -> bool:
        rows = tmux.rows()
        live = [row for row in rows if "[" in row and "/6  " in f"{row}  "]
        assert len(live) <= 1, rows
        lines.update(live)
        assert all(columns(row) <= width for row in rows)
        return any("Queue empty: 1 job, 6 pictures" in row for row in rows)

    tmux.wait_for(is_summed_up)
    assert len({line.split("/6")[0][-1] for line in lines}) > 1, lines
    assert all(columns(line) < width for line in lines), "the last column stays free"
    assert tmux.rows()[-1].startswith("Waiting for jobs in ")
    (tmp_path / "inbox/large.yaml").write_text("prompt: a mug\nsize: 512x512\nsteps: 100\ncount: 9\n")
    tmux.wait_for(lambda: tmux.row("0/9"))
    begun_s = time.monotonic()
    tmux.type("C-c", "")
    tmux.wait_for(lambda: tmux.row("Finishing this picture; Ctrl-C again stops at once."), 5.0)
    assert time.monotonic() - begun_s < 1.0
    assert tmux.row("0/9") is None
    tmux.type("C-c", "")
    tmux.wait_for(lambda: tmux.rows()[-1] == "$", 5.0)  # the shell has it back; a line that it died of would stand here


def test_waiting_for_a_job_shows_who_keeps_it_and_how_it_ended(tmux: Tmux, tmp_path: Path, width: int) -> None:
    (tmp_path / "mug.yaml").write_text("prompt: a mug\ncount: 4\n")
    tmux.program("submit mug.yaml --wait")
    tmux.wait_for(lambda: tmux.row("no worker is running on this inbox: start one with "))
    command = [sys.executable, "-m", "worker.cli", "run", "--drain"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        tmux.wait_for(lambda: tmux.row("/4  mug"))
        assert sum("/4" in row for row in tmux.rows()) == 1
        assert all(columns(row) <= width for row in tmux.rows())
        tmux.wait_for(lambda: tmux.row("ended with 0"))
        assert worker.wait(60) == 0
    assert tmux.row("mug: complete, 4 pictures: ")
    assert tmux.row("[###") is None


def test_a_stop_while_the_model_loads_is_answered_too(tmux: Tmux) -> None:
    tmux.program("run")
    tmux.wait_for(lambda: tmux.row("Loading the model"))
    begun_s = time.monotonic()
    tmux.type("C-c", "")
    tmux.wait_for(lambda: tmux.row("Stopping ...; Ctrl-C again stops at once."), 5.0)
    assert time.monotonic() - begun_s < 1.0
    tmux.wait_for(lambda: tmux.row("ended with 0"), 20.0)
    assert tmux.row("Stopped.")
