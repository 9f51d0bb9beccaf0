from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from failing_calls import FailingCalls
from lock_holder import HOLDER

from worker.errors import FoldersAway, FoldersUnusable, WorkerIdBusy, WorkerIdTaken
from worker.spool.take_over import TakeOver


@contextmanager
def live_worker(yard) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `w1`."""
    command = [sys.executable, "-c", HOLDER, str(yard.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_id_of_a_live_worker_is_taken_and_the_message_names_the_holder_and_the_remedy(yard) -> None:
    with live_worker(yard) as process:
        with pytest.raises(WorkerIdTaken, match="`w1`") as raised, yard.worker("w1").ownership.lock():
            pass
        assert f"process {process.pid}" in str(raised.value)
        assert "worker_id" in str(raised.value)
        with yard.worker("w2").ownership.lock():
            pass


def test_a_killed_worker_frees_its_id_at_once_and_its_claims_are_taken_over(yard) -> None:
    yard.drop("mug.yaml")
    claim = yard.claimed(yard.worker("w1"))
    with live_worker(yard) as process:
        assert yard.worker("w2").ownership.leftovers() == ()
        process.send_signal(signal.SIGKILL)
        assert process.wait(5) == -signal.SIGKILL
        (left,) = yard.worker("w2").ownership.leftovers()
        assert left.job_id == claim.job_id
        with yard.worker("w1").ownership.lock():
            pass


def test_an_id_is_free_again_after_its_context(yard) -> None:
    for _ in range(2):
        with yard.worker("w1").ownership.lock(), pytest.raises(WorkerIdTaken, match=f"process {os.getpid()}"):
            yard.worker("w1").ownership.lock().__enter__()


def test_the_same_id_on_two_spools_is_two_workers(yard, tmp_path) -> None:
    other = type(yard)(tmp_path / "other")
    other.root = yard.root  # the same state folder
    with yard.worker("w1").ownership.lock(), other.worker("w1").ownership.lock():
        pass


def test_a_spool_is_the_same_under_another_path(yard) -> None:
    (yard.root / "mount").symlink_to(yard.root)
    other = type(yard)(yard.root / "mount")
    other.root = yard.root
    with yard.worker("w1").ownership.lock(), pytest.raises(WorkerIdTaken), other.worker("w1").ownership.lock():
        pass


def test_a_start_while_another_worker_takes_over_its_claims_has_only_to_wait(yard, monkeypatch) -> None:
    yard.drop("mug.yaml")
    yard.begun(yard.worker("w1"))
    adopt, met = TakeOver._adopt, []

    def meeting(self: TakeOver, folder) -> None:
        with pytest.raises(WorkerIdBusy, match="just taking over"), yard.worker("w1").ownership.lock():
            pass
        met.append(folder)
        adopt(self, folder)

    monkeypatch.setattr(TakeOver, "_adopt", meeting)
    with yard.worker("w2").ownership.lock():
        assert len(yard.worker("w2").ownership.leftovers()) == 1
        with yard.worker("w1").ownership.lock():
            pass
    assert met


@pytest.mark.parametrize(
    ("error", "kind"),
    [(errno.ENOSPC, FoldersAway), (errno.EDQUOT, FoldersAway), (errno.EIO, FoldersAway), (errno.EMFILE, FoldersAway),
     (errno.EACCES, FoldersUnusable), (errno.EROFS, FoldersUnusable)],
)  # fmt: skip
def test_a_local_disk_s_trouble_passes_its_rights_do_not_and_neither_ends_a_worker_that_runs(
    yard, monkeypatch, error: int, kind: type[FoldersUnusable]
) -> None:
    yard.drop("mug.yaml")
    yard.begun(yard.worker("dead"))
    really = os.open

    def failing(path, flags, *args, **named) -> int:
        if str(path).endswith(".lock"):
            raise OSError(error, os.strerror(error))
        return really(path, flags, *args, **named)

    with yard.worker("w1").ownership.lock():
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", failing)
            with pytest.raises(FoldersUnusable, match=r"state_dir .* cannot be written") as told:
                yard.worker("w2").ownership.lock().__enter__()
            assert type(told.value) is kind
            assert yard.worker("w1").ownership.leftovers() == ()
        assert len(yard.worker("w1").ownership.leftovers()) == 1


def test_a_full_disk_costs_a_lock_its_holder_s_number_and_nothing_else(yard, monkeypatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with yard.worker("w1").ownership.lock(), pytest.raises(WorkerIdTaken), yard.worker("w1").ownership.lock():
        pass


@pytest.mark.parametrize("call", ["open", "read"])
@pytest.mark.parametrize("error", [errno.ENOENT, errno.EACCES, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_inbox_whose_id_cannot_be_read_just_now_keeps_its_id(yard, call: str, error: int, times: int) -> None:
    """It is written once; another one would let two processes of this machine be the same worker."""
    with yard.worker("w1").ownership.lock():
        pass
    spool_file, left = str(yard.folders.spool_file), [error] * times
    former = yard.folders.spool_file.read_bytes()
    calls = FailingCalls(lambda met, path: left.pop() if met == call and path == spool_file and left else None)
    with calls.installed(), suppress(FoldersAway), yard.worker("w1").ownership.lock():
        pass
    assert calls.met
    assert yard.folders.spool_file.read_bytes() == former


def test_a_damaged_id_is_written_anew(yard) -> None:
    with yard.worker("w1").ownership.lock():
        pass
    yard.folders.spool_file.write_text("{")
    with yard.worker("w1").ownership.lock():
        assert "id" in json.loads(yard.folders.spool_file.read_text())
