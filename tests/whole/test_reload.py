"""Settings that are read again while the worker runs: which come into force, when, and who is told."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from house import MODEL, House
from pages import page
from program import ENVIRONMENT, call_here
from structlog.testing import capture_logs
from twins import PaintingRenderer
from waiting_for import wait_for

from worker.compose.live_settings import LIVE, LiveSettings
from worker.compose.reloading import Reloading
from worker.errors import SettingsInvalid
from worker.operations.stopping import StopFlag
from worker.settings import Settings

JOB = "prompt: a mug\ncount: 3\n"


def steps_of(house: House, name: str) -> list[object]:
    return [shot["steps"] for shot in house.manifest(name)["shots"]]


def test_they_come_into_force_between_two_pictures_and_a_job_in_work_keeps_its_own(tmp_path: Path) -> None:
    house, made = House(tmp_path), []
    for name in ("a.yaml", "b.yaml"):
        house.drop(name, JOB)

    def after(_: object) -> None:
        made.append(len(made))
        if len(made) == 1:
            worker.live.offer(house.settings(steps="5"))

    worker = house.worker(PaintingRenderer(after=after))
    with capture_logs() as logs, worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    assert steps_of(house, "a") == [2, 2, 2]
    assert steps_of(house, "b") == [5, 5, 5]
    events = [one["event"] for one in logs]
    assert [one["keys"] for one in logs if one["event"] == "settings.reloaded"] == ["steps"]
    assert events.index("job.started") < events.index("settings.reloaded") < events.index("job.settled")


def test_a_job_that_gave_way_to_an_urgent_one_goes_on_as_it_began(tmp_path: Path) -> None:
    house, made = House(tmp_path), []
    house.drop("a.yaml", JOB)

    def after(_: object) -> None:
        made.append(len(made))
        if len(made) == 1:
            worker.live.offer(house.settings(steps="5"))
            house.drop("urgent.yaml", "priority: high\n" + JOB)
            house.spend(60)
        house.spend(1)

    worker = house.worker(PaintingRenderer(after=after))
    with worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    assert (steps_of(house, "a"), steps_of(house, "urgent")) == ([2, 2, 2], [5, 5, 5])


def test_parts_of_the_worker_follow(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.drop("broken.yaml", "prompt: [\n")
    worker = house.worker()
    new = house.settings(grace_s=5.0, scan_s=7.0, reserve_mib=3, language="zh", settle_s=1.0)
    house.at(20.0, lambda: worker.live.offer(new))
    house.at(120.0, house.stop)
    with worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=False)
    assert worker.spool.space.reserve_mib == 3
    refused = tmp_path / "failed/broken"
    assert refused.is_dir(), "after the new grace, and long before the old one was over"
    assert "第" in (refused / "error.txt").read_text("utf-8")


def test_what_needs_a_restart_is_named_and_stays(tmp_path: Path) -> None:
    house = House(tmp_path)
    live, heard = LiveSettings(before := house.settings()), []
    live.follow(heard.append)
    assert live.offer(house.settings(worker_id="w2", state_dir=tmp_path / "other", quota=3)) == [
        "state_dir",
        "worker_id",
    ]
    with capture_logs() as logs:
        live.adopt()
        live.adopt()
    assert [(one["event"], one["keys"]) for one in logs] == [
        ("settings.reloaded", "quota"),
        ("settings.kept", "state_dir, worker_id"),
    ]
    assert live.now == before.model_copy(update={"quota": 3})
    assert heard == [live.now]


def test_the_page_says_of_every_setting_whether_it_needs_a_restart() -> None:
    section = page("worker/SETTINGS.md").section("## Changing settings while the worker runs")
    told = {line.partition(":")[0]: set(re.findall(r"`(\w+)`", line)) for line in section.splitlines()}
    assert told["* At once"] == LIVE
    assert told["* By a restart"] == set(Settings.model_fields) - LIVE


def test_settings_that_are_not_valid_are_told_wherever_people_look_and_change_nothing(
    tmp_path: Path, monkeypatch
) -> None:
    house = House(tmp_path)
    worker, given = house.worker(), iter([None, house.settings(steps="9")])

    def again() -> Settings:
        if (found := next(given)) is None:
            raise SettingsInvalid("worker.yaml:3: quota: no number")
        return found

    def note() -> str:
        worker.recorder.state("idle")
        record = json.loads((tmp_path / "inbox/.zimage-worker/workers/w1.json").read_text())
        return record.get("notes", {}).get("zh", "")

    reloading = Reloading(again)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, capture_logs() as logs:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with worker.spool.ownership.lock(house.wait):
            reloading.ask()
            reloading.begin(worker)
            assert manager.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert manager.recv(1000) == b"READY=1"
            assert "worker.yaml:3: quota: no number" in note()
            status = manager.recv(1000).decode()
            assert "new settings are not valid, so the former stay: worker.yaml:3" in status
            reloading.ask()
            manager.recv(1000)
            assert manager.recv(1000) == b"READY=1"
            assert note() == ""
    worker.live.adopt()
    assert worker.live.now.steps == 9
    assert [one["event"] for one in logs if one["event"].startswith("settings")] == ["settings.invalid"]


def test_what_changed_while_it_began_is_taken_over_as_systemd_then_passes_no_reload_on(
    tmp_path: Path, monkeypatch
) -> None:
    house = House(tmp_path)
    worker, new = house.worker(), house.settings(steps="9")
    unchanged = Reloading(lambda: worker.settings)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, worker.spool.ownership.lock(house.wait):
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        Reloading(lambda: new).begin(worker)
        assert manager.recv(1000).startswith(b"RELOADING=1\n")
        assert manager.recv(1000) == b"READY=1"
        unchanged._catch_up(worker)
        assert unchanged._asked.empty()
    worker.live.adopt()
    assert worker.live.now.steps == 9


def test_a_hang_up_is_a_reload_under_a_service_manager_alone(monkeypatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    asked: list[None] = []
    reloading = Reloading(lambda: pytest.fail("nobody asked"))
    assert reloading.on_hangup() is None
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    assert reloading.on_hangup() == reloading.ask
    before, stop = signal.getsignal(signal.SIGHUP), StopFlag()
    try:
        stop.install(on_hangup=lambda: asked.append(None))
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        signal.signal(signal.SIGHUP, before)
    assert (len(asked), stop()) == (2, False)


@pytest.mark.slow
def test_a_worker_whose_main_thread_hangs_hears_it_once_and_does_not_stop() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "1"]


HANGING = """
import ctypes, os, signal, time
from threading import Timer
from worker.operations.stopping import StopFlag

