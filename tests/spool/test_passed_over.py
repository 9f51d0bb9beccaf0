"""What fails about one name in the inbox is that name's own trouble: it is passed over, and all others go on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.disk.content import NotAJob
from worker.disk.mount_tables import MountTables
from worker.disk.open_writers import is_open_for_writing
from worker.spool.asides import TOLD_AFTER_S
from worker.spool.settling import FOLDER_SETTLES, LARGE_BYTES, LOOK_AGAIN_S

ERRNOS = [
    "EBUSY",
    "EIO",
    "EACCES",
    "EPERM",
    "ESTALE",
    "ENAMETOOLONG",
    "ELOOP",
    "ENOENT",
    "ENOTDIR",
    "ETXTBSY",
    "EINVAL",
]
SETTLE_S = 2.0


def names(candidates) -> list[str]:
    return [candidate.path.name for candidate in candidates]


def folders_settled(yard, spool):
    spool.inbox.scan()
    yard.now_s += SETTLE_S * FOLDER_SETTLES
    return spool.inbox.scan()


def failing(monkeypatch: pytest.MonkeyPatch, call: str, *, code: str, about: str) -> list[str]:
    """Let a call of `os` fail whenever it is about this name; what it was asked for."""
    really, asked = getattr(os, call), []

    def call_or_fail(path, *args, **named):
        if about in os.fsdecode(path):
            asked.append(os.fsdecode(path))
            raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)), path)
        return really(path, *args, **named)

    monkeypatch.setattr(os, call, call_or_fail)
    return asked


@pytest.mark.parametrize("code", ERRNOS)
@pytest.mark.parametrize("call", ["open", "lstat"])
def test_an_error_of_one_file_stops_no_other_and_is_told_once(yard, monkeypatch, call: str, code: str) -> None:
    yard.drop("busy.yaml")
    yard.drop("good.yaml")
    spool = yard.worker()
    with monkeypatch.context() as share, capture_logs() as logs:
        assert failing(share, call, code=code, about="busy.yaml") is not None
        assert names(yard.settled(spool)) == ["good.yaml"]
        for _ in range(5):
            yard.now_s += LOOK_AGAIN_S
            assert names(spool.inbox.scan()) == ["good.yaml"]
    assert [(log["event"], log["file"]) for log in logs] == [("file.ignored", "busy.yaml")]
    if code not in ("ELOOP", "ENOTDIR"):  # a link by then, as `open` says it
        assert os.strerror(getattr(errno, code)) in logs[0]["why"]
    yard.now_s += LOOK_AGAIN_S
    assert set(names(yard.settled(spool))) == {"busy.yaml", "good.yaml"}, "it is looked at again"
    assert not spool.inbox.passed_over()


@pytest.mark.parametrize("code", ERRNOS)
def test_an_error_inside_one_folder_stops_no_other(yard, monkeypatch, code: str) -> None:
    yard.drop("set/job.yaml")
    yard.drop("set/products.csv", "sku\n1\n")
    yard.drop("good/job.yaml")
    spool = yard.worker()
    failing(monkeypatch, "open", code=code, about="products.csv")
    assert names(folders_settled(yard, spool)) == ["good"]
    assert set(spool.inbox.passed_over()) == {"set"}


def test_a_share_that_is_away_is_told_of_no_name(yard, monkeypatch) -> None:
    yard.drop("mug.yaml")
    spool = yard.worker()
    (candidate,) = yard.settled(spool)
    yard.now_s += LOOK_AGAIN_S
    with monkeypatch.context() as share, capture_logs() as logs:
        failing(share, "lstat", code="EIO", about="mug.yaml")
        failing(share, "listdir", code="EIO", about="inbox")  # once it is asked again
        with pytest.raises(OSError, match="Input/output error"):
            spool.inbox.scan()
    assert not logs
    assert spool.inbox.scan() == (candidate,), "nothing is forgotten"


def test_a_folder_deeper_than_any_path_stops_no_other(yard) -> None:
    yard.drop("good.yaml")
    (yard.folders.inbox / "deep").mkdir()
    held = os.open(yard.folders.inbox / "deep", os.O_RDONLY)
    for _ in range(17):
        os.mkdir("d" * 250, dir_fd=held)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=held)
        os.close(held)
        held = below
    os.close(os.open("job.yaml", os.O_CREAT | os.O_WRONLY, dir_fd=held))
    os.close(held)
    spool = yard.worker()
    assert "good.yaml" in names(folders_settled(yard, spool))


@pytest.mark.parametrize("changed_s", [-(2**33), 2**34, -1])
def test_a_file_of_any_time_is_a_job(yard, changed_s: int) -> None:
    path = yard.drop("mug.yaml")
    try:
        os.utime(path, (changed_s, changed_s))
    except OSError:
        pytest.skip("this file system has no such time")
    assert names(yard.settled(yard.worker())) == ["mug.yaml"]


def test_an_empty_folder_is_no_job_yet_and_told_after_a_while(yard) -> None:
    (yard.folders.inbox / "新建文件夹").mkdir()
    (yard.folders.inbox / "新建文件夹" / ".DS_Store").write_bytes(b"Finder's")
    spool = yard.worker()
    assert folders_settled(yard, spool) == ()
    assert not spool.inbox.passed_over()
    yard.now_s += TOLD_AFTER_S
    assert spool.inbox.scan() == ()
    assert "it is empty" in spool.inbox.passed_over()["新建文件夹"].why
    yard.drop("新建文件夹/job.yaml")
    yard.now_s += LOOK_AGAIN_S
    assert names(folders_settled(yard, spool)) == ["新建文件夹"]
    assert not spool.inbox.passed_over()


def test_a_folder_of_several_job_files_is_told_and_left(yard) -> None:
    yard.drop("monday/a.yaml")
    yard.drop("monday/b.yaml")
    spool = yard.worker()
    assert folders_settled(yard, spool) == ()
    why = spool.inbox.passed_over()["monday"].why
    assert "a.yaml" in why
    assert "b.yaml" in why
    yard.drop("monday/job.yaml")
    yard.now_s += LOOK_AGAIN_S
    assert names(folders_settled(yard, spool)) == ["monday"]


def test_a_large_folder_is_not_read_at_every_change(yard, opened: list[str]) -> None:
    yard.drop("set/job.yaml")
    spool = yard.worker()
    for number in range(9):
        with (yard.folders.inbox / "set" / "refs.bin").open("wb") as file:
            file.truncate(LARGE_BYTES + number)
        opened.clear()
        spool.inbox.scan()
        assert "refs.bin" not in opened
        yard.now_s += 1.0
    spool.inbox.scan()
    yard.now_s += SETTLE_S * FOLDER_SETTLES
    assert spool.inbox.scan() == ()
    yard.now_s += SETTLE_S * FOLDER_SETTLES
    assert names(spool.inbox.scan()) == ["set"]


def test_a_folder_that_takes_long_to_look_at_is_looked_at_rarely(yard, monkeypatch) -> None:
    yard.drop("set/job.yaml")
    spool, looks = yard.worker(), []
    really = os.stat

    def slow(path, *args, **named):
        if isinstance(path, str) and path.endswith("job.yaml"):
            looks.append(yard.now_s)
            yard.now_s += 3.0
        return really(path, *args, **named)

    monkeypatch.setattr(os, "stat", slow)
    begun_s = yard.now_s
    while yard.now_s - begun_s < 600:
        spool.inbox.scan()
        yard.now_s += 1.0
    assert 3 <= len(looks) <= 20


def test_what_is_open_for_writing_is_not_taken(yard) -> None:
    path = yard.drop("mug.yaml")
    if not asks_for_leases(path):
        pytest.skip("no leases here")
    spool = yard.worker()
    with path.open("a"):
        assert yard.settled(spool) == ()
        yard.now_s += TOLD_AFTER_S
        assert spool.inbox.scan() == ()
        assert "a program has it open" in spool.inbox.passed_over()["mug.yaml"].why
    assert names(spool.inbox.scan()) == ["mug.yaml"]
    assert not spool.inbox.passed_over()


def asks_for_leases(path: Path) -> bool:
    with path.open("a"):
        return is_open_for_writing(path)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3"])
def test_a_lease_that_a_share_refuses_holds_no_job_back(yard, tmp_path: Path, kind: str) -> None:
    path, mountinfo = yard.drop("mug.yaml"), tmp_path / "mountinfo"
    mountinfo.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:45 / {path.parent} rw - {kind} nas:/x rw\n")
    with path.open("a"):
        assert not is_open_for_writing(path, MountTables(mountinfo=mountinfo))


def test_who_has_a_file_open_for_reading_keeps_nobody_waiting(yard) -> None:
    path = yard.drop("mug.yaml")
    with path.open():
        assert not is_open_for_writing(path)
    assert not is_open_for_writing(path.with_name("gone.yaml"))


def test_a_file_that_never_rests_is_told(yard) -> None:
    spool = yard.worker()
    for number in range(70):
        yard.drop("mug.yaml", f"prompt: mug\n{number:03}")
        assert spool.inbox.scan() == ()
        yard.now_s += 1.0
    assert "still being written" in spool.inbox.passed_over()["mug.yaml"].why


def test_what_only_a_person_can_mend_waits_for_nothing(yard) -> None:
    (yard.folders.inbox / "link.yaml").symlink_to("/etc/hostname")
    os.mkfifo(yard.folders.inbox / "pipe.yaml")
    yard.drop("mug.yaml")
    spool = yard.worker()
    assert spool.inbox.waiting() == {"link.yaml", "pipe.yaml", "mug.yaml"}
    spool.inbox.scan()
    assert spool.inbox.waiting() == {"mug.yaml"}
    assert {name for name, one in spool.inbox.passed_over().items() if one.is_final} == {"link.yaml", "pipe.yaml"}


def test_a_folder_may_hold_twenty_thousand_files_and_no_more(yard, monkeypatch) -> None:
    from worker.disk import content

    assert content.FOLDER_FILES == 20_000
    monkeypatch.setattr(content, "FOLDER_FILES", 2)
    for number in range(3):
        yard.drop(f"set/{number}.txt")
    with pytest.raises(NotAJob, match="more than 2 files"):
        content.statuses(yard.folders.inbox / "set")
