"""A whole worker with the embedded model tells people by messages, and nothing of that harms its work."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import ENVIRONMENT, call
from receivers import Webhook, silent_server
from waiting_for import wait_for

from worker.errors import ExitCode

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call("init", tmp_path).returncode == 0
    return tmp_path


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as made:
        yield made


def set_up(folder: Path, url: str, *more: str) -> None:
    lines = [f"worker_id: studio\nstate_dir: {folder}/state\ngrace_s: 1\nsettle_s: 0.2", *more]
    with (folder / "worker.yaml").open("a") as file:
        file.write("\n" + "\n".join(lines) + f"\nnotify:\n  urls: {url}\n  outbox_as: \\\\nas\\图片\\outbox\n")


def run(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "worker.cli", "run", "-c", str(folder / "worker.yaml"), *arguments]
    log = (folder / "log").open("ab")
    return subprocess.Popen(command, env=ENVIRONMENT, cwd=folder, stderr=log, stdout=log)


def drop(folder: Path, name: str, text: str) -> None:
    (folder / f".{name}").write_text(text, "utf-8")
    (folder / f".{name}").rename(folder / "inbox" / name)


def test_a_drained_night_is_one_message_in_chinese_with_a_colleague_s_path(folder: Path, webhook: Webhook) -> None:
    set_up(folder, webhook.url, "language: zh")
    drop(folder, "红杯.yaml", "prompt: mug\nsteps: 1\n")
    drop(folder, "bad.yaml", "promt: mug\n")
    assert run(folder, "--drain").wait(120) == ExitCode.JOBS_FAILED
    [message] = webhook.got
    assert message["title"].startswith("studio：")
    assert message["type"] == "warning"
    lines = str(message["message"]).splitlines()
    assert any("红杯" in line and line.endswith("\\\\nas\\图片\\outbox\\红杯") for line in lines)
    assert any("bad" in line and line.endswith("\\\\nas\\图片\\failed\\bad") for line in lines)
    log = (folder / "log").read_text("utf-8")
    assert "notify.sent" in log
    assert "geheim" not in log


def test_a_worker_that_was_killed_is_told_of_by_the_next_with_its_job(folder: Path, webhook: Webhook) -> None:
    set_up(folder, webhook.url)
    drop(folder, "mugs.yaml", "prompt: mug\nsteps: 2\ncount: 6\n")
    first = run(folder)
    record = folder / "inbox/.zimage-worker/workers/studio.json"
    wait_for(lambda: record.exists() and '"rendering"' in record.read_text(), 90.0)
    first.kill()
    first.wait()
    assert run(folder, "--drain").wait(180) == ExitCode.DONE
    bodies = "\n".join(str(one["message"]) for one in webhook.got)
    assert bodies.count("The former run of this worker ended without a word") == 1
    assert "in work on mugs." in bodies
    assert bodies.count("finished: mugs") == 1


def test_a_stop_in_good_order_is_no_unclean_one(folder: Path, webhook: Webhook) -> None:
    set_up(folder, webhook.url)
    assert run(folder, "--drain").wait(120) == ExitCode.DONE
    assert run(folder, "--drain").wait(120) == ExitCode.DONE
    assert webhook.got == []


def test_a_worker_that_cannot_begin_says_so_once_however_often_it_is_started(folder: Path, webhook: Webhook) -> None:
    set_up(folder, webhook.url)
    (folder / "not-a-model").mkdir()
    (folder / "not-a-model/model_index.json").write_text("{}")
    settings = (folder / "worker.yaml").read_text().replace("model: demo", "model: not-a-model")
    (folder / "worker.yaml").write_text(settings)
    for _ in range(3):
        assert run(folder).wait(60) == ExitCode.MODEL_INVALID
    assert len(webhook.got) == 1
    assert webhook.titles[0].startswith("studio: The worker has ended: ")


def test_another_process_of_the_same_worker_tells_nothing(folder: Path, webhook: Webhook) -> None:
    set_up(folder, webhook.url)
    first = run(folder)
    record = folder / "inbox/.zimage-worker/workers/studio.json"
    wait_for(lambda: record.exists() and '"idle"' in record.read_text(), 90.0)
    assert run(folder, "--drain").wait(60) == ExitCode.WORKER_ID_TAKEN
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == ExitCode.DONE
    assert webhook.got == []


def test_a_receiver_that_hangs_keeps_no_worker_from_stopping_and_the_next_start_tells(folder: Path) -> None:
    with silent_server() as silent:
        set_up(folder, silent)
        drop(folder, "bad.yaml", "promt: mug\n")
        worker = run(folder)
        wait_for((folder / "failed/bad").exists, 90.0)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == ExitCode.DONE, "for how long it waits, test_notifier says"
    with Webhook() as webhook:
        text = (folder / "worker.yaml").read_text()
        (folder / "worker.yaml").write_text(text.replace(silent, webhook.url))
        assert run(folder, "--drain").wait(60) == ExitCode.DONE
        assert len(webhook.got) == 1
        assert "refused: bad" in str(webhook.got[0]["message"])
    assert not [one for one in (folder / "inbox").iterdir() if not one.name.startswith(".")]