heard, stop, c, mutex = [], StopFlag(), ctypes.CDLL(None), ctypes.create_string_buffer(64)
stop.install(on_hangup=lambda: heard.append(None))
c.pthread_mutex_lock(mutex)
Timer(0.2, os.kill, (os.getpid(), signal.SIGHUP)).start()
Timer(4.0, lambda: (print(len(heard)), c.pthread_mutex_unlock(mutex))).start()
c.pthread_mutex_lock(mutex)  # no handler runs meanwhile
stop.wait(1.0)
print(stop(), len(heard))
"""


@pytest.mark.slow
def test_the_real_worker_takes_new_settings_from_its_file_without_a_restart(tmp_path: Path, monkeypatch) -> None:
    assert call_here("init", tmp_path).returncode == 0
    file, text = tmp_path / "worker.yaml", (tmp_path / "worker.yaml").read_text()
    monkeypatch.setitem(ENVIRONMENT, "ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setitem(ENVIRONMENT, "NOTIFY_SOCKET", str(tmp_path / "notify"))
    command = [sys.executable, "-m", "worker.cli", "run", "-c", str(file), "--device", "cpu"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, (tmp_path / "log").open("w") as log:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(180)
        worker = subprocess.Popen(command, env=ENVIRONMENT, stderr=log)
        try:
            heard = said_until(manager, lambda said: said == "READY=1")
            file.write_text(text + "steps: 5\nmodel_kind: turbo\n")
            worker.send_signal(signal.SIGHUP)
            heard = said_until(manager, lambda said: "need a restart: model_kind" in said)
            assert [said.partition("=")[0] for said in heard if not said.startswith("WATCHDOG")] == [
                "RELOADING",
                "READY",
            ]
            wait_for(lambda: '"settings.reloaded"' in (tmp_path / "log").read_text(), 60)
            assert '"keys": "steps"' in (tmp_path / "log").read_text()
            file.write_text(text + "steps: many\n")
            worker.send_signal(signal.SIGHUP)
            said_until(manager, lambda said: "not valid" in said and "steps" in said)
        finally:
            worker.terminate()
            assert worker.wait(120) == 0, (tmp_path / "log").read_text()


def said_until(manager: socket.socket, is_last) -> list[str]:
    heard = []
    while not heard or not is_last(heard[-1]):
        heard.append(manager.recv(4000).decode())
    return heard
