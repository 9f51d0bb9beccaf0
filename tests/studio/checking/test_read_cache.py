"""What was read of files is remembered file by file, while they stay the same."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from weight_files import TRANSFORMER, spoil

from worker.disk.json_records import RECORD_BYTES
from worker.studio.model_files.checking.one_pass import PIECE_BYTES
from worker.studio.model_files.checking.read_cache import ReadCache

pytestmark = pytest.mark.slow

MIB = 1024**2


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{number}.bin" for number in range(5)]
    for number, path in enumerate(made):
        path.write_bytes(bytes([number]) * (2 * MIB + number))
    return made


class EnoughError(Exception):
    pass


def read(cache: Path | None, files: list[Path], **more) -> dict[Path, str]:
    found = ReadCache(cache, **more).read(dict.fromkeys(files, ()))
    return {path: one.sha256 for path, one in found.items()}


def refuse() -> None:
    raise EnoughError


def test_nothing_is_read_again_while_size_time_and_inode_hold(tmp_path: Path, files: list[Path]) -> None:
    cache = tmp_path / "state/model-hashes.json"
    first = read(cache, files)
    assert read(cache, files, between=refuse) == first
    for change in (lambda file: file.touch(), lambda file: file.write_bytes(b"x"), replace_by_a_copy):
        change(files[2])
        with pytest.raises(EnoughError):
            read(cache, files, between=refuse)
        read(cache, files)
    assert json.loads(cache.read_text()).keys() == set(map(str, files))  # an entry a file, whatever became of it


def replace_by_a_copy(file: Path) -> None:
    """Of the same size and time."""
    status = file.stat()
    other = file.with_name("copy")
    other.write_bytes(b"y" * status.st_size)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)


def test_who_is_stopped_goes_on_with_the_file_in_work(tmp_path: Path, files: list[Path]) -> None:
    cache = tmp_path / "model-hashes.json"
    ticks = itertools.count()  # a second a look at the clock: every piece asks
    calls = itertools.count()

    def stop_at_last() -> None:
        if next(calls) == 13:  # three pieces a file
            raise EnoughError

    with pytest.raises(EnoughError):
        read(cache, files, between=stop_at_last, monotonic=lambda: next(ticks))
    known = ReadCache(cache)
    assert [bool(known.known(file)) for file in files] == [True] * 4 + [False]


KILLED = """
import os, signal, sys
from pathlib import Path
from worker.studio.model_files.checking.read_cache import ReadCache
folder, left = Path(sys.argv[1]), [4]
def between():
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
ReadCache(folder / "cache.json", between=between, monotonic=iter(range(10**6)).__next__).read(
    {path: () for path in sorted(folder.glob("*.bin"))})
