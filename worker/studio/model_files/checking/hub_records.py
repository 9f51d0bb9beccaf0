"""What Hugging Face's downloads keep: a record beside `--local-dir`, blobs of a cache that are named by their hash.

Source: `_local_folder.py` and `file_download.py` of huggingface_hub 2.4: the ETag of a file in LFS is its SHA-256, of
any other git's SHA-1 of its blob.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.records import HEX, plain_files, roots_above, small_file
from worker.translation import gettext

DOWNLOADS = (".cache/huggingface/download", ".huggingface/download")
"""Below the folder of a download: now, and in huggingface_hub 0.23."""
LINKS = 8
"""Followed at most."""


def local_dir(file: Path) -> Expected | None:
    """By `.cache/huggingface/download/NAME.metadata`: a line each of commit, ETag and time."""
    for root, record in hub_metadata(file):
        lines = (small_file(record, 4096) or b"").decode("ascii", "replace").splitlines()
        etag = lines[1].strip().removeprefix("W/").strip('"') if len(lines) > 1 else ""
        if HEX.fullmatch(etag):
            remedy = gettext(
                "Delete it and run the same `hf download ... --local-dir {folder}` again: it fetches what is missing.",
                folder=str(root),
            )
            return Expected(digests=frozenset({etag}), record=record, remedy=remedy)
    return None


def hub_metadata(file: Path) -> Iterator[tuple[Path, Path]]:
    """Each folder that may be the root of a file's download, and where its record of the file would lie."""
    for root, name in roots_above(file):
        yield from ((root, root / folder / f"{name}.metadata") for folder in DOWNLOADS)


def cached(file: Path) -> Expected | None:
    """By the name of the blob behind a snapshot's link."""
    path = file
    for _ in range(LINKS):
        if path.parent.name == "blobs" and HEX.fullmatch(path.name):
            return _in_cache(path.parent.parent, frozenset({path.name}), record=path, spoilt=path)
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
            record = root.parent / "blobs"
            return _in_cache(root.parent, digests, record=record, spoilt=file) if digests else None
    return None


def _in_cache(cache: Path, digests: frozenset[str], *, record: Path, spoilt: Path) -> Expected:
    """`cache` is `models--ORGANISATION--NAME`; `spoilt` what must go for the file to be fetched again."""
    repository = "/".join(cache.name.split("--")[1:]) or None
    remedy = gettext(
        "Delete {spoilt} and run `hf download {repository} --cache-dir {folder}`: it fetches what is missing.",
        spoilt=str(spoilt),
        repository=repository or "...",
        folder=str(cache.parent),
    )
    return Expected(digests=digests, record=record, remedy=remedy, repository=repository)
