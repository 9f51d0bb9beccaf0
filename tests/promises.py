"""The promises of the spool, looked up in what the folders hold after a run."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from worker.disk.returned_folder import MARKS
from worker.spool.layout import PARTIAL, RECEIPTS


def violations(root: Path, dropped: Mapping[str, bytes], *, is_over: bool) -> list[str]:
    """What is not as promised.

    Args:
        root: holds inbox, outbox and failed.
        dropped: bytes of each job by its file name.
        is_over: every job must have ended; else it may also wait or be claimed.
    """
    alive = {name for name, data in dropped.items() if _alive(root, data)}  # first: jobs move towards their end
    ended = [folder for place in ("outbox", "failed") for folder in _finished(root / place)]
    found = [f"half-written: {folder.name}: {why}" for folder in ended if (why := _why_not_whole(folder))]
    results = Counter(hashlib.sha256((folder / "job.yaml").read_bytes()).hexdigest() for folder in ended
                      if (folder / "job.yaml").is_file() and not _is_proof(folder))  # fmt: skip
    for name, data in dropped.items():
        key = hashlib.sha256(data).hexdigest()
        here = results[key]
        if here > 1:
            found.append(f"published {here} times: {name}")
        if here == 0 and (is_over or name not in alive):
            found.append(f"never ended: {name}" if name in alive else f"lost: {name}")
    return found


def published_whole(root: Path) -> dict[bytes, int]:
    """How many pictures each job in the outbox has, of those that have all; `violations` says if each is as told."""
    folders = [folder for folder in _finished(root / "outbox") if (folder / "manifest.json").is_file()]
    folders = [folder for folder in folders if not _is_proof(folder)]
    shots = {folder: json.loads((folder / "manifest.json").read_text("utf-8"))["shots"] for folder in folders}
    return {
        (folder / "job.yaml").read_bytes(): len(made)
        for folder, made in shots.items()
        if {shot["status"] for shot in made} == {"ok"}
    }


def _finished(place: Path) -> list[Path]:
    folders = [path for path in sorted(place.iterdir()) if path.is_dir() and not path.name.endswith(PARTIAL)]
    # a job may be called like the folder of receipts
    return [
        path
        for path in folders
        if path.name not in (RECEIPTS, "_overview", "_reports") or any((path / mark).exists() for mark in MARKS)
    ]


def _is_proof(folder: Path) -> bool:
    """Not the end of its job."""
    manifest = folder / "manifest.json"
    return manifest.is_file() and json.loads(manifest.read_text("utf-8")).get("status") == "proof"


def _alive(root: Path, data: bytes) -> bool:
    # os.walk passes over folders that a live worker removes while we look
    return any(
        _bytes(Path(folder) / name) == data
        for folder, _, names in os.walk(root / "inbox")
        for name in names
        if name.endswith(".yaml")
    )


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a live worker moved it while we looked
        return None


def _why_not_whole(folder: Path) -> str | None:
    if not (folder / "job.yaml").is_file():
        return "no job.yaml"
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return None if (folder / "error.txt").is_file() else "neither manifest nor error"
    for shot in json.loads(manifest.read_text("utf-8"))["shots"]:
        if shot["status"] != "ok":
            continue
        picture = folder / shot["file"]
        if not picture.is_file() or hashlib.sha256(picture.read_bytes()).hexdigest() != shot["sha256"]:
            return f"{shot['file']} is not as the manifest says"
    return None