"""


def test_a_kill_loses_the_file_in_work_and_no_other(tmp_path: Path, files: list[Path]) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == -9
    known = ReadCache(tmp_path / "cache.json")
    assert [bool(known.known(file)) for file in files] == [True, False, False, False, False]


def test_a_hash_that_was_not_asked_for_is_read_when_it_is(tmp_path: Path, files: list[Path]) -> None:
    cache = ReadCache(tmp_path / "cache.json")
    assert cache.read({files[0]: ()})[files[0]].md5 is None
    assert cache.known(files[0], also=("md5",)) is None
    assert cache.read({files[0]: ("md5",)})[files[0]].md5
    assert cache.known(files[0], also=("md5",))


@pytest.mark.parametrize(
    "content", ["not JSON", "[]", '{"%s": "0000"}', '{"%s": {"stamp": 3}}', '{"%s": {"damage": []}}']
)
def test_a_cache_that_is_none_only_costs_time(tmp_path: Path, files: list[Path], content: str) -> None:
    cache = tmp_path / "cache.json"
    cache.write_text(content.replace("%s", str(files[0])))
    assert read(cache, files) == read(None, files)


def test_two_workers_of_one_machine_keep_each_others_files(tmp_path: Path, files: list[Path]) -> None:
    one, other = ReadCache(tmp_path / "cache.json"), ReadCache(tmp_path / "cache.json")
    one.read({files[0]: ()})
    other.read({files[1]: ()})
    assert all(ReadCache(tmp_path / "cache.json").known(file) for file in files[:2])


def test_what_another_record_says_is_believed_and_not_written_down(tmp_path: Path, files: list[Path]) -> None:
    told = ReadCache(None).read(dict.fromkeys(files[:4], ()))
    cache = ReadCache(tmp_path / "cache.json")
    cache.take(told)
    assert all(cache.known(file) == told[file] for file in files[:4])
    assert cache.read(dict.fromkeys(files, ())).keys() == set(files)
    assert json.loads((tmp_path / "cache.json").read_text()).keys() == {str(files[4])}
    files[0].touch()
    assert cache.known(files[0]) is None


def test_files_that_went_are_forgotten_with_the_next_that_is_read(tmp_path: Path, files: list[Path]) -> None:
    read(tmp_path / "cache.json", files[:3])
    files[1].unlink()
    read(tmp_path / "cache.json", files[3:4])
    assert list(json.loads((tmp_path / "cache.json").read_text())) == [str(files[number]) for number in (0, 2, 3)]


@pytest.mark.slow
def test_a_cache_that_grows_too_large_to_be_read_loses_its_oldest_files(tmp_path: Path, files: list[Path]) -> None:
    cache = tmp_path / "cache.json"
    read(cache, files[:1])
    [(name, entry)] = json.loads(cache.read_text()).items()
    many = {f"{'/' * number}{name}": entry for number in range(1, 1_500)}  # each of them leads there
    while len(json.dumps(many, indent=1)) > RECORD_BYTES:
        del many[next(iter(many))]
    cache.write_text(json.dumps(many, indent=1))
    read(cache, files[1:4])
    kept = list(json.loads(cache.read_text()))
    assert kept[-3:] == [str(file) for file in files[1:4]]
    assert kept[:-3] == list(many)[-len(kept) + 3 :]
    assert read(cache, files[1:4], between=refuse).keys() == set(files[1:4])


def test_progress_is_told_every_ten_seconds_with_the_rate(files: list[Path]) -> None:
    seconds = itertools.count(step=4)
    with capture_logs() as told:
        read(None, files, monotonic=lambda: next(seconds))
    assert [line["mib"] for line in told if line["event"] == "model.reading"][:2] == [3, 5]
    assert {line["of_mib"] for line in told if line["event"] == "model.reading"} == {10}
    assert told[-1]["event"] == "model.hashed"
    assert (told[-1]["files"], told[-1]["mib"]) == (5, 10)
    with capture_logs() as told:
        read(None, files, monotonic=lambda: 0.0)
    assert told == []


def test_who_waits_for_the_reading_is_asked_a_few_times_a_second_however_fast_it_goes(files: list[Path]) -> None:
    seconds = itertools.count(step=0.05)
    asked: list[int] = []
    read(None, files, between=lambda: asked.append(1), monotonic=lambda: next(seconds))
    assert len(asked) == 4  # 15 pieces in 0.75 s
    assert PIECE_BYTES <= MIB  # so that a disk at 1 MB/s still lets it be asked every second


def test_each_byte_is_read_once(folder: Path, tmp_path: Path) -> None:
    count = """
import sys
from pathlib import Path
from worker.studio.model_files.inspect import identify, inspect_model
def read_bytes():
    return int(Path("/proc/self/io").read_text().split()[1])
model = inspect_model(Path(sys.argv[1]))
import numpy, structlog
for _ in range(2):
    before = read_bytes()
    identify(model, cache_file=Path(sys.argv[2]))
    print(read_bytes() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", count, str(folder), str(tmp_path / "cache.json")],
        cwd=Path(__file__).parents[3], check=True, capture_output=True, text=True,
    )  # fmt: skip
    first, again = (int(line) for line in done.stdout.splitlines() if line.isdigit())
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert 0.97 * size < first < 1.06 * size
    assert again < 0.06 * size


def test_a_file_that_is_written_to_while_it_is_read_is_read_again(folder: Path, tmp_path: Path) -> None:
    file = folder / TRANSFORMER
    cache = ReadCache(tmp_path / "cache.json", between=lambda: spoil(file, data=b"more"))
    with pytest.raises(OSError, match="somebody writes to it"):
        cache.read({file: ()})
    assert cache.known(file) is None
    later = ReadCache(tmp_path / "cache.json")
    later.read({file: ()})
    assert later.known(file) is not None
