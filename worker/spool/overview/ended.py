"""Jobs that have ended, as an onlooker finds them: what the head of each manifest says, read once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from worker.clocks import utc_text
from worker.disk.beneath import inner_folder, opened_folder
from worker.disk.json_records import read_head, read_record
from worker.disk.record_fields import LONGEST, count_in, moment_in, objects_in, text_in
from worker.overview_records import EndedJob, EndedState
from worker.plain_names import is_litter
from worker.spool.layout import OURS, PARTIAL, Folders

HEAD_BYTES = 8 * 1024
"""Read of a manifest: all that counts stands before its title."""
STATES: tuple[EndedState, ...] = get_args(EndedState)


@dataclass(frozen=True, slots=True)
class Stamp:
    """By which a folder is known to be the one that was looked into."""

    inode: int
    mtime_ns: int


class EndedCache:
    """What is known of the folders in `outbox` and `failed`; a caller that looks again and again keeps it."""

    def __init__(self) -> None:
        """Know nothing."""
        self._known: dict[Path, tuple[Stamp, EndedJob | None]] = {}

    def look(
        self, folders: Folders, *, most: int | None, since_s: float, wall_s: float
    ) -> tuple[list[EndedJob], int, list[str]]:
        """List both folders, and look into what is new there.

        Args:
            folders: of the spool.
            most: jobs of which anything is told, the newest; None for all.
            since_s: and all whose folder was changed since; seconds since 1970.
            wall_s: likewise, now: no job ended later.

        Returns:
            The jobs, newest first; how many older folders there are; and the names in the outbox of those that are
            not whole yet.

        Raises:
            OSError: the share failed.
        """
        partials: list[str] = []
        there = {**_listed(folders.outbox, partials, ours=OURS), **_listed(folders.failed, [])}
        self._known = {path: held for path, held in self._known.items() if there.get(path) == held[0]}
        newest = sorted(there, key=lambda path: -there[path].mtime_ns)
        recent = sum(stamp.mtime_ns >= since_s * 1e9 for stamp in there.values())
        told = newest if most is None else newest[: max(most, recent)]
        for root in (folders.outbox, folders.failed):
            self._open(
                [path for path in told if path.parent == root and path not in self._known],
                root,
                there,
                is_outbox=root == folders.outbox,
            )
        now, known = utc_text(wall_s), (self._known.get(path) for path in told)
        jobs = [_not_after(held[1], now) for held in known if held is not None and held[1] is not None]
        jobs.sort(key=lambda job: job.ended_at or "", reverse=True)
        return jobs, len(newest) - len(told), partials

    def _open(self, paths: Sequence[Path], root: Path, there: Mapping[Path, Stamp], *, is_outbox: bool) -> None:
        """Look into folders of one root; an error of one is its own: it is tried again at the next look."""
        if not paths:
            return
        with opened_folder(root) as above:
            for path in paths:
                with suppress(OSError), _inside(path.name, above) as folder:
                    changed_at = utc_text(there[path].mtime_ns / 1e9)
                    job = _job_in(path, folder, is_in_outbox=is_outbox, changed_at=changed_at)
                    self._known[path] = there[path], job


@contextmanager
def _inside(name: str, above: int) -> Iterator[int]:
    folder = inner_folder(name, above)
    try:
        yield folder
    finally:
        os.close(folder)


def _listed(root: Path, partials: list[str], *, ours: frozenset[str] = frozenset()) -> dict[Path, Stamp]:
    """Folders that may be jobs' by their path; the names of those that are not whole go into a list."""
    found: dict[Path, Stamp] = {}
    with os.scandir(root) as entries:
        for entry in entries:
            if is_litter(entry.name) or entry.name in ours:
                continue
            with suppress(FileNotFoundError, PermissionError):
                status = entry.stat(follow_symlinks=False)
                if not stat.S_ISDIR(status.st_mode):
                    continue
                if entry.name.endswith(PARTIAL):
                    partials.append(entry.name)
                else:
                    found[root / entry.name] = Stamp(status.st_ino, status.st_mtime_ns)
    return found


