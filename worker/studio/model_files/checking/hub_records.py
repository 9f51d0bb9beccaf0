"""What Hugging Face's downloads keep: a record beside `--local-dir`, blobs of a cache that are named by their hash.

Source: `_local_folder.py` and `file_download.py` of huggingface_hub 2.4: the ETag of a file in LFS is its SHA-256, of
any other git's SHA-1 of its blob.
"""

from __future__ import annotations

import os
from pathlib import Path

from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.records import HEX, plain_files, roots_above, small_file
from worker.translation import gettext

DOWNLOAD = ".cache/huggingface/download"
LINKS = 8
"""Followed at most."""


def local_dir(file: Path) -> Expected | None:
    """By `.cache/huggingface/download/NAME.metadata`: a line each of commit, ETag and time."""
    for root, name in roots_above(file):
        record = root / DOWNLOAD / f"{name}.metadata"
        lines = (small_file(record, 4096) or b"").decode("ascii", "replace").splitlines()
        etag = lines[1].strip().removeprefix("W/").strip('"') if len(lines) > 1 else ""
        if HEX.fullmatch(etag):
            remedy = gettext(
                "Delete it and run the same `hf download ... --local-dir {folder}` again: it fetches what is missing.",
                folder=str(root),
            )
            return Expected(digests=frozenset({etag}), record=record, remedy=remedy)
    return None


def cached(file: Path) -> Expected | None:
    """By the name of the blob behind a snapshot's link."""
    path = file
    for _ in range(LINKS):
        if path.parent.name == "blobs" and HEX.fullmatch(path.name):
            return _in_cache(path.parent.parent, frozenset({path.name}), record=path)
        if not path.is_symlink():
            return None
        path = Path(os.path.normpath(Path(os.path.realpath(path.parent)) / path.readlink()))
    return None


def copied_cache(file: Path) -> Expected | None:
    """By the blobs of a cache whose links became files when it was copied: one of the same size must be this file."""
    for root, name in roots_above(file):
        if root.name == "snapshots" and len(name.parts) > 1:
            size = file.stat().st_size
            blobs = (entry for entry in plain_files(root.parent / "blobs") if HEX.fullmatch(entry.name))
            digests = frozenset(blob.name for blob in blobs if blob.stat().st_size == size)
            return _in_cache(root.parent, digests, record=root.parent / "blobs") if digests else None
    return None


def _in_cache(cache: Path, digests: frozenset[str], *, record: Path) -> Expected:
    """`cache` is `models--ORGANISATION--NAME`."""
    repository = "/".join(cache.name.split("--")[1:]) or None
    remedy = gettext(
        "Delete {blob}, and download {repository} again: it fetches what is missing.",
        blob=str(record),
        repository=repository or gettext("the model"),
    )
    return Expected(digests=digests, record=record, remedy=remedy, repository=repository)
