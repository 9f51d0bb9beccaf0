"""What git keeps of a cloned model: its index names every file by the SHA-1 of its blob, or of its Git LFS pointer.

Source: gitformat-index(5), versions 2 to 4; the Git LFS specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.records import HEX, plain_files, roots_above, small_file
from worker.translation import gettext

INDEX_BYTES = 16 * 1024**2
NAME_BYTES = 4096
"""Of the longest path that Linux takes; an index with a longer one is no index."""
NAMES_BYTES = 64 * 1024**2
"""Of all paths in an index: by version 4 each may hold the one before it, which makes 1 GB of 16 MB."""
POINTER_BYTES = 1024
POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:(?P<oid>[0-9a-f]{64})\n")
FIXED = 62
"""Bytes of an index entry before its name; the last two hold flags."""
EXTENDED = 0x4000
"""Flag: two more bytes of flags follow."""


class GitRecords:
    """Every index is read once, however many files ask."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._indexes: dict[Path, Mapping[str, str]] = {}

    def expected(self, file: Path) -> Expected | None:
        """By the index of the clone in which it lies, by a Git LFS pointer kept beside it, or by the LFS objects."""
        pointer = _pointer_beside(file)
        for root, name in roots_above(file):
            if root not in self._indexes:
                self._indexes[root] = dict(entries(small_file(root / ".git/index", INDEX_BYTES) or b""))
            digest = self._indexes[root].get(name.as_posix())
            remedy = gettext(
                "Delete it, then run `git checkout -- {name}` and `git lfs pull` in {folder}.",
                name=name.as_posix(),
                folder=str(root),
            )
            if digest:
                return Expected(digests=frozenset({digest}), record=root / ".git/index", remedy=remedy)
            if not self._indexes[root] and (objects := _objects(root, size=file.stat().st_size)):
                return Expected(digests=objects, record=root / ".git/lfs/objects", remedy=remedy)
        if pointer is None:
            return None
        path, oid = pointer
        return Expected(
            digests=frozenset({oid}),
            record=path,
            remedy=gettext("Delete it and download it again from where it came from."),
        )


def _pointer_beside(file: Path) -> tuple[Path, str] | None:
    """A Git LFS pointer whose name is the file's with something behind it."""
    for entry in plain_files(file.parent):
        if entry.name.startswith(f"{file.name}.") and entry.stat().st_size <= POINTER_BYTES:
            found = POINTER.match(small_file(Path(entry.path), POINTER_BYTES) or b"")
            if found:
                return Path(entry.path), found["oid"].decode()
    return None


def _objects(root: Path, *, size: int) -> frozenset[str]:
    """Hashes of the Git LFS objects of that size, where there is no index to say which is which."""
    folder = root / ".git/lfs/objects"
    if not folder.is_dir():
        return frozenset()
    return frozenset(
        path.name
        for path in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")
        if HEX.fullmatch(path.name) and path.is_file() and path.stat().st_size == size
    )


def entries(index: bytes) -> Iterator[tuple[str, str]]:
    """Path and SHA-1 of the files in an index; nothing of one that is damaged or of another version."""
    version, count = int.from_bytes(index[4:8], "big"), int.from_bytes(index[8:12], "big")
    if index[:4] != b"DIRC" or version not in (2, 3, 4):
        return
    at, name, room = 12, b"", NAMES_BYTES
    for _ in range(count):
        flags = int.from_bytes(index[at + FIXED - 2 : at + FIXED], "big")
        start = at + FIXED + (2 if flags & EXTENDED else 0)
        kept = 0
        if version == 4:  # how much of the last name goes, then what comes in its place
            dropped, start = _offset(index, start)
            kept = max(len(name) - dropped, 0)
        end = index.find(b"\0", start)
        if end < 0:
            return
        name = name[:kept] + index[start:end]
        room -= len(name)
        if len(name) > NAME_BYTES or room < 0:
            return
        yield name.decode("utf-8", "surrogateescape"), index[at + 40 : at + 60].hex()
        at = end + 1 if version == 4 else at + (end - at) // 8 * 8 + 8  # the others are padded to 8 bytes


def _offset(index: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, each but the last with its top bit set, and where it ends."""
    value = 0
    while at < len(index):
        byte = index[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            break
        value += 1
    return value, at
