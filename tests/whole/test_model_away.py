"""A real service whose model is late, goes while it works, and comes back: nobody starts anything again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dead_mount import dead_mount
from program import ENVIRONMENT, call
from waiting_for import wait_for

from worker.demo import weights_dir

pytestmark = pytest.mark.slow

PATIENCE_S = 120.0


class Service:
    """`zimage-worker run` under something that listens as systemd does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.heard = folder, []
        call("init", folder)
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._manager.bind(str(folder / "notify"))
        environment = {
            **ENVIRONMENT, "NOTIFY_SOCKET": str(folder / "notify"), "XDG_STATE_HOME": str(folder),
            "ZIMAGE_WORKER_MODEL": str(folder / "model"), "ZIMAGE_WORKER_AWAY_S": "0.2", "ZIMAGE_WORKER_SETTLE_S": "0",
            "ZIMAGE_WORKER_LOG": "json", "ZIMAGE_WORKER_DEVICE": "cpu",
        }  # fmt: skip
        self._log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "worker.cli", "run"]
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stderr=self._log)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()
        self._manager.close()

    def says(self, words: str) -> bool:
        """Whether the service manager has been told something."""
        while True:
            try:
                self.heard.append(self._manager.recv(4096).decode())
            except BlockingIOError:
                return any(words in message for message in self.heard)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log().splitlines()]

    def wait_for(self, is_so: Callable[[], object]) -> None:
        wait_for(is_so, within_s=PATIENCE_S, every_s=0.05, told=self.log)

    def order(self, name: str) -> None:
        text = f"prompt: a red {name}, white background\nsize: 64x64\nsteps: 2\n"
        hidden = self.folder / f"inbox/.{name}"
        hidden.write_text(text)
        hidden.rename(self.folder / f"inbox/{name}.yaml")

    def has_made(self, name: str) -> bool:
        self.says("")  # a full socket loses words
        return (self.folder / f"outbox/{name}/manifest.json").exists()

    def renderer(self) -> int:
        [child] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(child)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.close()


def test_a_service_that_boots_before_its_models_share_comes_up_and_outlasts_that_it_goes(service: Service) -> None:
    share, model = service.folder / "share", service.folder / "model"
    service.order("mug")
    service.wait_for(lambda: service.says("STATUS=waiting: ") and service.says("there is no such folder"))
    assert service.says("READY=1")  # the boot goes on
    receipt = service.folder / "outbox/receipts/mug.yaml.txt"
    service.wait_for(lambda: receipt.exists() and "there is no such folder" in receipt.read_text())
    shutil.copytree(weights_dir(), share)
    service.heard.clear()
    model.symlink_to(share)
    service.wait_for(lambda: service.has_made("mug"))
    assert service.says("EXTEND_TIMEOUT_USEC=")
    assert service.events()[:2] == ["model.away", "trouble.passed"]
    # it goes, and the renderer has to be replaced
    model.unlink()
    service.heard.clear()
    os.kill(service.renderer(), signal.SIGKILL)
    service.order("vase")
    service.wait_for(lambda: service.events().count("model.away") == 2)
    service.wait_for(lambda: service.says("STATUS=waiting: "))
    assert "there is no such folder" in call("status", cwd=service.folder).stdout
    model.symlink_to(share)
    service.wait_for(lambda: service.has_made("vase"))
    assert service.events().count("trouble.passed") == 2
    assert service.stop() == 0


def test_a_mount_that_has_gone_is_waited_for_until_somebody_mounts_it_again(service: Service) -> None:
    model = service.folder / "model"
    service.order("mug")
    model.mkdir()
    with dead_mount(model):
        service.wait_for(lambda: service.says("its share or disk has gone. Mount it again: `umount -l` its folder"))
        receipt = service.folder / "outbox/receipts/mug.yaml.txt"
        service.wait_for(lambda: receipt.exists() and "Transport endpoint is not connected" in receipt.read_text())
    model.rmdir()
    model.symlink_to(weights_dir())
    service.wait_for(lambda: service.has_made("mug"))
    assert "Traceback" not in service.log()
    assert service.stop() == 0


def test_a_stop_while_the_model_loads_is_obeyed_at_once(service: Service) -> None:
    (service.folder / "model").symlink_to(weights_dir())
    service.order("mug")
    service.wait_for(lambda: Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text())
    service.wait_for(lambda: service.says("EXTEND_TIMEOUT_USEC="))
    assert not service.says("READY=1")
    assert service.stop() == 0
    assert "worker.ready" not in service.events()
    assert (service.folder / "inbox/mug.yaml").exists()
