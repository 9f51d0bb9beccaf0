"""Marks of hooks: which jobs are in work, and which have ended without their hook; a local file each, durable.

Knows nothing of what a hook is. What is damaged is no mark.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from worker.disk.durable import make_folder, write_json
from worker.disk.json_records import read_record
from worker.disk.record_fields import count_in, text_in
from worker.disk.temporaries import is_temporary
from worker.plain_names import is_plain_file_name

MOST_WAITING = 10_000
"""Hooks that wait; of more none is run."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One job."""

    id: str
    job: str
    has_ended: bool = False
    place: str = ""
    """`outbox` or `failed`, where it has ended."""
    folder: str = ""
    """Its finished folder's name there."""
    status: str = ""
    pictures: int = 0
    failed: int = 0
    number: int = 0
    """By which hooks are run in the order in which jobs ended."""


class Marks:
    """Those of one worker on one spool."""

    def __init__(self, folder: Path) -> None:
        """Keep the place; nothing is touched.

        Args:
            folder: local; made when it is needed.
        """
        self._folder = folder

    def set(self, mark: Mark) -> None:
        """Write one down, in place of a former one of that job.

        Raises:
            OSError: the disk failed, or the id is none of a job's.
        """
        path = self._path(mark.id)
        make_folder(self._folder)
        write_json(path, asdict(mark))

    def remove(self, job_id: str) -> None:
        """Forget one.

        Raises:
            OSError: the disk failed.
        """
        self._path(job_id).unlink(missing_ok=True)

    def of(self, job_id: str) -> Mark | None:
        """That of a job."""
        with suppress(OSError):
            return _read(self._path(job_id))
        return None

    def all(self) -> list[Mark]:
        """Those that have ended, in their order, then those in work.

        Raises:
            OSError: the disk failed.
        """
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        for name in names:
            if is_temporary(name):
                (self._folder / name).unlink(missing_ok=True)
        found = [_read(self._folder / name) for name in names if name.endswith(".json") and not is_temporary(name)]
        return sorted((one for one in found if one), key=lambda one: (not one.has_ended, one.number, one.id))

    def _path(self, job_id: str) -> Path:
        if not _ID.fullmatch(job_id):
            raise OSError(f"`{job_id[:100]}` is no id of a job")
        return self._folder / f"{job_id}.json"


def _read(path: Path) -> Mark | None:
    record = read_record(path)
    has_ended, place, folder = record.get("has_ended") is True, text_in(record, "place"), text_in(record, "folder")
    is_somewhere = place in ("outbox", "failed") and is_plain_file_name(folder)
    if text_in(record, "id") != path.name.removesuffix(".json") or (has_ended and not is_somewhere):
        return None
    return Mark(
        id=text_in(record, "id"),
        job=text_in(record, "job"),
        has_ended=has_ended,
        place=place,
        folder=folder,
        status=text_in(record, "status"),
        pictures=count_in(record, "pictures"),
        failed=count_in(record, "failed"),
        number=number if isinstance(number := record.get("number"), int) else 0,
    )
