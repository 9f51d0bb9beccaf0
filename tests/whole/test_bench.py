"""The speed test on the embedded model: every way measured, and the table that a person reads."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from worker.operations.speed import speed_table
from worker.studio.ceiling import unused


@pytest.mark.slow
def test_the_speed_test_measures_every_way_on_the_embedded_model(tmp_path) -> None:
    command = [sys.executable, "-m", "worker.cli", "bench", "--model", "demo", "--device", "cpu", "--json"]
    done = subprocess.run(
        [*command, "--size", "64x64", "--steps", "2", "--pictures", "2", "--rounds", "1", "--ways", "plain,compiled"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert [way["name"] for way in result["ways"]] == ["plain", "compiled"]
    assert all(way["seconds"] > 0 and not way["note"] for way in result["ways"])
    assert result["graphs"] > 0
    assert "plain: round 1, " in done.stderr
    table = speed_table(result)
    assert "64x64, 2 steps, guidance 0, 1 rounds of 2 pictures" in table
    assert len(table.splitlines()) == 4


def test_a_way_that_failed_says_why() -> None:
    way = {"name": "plain", "seconds": None, "peak_mib": 0, "warm_up_s": 0.0, "note": "CUDA out of memory."}
    made = {**way, "name": "eager", "seconds": 2.0, "peak_mib": 14_336, "note": ""}
    wishes = {"memory_gib": 11.5, "synthetic": True, "model": None, "width_px": 1024, "height_px": 1024, "steps": 8,
              "guidance": 0.0, "rounds": 2, "pictures": 8}  # fmt: skip
    table = speed_table(
        {"device": "card", "torch": "2.13", "wishes": wishes, "ways": [way, made], "picture_tflop": 500.0,
         "matmul_tflops": 500.0, "idle_share": 0.027, "waits_ms": 3.2}
    )  # fmt: skip
    assert "capped to 11.5 GiB" in table
    assert "CUDA out of memory." in table
    assert "14,400" in table  # pictures in 8 hours
    assert "50%" in table
    assert "97.3%" in table
    assert "3.2 ms a picture" in table


def test_only_long_gaps_between_kernels_are_the_programs_fault() -> None:
    beside = [(0.0, 100.0), (50.0, 90.0), (103.0, 200.0), (300.0, 400.0)]
    assert unused(beside) == pytest.approx((103 / 400, 100.0))
