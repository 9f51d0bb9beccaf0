"""The program outside its hours: no model is loaded, the service manager hears that it is ready, a drain ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from program import ENVIRONMENT, call

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a job, and hours that begin in three hours."""
    for name in ("inbox", "outbox", "failed"):
        (tmp_path / name).mkdir()
    begins = datetime.now() + timedelta(hours=3)
    hours = f"{begins:%H:%M}-{begins + timedelta(hours=1):%H:%M}"
    places = "inbox: inbox\noutbox: outbox\nfailed: failed\nstate_dir: state\n"
    (tmp_path / "worker.yaml").write_text(f"{places}model: demo\ndevice: cpu\nsettle_s: 0\nhours: {hours}\n", "utf-8")
    (tmp_path / "inbox/mug.yaml").write_text("prompt: a red mug\nsize: 64x64\nsteps: 1\n", "utf-8")
    return tmp_path


def test_a_drain_outside_the_hours_loads_no_model_and_leaves_the_job(folder: Path) -> None:
    ended = call("run", "--drain", "--log", "json", "-c", "worker.yaml", cwd=folder)
    events = [json.loads(line)["event"] for line in ended.stderr.splitlines() if line.startswith("{")]
    assert ended.returncode == 20, ended.stderr
    assert "window.awaited" in events
    assert not {"model.loading", "worker.ready", "job.claimed"} & {*events}
    assert (folder / "inbox/mug.yaml").exists()
    for_once = {**ENVIRONMENT, "ZIMAGE_WORKER_HOURS": "always"}
    command = [sys.executable, "-m", "worker.cli", "run", "--drain", "-c", "worker.yaml"]
    assert subprocess.run(command, cwd=folder, env=for_once, capture_output=True, check=False).returncode == 0
    assert (folder / "outbox/mug/manifest.json").exists()


def test_a_service_that_starts_outside_its_hours_is_ready_says_until_when_it_rests_and_stops(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    monkeypatch.chdir(folder)
    listener.bind("notify")
    listener.settimeout(60.0)
    command = [sys.executable, "-m", "worker.cli", "run", "--log", "json", "-c", "worker.yaml"]
    with subprocess.Popen(
        command, cwd=folder, env={**ENVIRONMENT, "NOTIFY_SOCKET": "notify"}, stderr=subprocess.PIPE
    ) as worker:
        heard = ""
        while "READY=1" not in heard or "STATUS=" not in heard or "setting `hours`" not in heard:
            heard += listener.recv(4096).decode() + "\n"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30.0) == 0
        assert worker.stderr is not None
        assert b"model.loading" not in worker.stderr.read()
    assert re.search(r"it goes on by itself at \d{4}-\d\d-\d\d \d\d:\d\d", heard)
    listener.close()