def _not_after(job: EndedJob, now: str) -> EndedJob:
    """A worker's clock may be wrong: nothing ended in the time to come."""
    return job if job.ended_at is None or job.ended_at <= now else replace(job, ended_at=now)


def _job_in(path: Path, folder: int, *, is_in_outbox: bool, changed_at: str) -> EndedJob | None:
    """What became of the job in a folder; None where there is no folder of ours.

    Args:
        path: of the folder.
        folder: its descriptor.
        is_in_outbox: where it lies.
        changed_at: when the folder was last changed; where no file says when its job ended, that counts.

    Raises:
        OSError: it cannot be read.
    """
    head = read_head("manifest.json", folder=folder, most_bytes=HEAD_BYTES)
    error = {} if is_in_outbox else read_head("error.json", folder=folder, most_bytes=HEAD_BYTES)
    unrendered = "" if is_in_outbox else "cancelled" if error.get("status") == "cancelled" else "refused"
    said = text_in(head, "status") or unrendered
    state = next((one for one in STATES if one == said), None)
    if state is None:
        return None
    whole = _whole(path, head, is_wanted=state == "partial")
    counts = head if "made" in head else _counted(whole)
    return EndedJob(
        name=path.name,
        is_in_outbox=is_in_outbox,
        state=state,
        ended_at=moment_in(head, "finished_at") or changed_at,
        pictures=count_in(counts, "pictures"),
        made=count_in(counts, "made"),
        failed=count_in(counts, "failed"),
        cancelled=count_in(counts, "cancelled"),
        retried=count_in(counts, "retried"),
        warnings=count_in(counts, "warnings_count"),
        reason=_why_refused(path, error)
        if state == "refused"
        else text_in(error, "reason") or next(_errors(whole), ""),
        dropped_by=text_in(head, "dropped_by") or text_in(error, "dropped_by") or None,
        title=text_in(head, "title"),
    )


def _whole(folder: Path, head: Mapping[str, object], *, is_wanted: bool) -> Mapping[str, object]:
    """A small manifest altogether: of schema 1, whose head says no numbers, or where a picture's failure is told."""
    if not head or (count_in(head, "schema") >= 2 and not is_wanted):
        return {}
    return read_record(folder / "manifest.json", below=folder.parent)


def _why_refused(folder: Path, error: Mapping[str, object]) -> str:
    """The reason in error.json, with the first problem where there is one."""
    reason = text_in(error, "reason")
    whole = read_record(folder / "error.json", below=folder.parent) if error else {}
    first = next(iter(objects_in(whole, "problems")), {})
    if not text_in(first, "message"):
        return reason
    place = ":".join(str(part) for key in ("line", "column") if (part := count_in(first, key)))
    return f"{reason} {':'.join(filter(None, (text_in(first, 'file'), place)))}: {text_in(first, 'message')}"[:LONGEST]


def _errors(whole: Mapping[str, object]) -> Iterator[str]:
    yield from (text_in(one, "error") for one in objects_in(whole, "shots") if one.get("status") == "failed")


def _counted(whole: Mapping[str, object]) -> Mapping[str, object]:
    """The numbers that manifests of schema 2 have at their head."""
    shots, warnings = objects_in(whole, "shots"), whole.get("warnings")
    of = {state: [one for one in shots if one.get("status") == state] for state in ("ok", "failed", "cancelled")}
    tries = [one.get("attempts") for one in of["ok"]]
    return {
        "pictures": len(shots),
        "made": len(of["ok"]),
        "failed": len(of["failed"]),
        "cancelled": len(of["cancelled"]),
        "retried": sum(isinstance(one, list) and len(one) > 1 for one in tries),
        "warnings_count": len(warnings) if isinstance(warnings, list) else 0,
    }
