"""Files and folders made to harm can neither hang a look at them nor fill memory, nor end it with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from zoo import LAYOUTS

from worker.studio.model_files.recognise import loose_files
from worker.studio.model_files.safetensors_file import FileFaultError, parse_json, read_header

pytestmark = pytest.mark.slow

MOST_MIB = 300
MOST_S = 5.0
"""Of one look, on a machine that is busy; one takes a tenth of a second."""
LOOK = """
import json, re, sys, time
from pathlib import Path
from worker.errors import ModelInvalid
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.recognise.recognise import recognise
slowest = 0.0
for model, single in json.loads(sys.argv[1]):
    begun = time.perf_counter()
    try:
        recognise(Path(single or model))
    except OSError:
        pass
    try:
        inspect_model(Path(model), transformer_file=Path(single) if single else None)
    except ModelInvalid:
        pass
    slowest = max(slowest, time.perf_counter() - begun)
# not `ru_maxrss`, which a child takes over from whoever started it
print(json.dumps([slowest, int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024]))
"""


def looked_at(*places: tuple[str, str | None]) -> tuple[float, float]:
    """Seconds of the slowest look, and the peak of memory in MiB, of a process that does nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps(places)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    seconds, mib = json.loads(done.stdout)
    print(f"{seconds:.2f} s, {mib:.0f} MiB")  # shown by `-s`
    return seconds, mib


@pytest.mark.slow
def test_all_hostile_layouts_of_the_zoo_within_bounds(tmp_path: Path) -> None:
    hostile = [layout for layout in LAYOUTS.values() if layout.group == "hostile"]
    assert len(hostile) >= 60
    made = [layout.make(tmp_path / layout.name) for layout in hostile]
    seconds, mib = looked_at(*((one.model, one.transformer_file) for one in made))
    assert mib < MOST_MIB
    assert seconds < MOST_S


def weights(path: Path, header: bytes, data: int = 0) -> Path:
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    os.truncate(path, 8 + len(header) + data)
    return path


NAMED = b'"%s":{"dtype":"BF16","shape":[1],"data_offsets":[%d,%d]}'


@pytest.mark.slow
@pytest.mark.parametrize(
    "header",
    [b"{" + b",".join(NAMED % (b"a.b%d" % n, 2 * n, 2 * n + 2) for n in range(200_000)) + b"}",
     b'{"a":[' + b"[]," * 5_000_000 + b"[]]}", b'{"__metadata__":{"k":"' + b"v" * 15_000_000 + b'"}}',
     b'{"a":[' + b"1," * 7_000_000 + b"1]}", b'{"' + b'":1,"'.join(b"%d" % n for n in range(1_000_000)) + b'":1}',
     b"{" + NAMED % (b"a." * 7_000_000, 0, 2) + b"}", b'{"a":[' + b"1," * 40_000_000 + b"1]}"],
    ids=["200,000 tensors", "lists", "metadata", "numbers", "names", "one long name", "80 MB"],
)  # fmt: skip
def test_a_header_about_the_limit_stays_within_bounds(tmp_path: Path, header: bytes) -> None:
    seconds, mib = looked_at((str(tmp_path), str(weights(tmp_path / "z.safetensors", header, data=400_000))))
    assert mib < MOST_MIB
    assert seconds < MOST_S


@pytest.mark.parametrize(
    ("entries", "words"),
    [('{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', "damaged header"),
     ('{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', "damaged header"),
     ('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [true, 4]}}', "damaged header"),
     ('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', "leave gaps"),
     ('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, '
      '"b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', "overlap"),
     ('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, '
      '"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', "damaged header"),
     ('{"a": null}', "damaged header"), ("[]", "damaged header"), ("[" * 100_000, "damaged header")],
)  # fmt: skip
def test_a_header_that_contradicts_itself_is_damaged(tmp_path: Path, entries: str, words: str) -> None:
    with pytest.raises(FileFaultError, match=words):
        read_header(weights(tmp_path / "z.safetensors", entries.encode(), data=4))


def test_a_pipe_is_no_file_and_nobody_waits_for_its_other_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "z.safetensors")
    with pytest.raises(FileFaultError, match="a pipe"):
        read_header(tmp_path / "z.safetensors")


def test_json_with_and_without_a_byte_order_mark_says_the_same() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == parse_json(b"{}") == {}


@pytest.mark.parametrize("content", [None, b"a" * 1_000_000])
def test_a_reference_to_a_snapshot_is_neither_waited_for_nor_read_whole(tmp_path: Path, content: bytes | None) -> None:
    top = Path(LAYOUTS["hf_cache_two_snapshots"].make(tmp_path / "cache").model)
    main = top / "refs/main"
    main.unlink()
    if content is None:
        os.mkfifo(main)
    else:
        main.write_bytes(content)
    looked_at((str(top), None))


def test_of_a_whole_disk_only_so_many_folders_are_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loose_files, "MOST_FOLDERS", 3)
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "z.safetensors").touch()
    assert [*loose_files._weights(tmp_path)] == [tmp_path / "a/z.safetensors", tmp_path / "b/z.safetensors"]
