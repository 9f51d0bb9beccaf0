"""Long lists in JSON files are read an entry at a time; what else lies there ends the reading."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from worker.disk import json_stream
from worker.disk.json_stream import ENTRY_CHARACTERS, PIECE_BYTES, read_stream


def read(path: Path, **more: int) -> tuple[dict[str, object], list[object]]:
    found: list[object] = []
    return read_stream(path, "shots", found.append, below=path.parent, **more), found


def lay(folder: Path, text: str | bytes) -> Path:
    path = folder / "manifest.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("count", [0, 1, 3000])
def test_the_head_and_every_entry_come_back_as_they_were_written(
    tmp_path: Path, count: int, indent: int | None
) -> None:
    head = {"title": 'a "shots": [ in words', "warnings": [{"message": '"shots":['}], "worker": {"id": "工作室"}}
    entries = [
        {"file": f"{n}.png", "prompt": "白色陶瓷马克杯 " * 9, "attempts": [{"outcome": "ok"}]} for n in range(count)
    ]
    path = lay(tmp_path, json.dumps({**head, "shots": entries}, ensure_ascii=False, indent=indent))
    assert read(path) == ({**head, "shots": []}, entries)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", 0), ("[1, 2]", 0), ('{"shots": 7}', 0), ('{"head": 1}', 0), ('"shots": [{}]', 0), ("{" * 90_000, 0),
        ('{"a": 1, "shots": [{"n": 1}, 7, null, "x", {"n": 2}, oops', 2), ('{"shots": [{"n": 1}, {"n"', 1),
        ('{"shots": [{"n": 1}, ' + "[" * 100_000, 1), ('{"shots": [{"n": 1}]} {"shots": [{"n": 2}]}', 1),
        (b'{"shots": [{"n": "\xff\xfe"}]}', 1), (b'{"shots": [{"n": 1}, \x00\x00\x00', 1),
    ],
)  # fmt: skip
def test_what_is_damaged_is_read_as_far_as_it_is_whole(tmp_path: Path, text: str | bytes, entries: int) -> None:
    assert len(read(lay(tmp_path, text))[1]) == entries


def test_what_is_no_plain_file_is_nothing(tmp_path: Path) -> None:
    whole = lay(tmp_path, '{"shots": [{"n": 1}]}')
    link, folder = tmp_path / "link", tmp_path / "folder"
    link.symlink_to(whole)
    folder.mkdir()
    for path in (link, folder, tmp_path / "none", folder / "none"):
        assert read(path) == ({}, [])


def test_no_more_is_read_than_was_asked_for_and_no_more_entries_than_a_job_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path, json.dumps({"shots": [{"n": n} for n in range(100_000)]}))
    assert len(read(path, most_bytes=PIECE_BYTES)[1]) < 30_000
    monkeypatch.setattr(json_stream, "MOST_ENTRIES", 50)
    assert len(read(path)[1]) == 50


@pytest.mark.slow
def test_a_large_manifest_and_a_large_entry_take_little_memory(tmp_path: Path) -> None:
    entry = json.dumps({"prompt": "x" * 2000, "attempts": [{}] * 9})
    large = lay(tmp_path, '{"shots": [' + ",\n".join([entry] * 12_000) + "]}")
    trap = tmp_path / "trap.json"
    trap.write_text('{"shots": [{"n": 1}, "' + "x" * (8 * ENTRY_CHARACTERS) + '"]}')
    for path, count in ((large, 12_000), (trap, 1)):
        seen: list[int] = []
        tracemalloc.start()
        read_stream(path, "shots", lambda _, seen=seen: seen.append(1), below=tmp_path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(seen) == count
        assert most < 24 * 1024 * 1024, path.stat().st_size
