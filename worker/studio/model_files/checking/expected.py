"""What a file should be by what its download kept: hashes, and the place where they stand.

Knows no downloads: `download_records.py` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from worker.studio.model_files.checking.one_pass import SMALL_BYTES, OtherHash, ReadFile
from worker.translation import Text

GIT_LENGTH = 40
"""Hexadecimal digits of git's SHA-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a file's bytes should be."""

    digests: frozenset[str]
    """SHA-256, or SHA-1 as git names a blob (the file's own, or its Git LFS pointer's): one of them."""
    record: Path
    """Where that stands."""
    remedy: Text
    """How to fetch the file again, a sentence."""
    repository: str | None = None
    """`Tongyi-MAI/Z-Image-Turbo`, where the record says which."""
    is_added: bool = False
    """It is what `model add` wrote, where nobody is to change anything; else what was downloaded."""

    def fits(self, read: ReadFile) -> bool:
        """Whether the file that was read is the expected one."""
        held = {read.sha256, read.git_sha1, _pointer_sha1(read)}
        return bool(self.digests & held)

    def also(self, size: int) -> tuple[OtherHash, ...]:
        """Hashes that `fits` needs beside the SHA-256, of a file of that size in bytes."""
        only_git = all(len(digest) == GIT_LENGTH for digest in self.digests)
        return ("git_sha1",) if only_git and size > SMALL_BYTES else ()


def _pointer_sha1(read: ReadFile) -> str:
    """Git's name of the Git LFS pointer to such a file."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{read.sha256}\nsize {read.stamp.size}\n".encode()
    return hashlib.sha1(b"blob %d\0%b" % (len(text), text), usedforsecurity=False).hexdigest()
