"""What must be true of a history at any moment, and at its end."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from promises import _why_not_whole as why_not_whole
from whole.history import History
from whole.history_old import archived

from worker.spool.layout import RECEIPTS

LINES_A_MINUTE = 60
"""Of one worker's log."""
LITTER = {"@eaDir"}


def broken_now(history: History) -> list[str]:
    """Promises that hold at any moment: no bytes lost, no picture lost, nothing twice, nothing half-written."""
    files = _files(history)
    return [
        *history.found,
        *_bytes_lost(history, files),
        *_pictures_lost(history, files),
        *_not_once(history),
        *_cancelled_by_nobody(history),
        *_ends(history),
    ]


def broken_at_the_end(history: History) -> list[str]:
    """Likewise, and what was to be done by then is done."""
    found = broken_now(history)
    done = _jobs(history)
    for one in history.dropped:
        data = _job_text(one.files)
        if one.is_honest and data not in {text for text, status in done if status == "complete"}:
            states = [status for text, status in done if text == data]
            found.append(f"not done: {one.name} ({states or 'nowhere'})")
    counted = ((name, minute, count) for (name, minute), count in history.lines.items() if minute > 1)
    found += [f"{name} wrote {count} lines in minute {minute}" for name, minute, count in counted
              if count > LINES_A_MINUTE]  # fmt: skip
    return found


def is_done(history: History) -> bool:
    """Whether every honest job has ended, for a quick look."""
    done = {text for text, _ in _jobs(history)}
    return all(_job_text(one.files) in done for one in history.dropped if one.is_honest)


def _ends(history: History) -> list[str]:
    return [f"{one.name} ended by {type(one.error).__name__}: {one.error}" for one in history.workers.processes
            if one.error is not None]  # fmt: skip


def _files(history: History) -> dict[Path, bytes]:
    found = {}
    for top in (history.share, history.root / "elsewhere", history.root / "archive"):
        for path in top.rglob("*"):
            if path.is_file() and not path.is_symlink():
                found[path] = path.read_bytes()
    return found


def _bytes_lost(history: History, files: dict[Path, bytes]) -> list[str]:
    held = set(files.values())
    return [
        f"lost: {name or one.name} of {one.name}"
        for one in history.dropped if not one.is_withdrawn
        for name, data in one.files.items() if data not in held and not _still_comes(history, one.dropped_s)
    ]  # fmt: skip


def _still_comes(history: History, dropped_s: float) -> bool:
    """A file that is just being copied."""
    return history.workers.now_s() < dropped_s + 10.0


def _pictures_lost(history: History, files: dict[Path, bytes]) -> list[str]:
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items() if path.suffix == ".png"}
    for path, data in files.items():
        picture = path.with_suffix(".png")
        if path.suffix == ".json" and picture in hashes and hashes[picture] == _vouched(data):
            history.pictures.setdefault(hashes[picture], str(path.relative_to(history.root)))
    held = {*hashes.values(), *history.deleted}
    return [f"picture lost: {where}" for sha256, where in history.pictures.items() if sha256 not in held]


def _vouched(sidecar: bytes) -> str | None:
    try:
        return str(json.loads(sidecar).get("sha256"))
    except ValueError:
        return None


def _visible(history: History) -> list[Path]:
    """Finished folders, in place or taken away."""
    places = (history.share / "outbox", history.share / "failed", history.root / "elsewhere")
    return [path for path in archived(history) if ".before" not in path.name] + [
        path for place in places for path in sorted(place.iterdir())
        if path.is_dir() and not path.name.startswith(".") and not path.name.endswith(".partial")
        and path.name not in (RECEIPTS, "_overview", *LITTER) and ".before" not in path.name
    ]  # fmt: skip


def _jobs(history: History) -> list[tuple[bytes, str]]:
    """Text and status of every finished job."""
    return [
        ((path / "job.yaml").read_bytes(), _status(path))
        for path in _visible(history)
        if (path / "job.yaml").is_file() and not _is_told_gone(path) and _status(path) != "proof"
    ]  # fmt: skip


def _status(folder: Path) -> str:
    for name in ("manifest.json", "error.json"):
        if (folder / name).is_file():
            return str(json.loads((folder / name).read_bytes())["status"])
    return "failed"


def _cancelled_by_nobody(history: History) -> Iterator[str]:
    """What is called cancelled names a file that a person put down; what a person cancelled is called nothing else."""
    for path in _visible(history):
        error = path / "error.txt"
        said = error.read_text("utf-8") if error.is_file() else ""
        if (path / "manifest.json").is_file():
            said += (path / "manifest.json").read_text("utf-8")
        is_said = any(f"{how} by {name}" in said for name in history.cancels for how in ("Cancelled", "Ended"))
        if is_said != (_status(path) == "cancelled"):
            yield f"{_status(path)} and {'cancelled' if is_said else 'not cancelled'} by a person: {path.name}"


def _not_once(history: History) -> list[str]:
    found = [
        f"half-written: {path.relative_to(history.root)}: {why}"
        for path in _visible(history)
        if (why := why_not_whole(path)) and not _is_rescued(path) and not _is_thinned(history, path)
    ]  # fmt: skip
    counts = Counter(text for text, _ in _jobs(history))
    for one in history.dropped:
        if counts[_job_text(one.files)] > 1 + history.again[_job_text(one.files)]:
            found.append(f"published {counts[_job_text(one.files)]} times: {one.name}")
    return [*found, *_proofs_twice(history)]


def _proofs_twice(history: History) -> Iterator[str]:
    """A job's proof lies there once, wherever it was taken."""
    proofs = Counter(_manifest(path)["job"] for path in _visible(history) if _status(path) == "proof")
    yield from (f"{count} proofs of one job: {job}" for job, count in proofs.items() if count > 1)


def _manifest(folder: Path) -> dict[str, str]:
    return dict(json.loads((folder / "manifest.json").read_bytes()))


def _is_thinned(history: History, folder: Path) -> bool:
    manifest = folder / "manifest.json"
    return manifest.is_file() and manifest.read_bytes() in history.thinned


def _is_rescued(folder: Path) -> bool:
    error = folder / "error.txt"
    return error.is_file() and b"no worker has it any more" in error.read_bytes().replace(b"\r\n", b" ")


def _is_told_gone(folder: Path) -> bool:
    """Says of a finished folder that was taken away that it had appeared: no second one."""
    error = folder / "error.txt"
    return error.is_file() and b"the job is not made again" in error.read_bytes()


def _job_text(files: dict[str, bytes]) -> bytes:
    return files.get("", files.get("job.yaml", b""))
