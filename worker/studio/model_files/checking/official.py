"""Official files: hashes of published models, each with the public source from which it was taken.

They vouch for files, whoever delivered them (ModelScope and browsers keep no hashes); against a file they say nothing,
as other models use the same names. Another model is added by what this prints, put into `official_files.json`:

    python -m worker.studio.model_files.checking.official Tongyi-MAI/Z-Image tree.json 'where tree.json is from'

FILE is what `https://huggingface.co/api/models/REPOSITORY/tree/main?recursive=true` answers, or lines of a hash and a
path (`md5sum`, `sha256sum`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from worker.studio.model_files.checking.one_pass import OtherHash, ReadFile

TABLE = "official_files.json"
MD5_LENGTH = 32
"""Hexadecimal digits. MD5 finds what breaks by accident, which is all that it is asked here."""
LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{32})  ?\*?(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFile:
    """A file as its publisher has it."""

    repository: str
    digest: str
    """SHA-256, git's SHA-1 of a blob, or MD5: by its length."""
    source: str
    """Where the digest was published."""

    @property
    def also(self) -> tuple[OtherHash, ...]:
        """Hashes that `fits` needs beside the SHA-256."""
        return ("md5",) if len(self.digest) == MD5_LENGTH else ()

    def fits(self, read: ReadFile) -> bool:
        """Whether the file that was read is this one."""
        return self.digest in (read.sha256, read.git_sha1, read.md5)


def official_files(name: str) -> tuple[OfficialFile, ...]:
    """The official files of that path in a model's folder; models share names.

    Args:
        name: such as `vae/config.json`.
    """
    return _table().get(name, ())


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[OfficialFile, ...]]:
    return read_table((files(__package__) / TABLE).read_text("utf-8"))


def read_table(text: str) -> Mapping[str, tuple[OfficialFile, ...]]:
    """Official files by path.

    Args:
        text: JSON, by repository its `source` and `files`, digest by path.
    """
    found: dict[str, tuple[OfficialFile, ...]] = {}
    for repository, published in json.loads(text).items():
        for name, digest in published["files"].items():
            one = OfficialFile(repository=repository, digest=digest, source=published["source"])
            found[name] = (*found.get(name, ()), one)
    return found


def imported(text: str) -> Mapping[str, str]:
    """Digest by path, of a list that somebody published.

    Args:
        text: the answer of Hugging Face's API (`tree`), or lines of a hash and a path.

    Raises:
        ValueError: it holds no hash.
    """
    try:
        tree = json.loads(text)
    except ValueError:
        found = {line[2]: line[1] for line in map(LINE.fullmatch, text.splitlines()) if line}
    else:
        rows = [row for row in tree if row.get("type") == "file"]
        found = {row["path"]: row["lfs"]["oid"] if "lfs" in row else row["oid"] for row in rows}
    if not found:
        raise ValueError("no line has a SHA-256 or MD5 and a path, and it is no list of Hugging Face's files")
    return found


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    repository, file, source = sys.argv[1:]
    sys.stdout.write(
        json.dumps({repository: {"source": source, "files": imported(Path(file).read_text("utf-8"))}}, indent=2) + "\n"
    )
