"""A model that is not what was downloaded makes no picture; reading it obeys a stop, and systemd gives it time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import ENVIRONMENT, call_here
from waiting_for import wait_for
from weight_files import ENCODER, TRANSFORMER, download, published, spoil

from worker.demo import weights_dir
from worker.errors import ExitCode
from worker.studio.model_files.safetensors_file import read_header


def workplace(folder: Path, model: Path) -> Path:
    assert call_here("init", folder).returncode == 0
    lines = {"inbox": "inbox", "outbox": "outbox", "failed": "failed", "model": model, "device": "cpu",
             "state_dir": folder / "state"}  # fmt: skip
    (folder / "worker.yaml").write_text("".join(f"{name}: {value}\n" for name, value in lines.items()), "utf-8")
    return folder


def run(folder: Path, model: Path) -> subprocess.CompletedProcess[str]:
    (workplace(folder, model) / "inbox/mug.yaml").write_text("prompt: a red mug\n")
    return call_here("run", "--drain", cwd=folder)


@pytest.mark.parametrize("name", [TRANSFORMER, ENCODER, "vae/diffusion_pytorch_model.safetensors"])
def test_a_flipped_bit_that_the_download_can_tell_ends_the_run_before_a_picture(tmp_path: Path, name: str) -> None:
    model = download(tmp_path / "Z-Image-Turbo", published())
    data = bytearray((model / name).read_bytes())
    data[-1000] ^= 1
    (model / name).write_bytes(data)
    done = run(tmp_path / "work", model)
    assert done.returncode == ExitCode.MODEL_INVALID
    assert f"- {name} is not what was downloaded" in done.stderr
    assert "it fetches what is missing" in done.stderr
    assert not [*(tmp_path / "work/outbox").glob("mug*")]
    assert (tmp_path / "work/inbox/mug.yaml").exists()


def test_an_aria2_download_that_was_stopped_ends_it_with_its_control_file_and_without(tmp_path: Path) -> None:
    model = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    size = (model / TRANSFORMER).stat().st_size
    spoil(model / TRANSFORMER, at=size * 41 // 100, data=bytes(size - size * 41 // 100))
    control = model / f"{TRANSFORMER}.aria2"
    control.write_bytes(b"\0\1")
    done = run(tmp_path / "work", model)
    assert (done.returncode, "its download has not ended" in done.stderr) == (ExitCode.MODEL_INVALID, True)
    control.unlink()
    done = run(tmp_path / "work2", model)
    assert done.returncode == ExitCode.MODEL_INVALID
    assert f"- {TRANSFORMER} is damaged: " in done.stderr


def grow(file: Path, gib: int) -> None:
    """Put a tensor that nobody loads behind the others; a hole of the disk, which takes no room there."""
    header = read_header(file)
    data = file.read_bytes()[header.data_start :]
    begin = len(data)
    content = {
        name: {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [tensor.begin, tensor.end]}
        for name, tensor in header.tensors.items()
    }
    end = begin + gib * 1024**3
    content["lm_head.weight"] = {"dtype": "BF16", "shape": [gib * 1024**3 // 256, 128], "data_offsets": [begin, end]}
    text = json.dumps(content).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    os.truncate(file, 8 + len(text) + end)


@pytest.mark.slow
def test_a_stop_while_the_model_is_read_is_obeyed_within_a_second_and_systemd_gives_time(tmp_path: Path) -> None:
    model = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    grow(model / ENCODER, gib=40)
    work = workplace(tmp_path / "work", model)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        environment = {**ENVIRONMENT, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        worker = subprocess.Popen([sys.executable, "-m", "worker.cli", "run"], cwd=work, env=environment)
        try:
            words = [systemd.recv(4096).decode() for _ in range(5)]
            assert sum("EXTEND_TIMEOUT_USEC=" in word for word in words) >= 4
            cache = work / "state/model-hashes.json"
            wait_for(lambda: cache.exists() and "scheduler_config" in cache.read_text(), 10)
            began = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == ExitCode.DONE
            assert time.monotonic() - began < 1.0
        finally:
            worker.kill()
            worker.wait()
    assert str(model / ENCODER) not in json.loads(cache.read_text())
