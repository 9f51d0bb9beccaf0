"""The figures of a whole run, in the file that node_exporter would read."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from heard_log import heard_log
from house import MODEL, House
from twins import PaintingRenderer
from waiting_for import wait_for

from tests.operations.promtool import needs_promtool, promtool
from worker.compose import metrics

LINE = re.compile(r'zimage_worker_(\w+)\{worker="w1"(?:,\w+="([^"]*)")?\} (\S+)')


def figures_in(path: Path) -> dict[tuple[str, str], float]:
    """By name and the value of the first label."""
    lines = filter(None, map(LINE.fullmatch, path.read_text("utf-8").splitlines()))
    return {(line[1], line[2] or ""): float(line[3]) for line in lines}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.slow
def test_a_run_in_figures(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "LEAST_S", 0.01)
    path = house.root / "zimage.prom"
    house.drop("mugs.yaml", "shots:\n  - {id: a, prompt: a}\n  - {id: b, prompt: b}\n")
    house.drop("bad.yaml", "prmpt: a mug\n")
    worker = house.worker(PaintingRenderer(refuses=["b_01.png"]))
    written = metrics.metrics_of(house.settings(metrics_file=path))
    metrics.follow(written, worker.recorder)
    with heard_log(), metrics.writing(written), worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
        live = wait_for(lambda: (found := figures_in(path)).get(("jobs_ended_total", "refused")) and found, 10)
    assert live["up", ""] == 1
    assert (live["jobs_ended_total", "partial"], live["jobs_ended_total", "complete"]) == (1, 0)
    assert (live["pictures_total", "made"], live["pictures_total", "failed"]) == (1, 1)
    assert live["picture_seconds_count", ""] == 2
    assert live["disk_free_bytes", ""] > 0
    ended = figures_in(path)
    assert (ended["up", ""], ended["state", "stopped"], ended["queue_jobs", ""]) == (0, 1, 0)


@pytest.mark.slow
@needs_promtool
def test_promtool_is_content_with_the_file_of_a_run(house: House) -> None:
    path = house.root / "zimage.prom"
    house.drop("红杯.yaml", "shots:\n  - {id: a, prompt: a}\n  - {id: b, prompt: b}\n")
    worker = house.worker(PaintingRenderer(refuses=["b_01.png"]))
    written = metrics.metrics_of(house.settings(metrics_file=path))
    metrics.follow(written, worker.recorder)
    with heard_log(), metrics.writing(written), worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    assert promtool("check", "metrics", given=path.read_bytes()).strip() == ""


def test_a_disk_that_does_not_answer_holds_up_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room of a share is asked in a thread that nobody waits for."""
    hangs = threading.Event()
    monkeypatch.setattr(metrics.Metrics, "look", lambda _: hangs.wait(60))
    path = house.root / "zimage.prom"
    with metrics.writing(metrics.metrics_of(house.settings(metrics_file=path))):
        wait_for(path.exists, 10)
    assert ("disk_free_bytes", "") not in figures_in(path)
    assert figures_in(path)["up", ""] == 0
    hangs.set()


def test_settings_that_are_read_again_change_the_file_and_what_is_told_to_be_kept_free(house: House) -> None:
    first, second = house.root / "a.prom", house.root / "b.prom"
    written = metrics.metrics_of(house.settings(metrics_file=first, reserve_mib=0))
    written.use(house.settings(metrics_file=second, reserve_mib=1))
    written.look()
    written.write()
    assert not first.exists()
    assert figures_in(second)["disk_reserve_bytes", ""] == 1024**2
