"""What a first start reads of a model's folder that nobody has read before, counted at the disk."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import pytest
from program import call

from worker.demo import weights_dir

pytestmark = pytest.mark.slow

DISK_BLOCK_BYTES = 512
"""As `ru_inblock` counts them. Source: getrusage(2)."""


def read_from_disk(folder: Path) -> int:
    """Bytes that a run with one job reads from disks, its renderer included."""
    (folder / "inbox/mug.yaml").write_text("prompt: a red mug\nsize: 64x64\nsteps: 1\n", "utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock
    ended = call("run", "--drain", "-c", "worker.yaml", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return (resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock - before) * DISK_BLOCK_BYTES


def forget(folder: Path) -> int:
    """Let the system's memory hold nothing of a folder's files; their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return sum(path.stat().st_size for path in files)


def test_a_first_start_reads_each_byte_of_the_model_once_from_its_disk(tmp_path: Path) -> None:
    model = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    for name in ("inbox", "outbox", "failed"):
        (tmp_path / name).mkdir()
    places = "inbox: inbox\noutbox: outbox\nfailed: failed\nstate_dir: state\n"
    (tmp_path / "worker.yaml").write_text(f"{places}model: model\ndevice: cpu\nsettle_s: 0\n", "utf-8")
    warm = read_from_disk(tmp_path)  # of whatever else there is: libraries
    shutil.rmtree(tmp_path / "state")
    shutil.rmtree(tmp_path / "outbox/mug")
    whole = forget(model)
    first = read_from_disk(tmp_path) - warm
    print(f"{first / whole:.2f} times the folder, hashed and loaded")
    if first < whole / 2:
        pytest.skip("these files lie in memory, or their disk does not count")
    assert first < 1.3 * whole
