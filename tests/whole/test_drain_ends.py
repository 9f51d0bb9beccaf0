"""`--drain` ends whatever lies in the inbox, and says by its exit code whether something was left."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.job.reader import JobFiles

pytestmark = pytest.mark.slow

ONE = "prompt: a red mug\nsize: 64x64\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def inside(house: House) -> Path:
    return house.root / "inbox"


def several(house: House) -> None:
    (inside(house) / "monday").mkdir()
    for name in "ab":
        house.drop(f"monday/{name}.yaml", ONE)


LEFT: dict[str, Callable[[House], object]] = {
    "a link": lambda house: (inside(house) / "link.yaml").symlink_to("/etc/hostname"),
    "a pipe": lambda house: os.mkfifo(inside(house) / "pipe.yaml"),
    "a link in a folder": lambda house: ((inside(house) / "set").mkdir(), (inside(house) / "set/a").symlink_to("/")),
    "an empty folder": lambda house: (inside(house) / "新建文件夹").mkdir(),
    "several jobs in a folder": several,
    "a conflict copy": lambda house: house.drop("mug (冲突副本 2024-01-01).yaml", ONE),
    "a workbook": lambda house: house.drop("spring.xlsx", "PK"),
    "an editor's ending": lambda house: house.drop("mug.yaml.txt", ONE),
}


@pytest.mark.parametrize("plant", LEFT.values(), ids=LEFT.keys())
def test_what_can_never_be_taken_is_told_and_counts_as_failed(house: House, plant: Callable[[House], object]) -> None:
    plant(house)
    house.drop("good.yaml", ONE)
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"good"}
    assert len([*(house.root / "outbox/receipts").glob("*.txt")]) == 1
    assert len(house.names("inbox") - {".zimage-worker"}) == 1


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_file_that_cannot_be_read_is_given_its_grace_and_then_counts_as_failed(
    house: House, monkeypatch, code
) -> None:
    house.drop("busy.yaml", ONE)
    house.drop("good.yaml", ONE)
    really = os.open

    def busy(path, *args, **named):
        if os.fsdecode(path).endswith("busy.yaml"):
            raise OSError(code, os.strerror(code), str(path))
        return really(path, *args, **named)

    monkeypatch.setattr(os, "open", busy)
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"good"}
    assert "busy.yaml" in house.names("inbox")


def test_a_file_that_can_be_read_after_a_while_is_made(house: House, monkeypatch) -> None:
    house.drop("busy.yaml", ONE)
    really, is_busy = os.open, [True]

    def busy(path, *args, **named):
        if is_busy and os.fsdecode(path).endswith("busy.yaml"):
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        return really(path, *args, **named)

    monkeypatch.setattr(os, "open", busy)
    house.at(20.0, is_busy.clear)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"busy"}


def test_a_file_that_is_always_being_written_ends_the_drain_too(house: House) -> None:
    house.drop("slow.yaml", ONE)
    for second in range(1, 1_000):
        house.at(float(second), lambda second=second: house.drop("slow.yaml", f"{ONE}# {second:04}\n"))
    house.at(999.0, lambda: pytest.fail("it never ends"))
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("inbox") >= {"slow.yaml"}


@pytest.mark.parametrize(
    ("raised", "ends"),
    [(OSError(errno.EBUSY, "busy"), {"good"}), (RecursionError("deep"), {"good"}), (ValueError("odd"), {"good"})],
)
def test_a_job_that_cannot_be_read_keeps_no_other_waiting(house: House, monkeypatch, raised, ends) -> None:
    house.drop("a-odd.yaml", ONE)
    house.drop("good.yaml", ONE)
    really = JobFiles.read

    def odd(self, path, **named):
        if "a-odd" in path.name and path.parent == house.root / "inbox":
            raise raised
        return really(self, path, **named)

    monkeypatch.setattr(JobFiles, "read", odd)
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    code = house.drain()
    assert house.names("outbox") >= ends
    assert (code == ExitCode.DONE) == ("a-odd" in house.names("outbox"))


def test_a_job_claimed_and_left_undone_by_an_error_is_done_before_the_drain_ends(house: House, monkeypatch) -> None:
    house.drop("mug.yaml", ONE)
    really, failed = os.rename, []

    def failing_behind(source, target, *args, **named) -> None:
        really(source, target, *args, **named)
        if str(source).endswith("inbox/mug.yaml") and not failed:
            failed.append(target)
            monkeypatch.setattr(os, "open", refusing_once(os.open))

    def refusing_once(real):
        refused = []

        def refuse(path, *args, **named):
            if not refused:
                refused.append(path)
                raise OSError(errno.EIO, "Input/output error", str(path))
            return real(path, *args, **named)

        return refuse

    monkeypatch.setattr(os, "rename", failing_behind)
    assert house.drain() == ExitCode.DONE
    assert failed
    assert house.names("outbox") == {"mug"}


def test_a_job_claimed_that_stays_unreadable_counts_as_failed(house: House) -> None:
    house.drop("mug.yaml", ONE)
    house.drop("vase.yaml", ONE)
    with FailingCalls(lambda call, path: errno.EIO if call == "listdir" and Path(path, "mug.yaml").exists() and
                      path.endswith("dropped") else None).installed():  # fmt: skip
        assert house.drain() == ExitCode.JOBS_FAILED
    assert house.drain() == ExitCode.DONE


def test_an_invalid_job_s_receipt_names_its_first_problem_and_goes_with_it(house: House) -> None:
    house.drop("bad.yaml", "promt: a mug\n")
    seen: list[str] = []

    def look() -> None:
        seen.extend(path.read_text("utf-8") for path in (house.root / "outbox/receipts").glob("*.txt"))

    house.at(30.0, look)
    assert house.drain() == ExitCode.JOBS_FAILED
    assert "promt" in seen[0]
    assert "mend it before" in seen[0]
    assert not [*(house.root / "outbox/receipts").glob("*.txt")]
    assert house.names("failed") == {"bad"}


def test_a_waiting_job_that_is_cancelled_is_refused_before_the_others_are_made(house: House) -> None:
    house.drop("a-long.yaml", ONE)
    house.drop("b-long.yaml", f"name: Autumn\n{ONE}")
    house.drop("AUTUMN.cancel", "")
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("failed") == {"b-long"}
    assert house.names("outbox") == {"a-long"}
    refused, made = ((house.root / name).stat().st_mtime_ns for name in ("failed/b-long", "outbox/a-long"))
    assert refused < made
    assert house.is_swept()


def test_what_is_dropped_during_a_long_job_is_told_before_its_end(house: House) -> None:
    house.drop("long.yaml", f"count: 8\n{ONE}")
    told: list[set[str]] = []

    def after(_request: object) -> None:
        house.wait(20.0)
        if house.now_s() > 60.0:
            told.append({path.name for path in house.root.glob("outbox/receipts/*.txt")})

    house.at(30.0, lambda: house.drop("mugs.csv", "sku\n"))
    house.at(30.0, lambda: house.drop("bad.yaml", "promt: a mug\n"))
    assert house.drain(PaintingRenderer(after=after)) == ExitCode.JOBS_FAILED
    assert any(names >= {"mugs.csv.txt", "bad.yaml.txt"} for names in told)


def test_a_pause_is_logged_once(house: House) -> None:
    house.drop("mug.yaml", ONE)
    house.drop("Pause", "")
    house.at(60.0, (inside(house) / "Pause").unlink)
    with capture_logs() as logs:
        assert house.drain() == ExitCode.DONE
    steps = [log["event"] for log in logs if log["event"] in ("worker.paused", "worker.resumed")]
    assert steps == ["worker.paused", "worker.resumed"]


def test_a_cancel_meets_no_other_job_of_the_same_text(house: House) -> None:
    for name in ("a.yaml", "b.yaml"):
        house.drop(name, ONE)
    house.drop("b.cancel", "")
    assert house.drain() == ExitCode.JOBS_FAILED
    assert (house.names("outbox"), house.names("failed")) == ({"a"}, {"b"})


@pytest.mark.parametrize("when", ["waiting", "in work"])
def test_a_job_whose_name_is_not_utf_8_can_be_cancelled(house: House, when: str) -> None:
    job, cancel = (Path(os.fsdecode(os.fsencode(inside(house)) + b"/mug\xff" + end)) for end in (b".yaml", b".cancel"))
    job.write_text(f"count: 3\n{ONE}")

    def drop_cancel(_request: object = None) -> None:
        cancel.write_text("")

    if when == "waiting":
        drop_cancel()
    assert house.drain(PaintingRenderer(after=drop_cancel)) == ExitCode.JOBS_FAILED
    ended = house.root / ("failed" if when == "waiting" else "outbox")
    (folder,) = [path for path in ended.iterdir() if path.name.startswith("mug")]
    told = "".join(path.read_text("utf-8") for path in folder.iterdir() if path.suffix in (".txt", ".json"))
    assert "Cancelled by mug" in told
    assert house.is_swept()


@pytest.mark.parametrize("cancel", ["b-waits.cancel", "AUTUMN.cancel"])
def test_a_waiting_job_is_cancelled_between_two_pictures_of_another(house: House, cancel: str) -> None:
    house.drop("a-long.yaml", f"priority: high\ncount: 8\n{ONE}")
    house.drop("b-waits.yaml", f"name: Autumn\n{ONE}")
    seen: list[tuple[set[str], bool]] = []

    def after(_request: object) -> None:
        house.wait(20.0)
        if house.now_s() > 60.0:
            house.drop(cancel, "") if not seen else None
            seen.append((house.names("failed"), "a-long" in house.names("outbox")))

    assert house.drain(PaintingRenderer(after=after)) == ExitCode.JOBS_FAILED
    assert ({"b-waits"}, False) in seen
    assert "before it began" in (house.root / "failed/b-waits/error.txt").read_text("utf-8")
    assert house.names("outbox") == {"a-long"}
    assert house.manifest("a-long")["status"] == "complete"
    assert house.is_swept()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EBUSY, errno.EIO])
def test_a_job_that_can_never_be_moved_counts_as_failed_and_leaves_no_claim(
    house: House, monkeypatch, code: int
) -> None:
    house.drop("a-stuck.yaml", ONE)
    house.drop("good.yaml", ONE)
    really, tries = os.rename, []

    def refusing(source, target, *args, **named) -> None:
        if str(source).endswith("inbox/a-stuck.yaml"):
            tries.append(house.now_s())
            raise OSError(code, os.strerror(code), str(source))
        really(source, target, *args, **named)

    monkeypatch.setattr(os, "rename", refusing)
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"good"}
    assert len(tries) <= 10, "it is tried at its own pace"
    assert "cannot be moved" in (house.root / "outbox/receipts/a-stuck.yaml.txt").read_text("utf-8")
    assert not [*house.folders.claims.glob("*/*")]


@pytest.mark.parametrize("call", ["listdir", "lstat"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE, errno.ENAMETOOLONG])
def test_a_folder_that_cannot_be_looked_into_stops_no_other(house: House, monkeypatch, call: str, code: int) -> None:
    (inside(house) / "set").mkdir()
    house.drop("set/job.yaml", ONE)
    house.drop("good.yaml", ONE)
    really = getattr(os, call)

    def refusing(path, *args, **named):
        if isinstance(path, str | Path) and "inbox/set" in os.fspath(path):
            raise OSError(code, os.strerror(code), str(path))
        return really(path, *args, **named)

    monkeypatch.setattr(os, call, refusing)
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"good"}
