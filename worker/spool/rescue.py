"""Rescue of finished pictures whose job nobody works on any more: into `failed/`, with the reason beside them.

Knows how a finished folder is told to be a job's, and what a person is told about one whose job is gone.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.durable import write_file
from worker.records import StagedFile
from worker.spool.across_disks import moved_to_free_name
from worker.spool.final_rename import job_of
from worker.spool.layout import numbered
from worker.spool.listing import finished_in
from worker.translation import Language, Text, gettext, translated


def has_appeared(job_id: str, *, name: str, root: Path) -> bool:
    """Whether a finished folder of that name is this job's.

    Args:
        job_id: of the job.
        name: of its finished folder, if that was not taken.
        root: `outbox`.

    Raises:
        OSError: the share failed.
    """
    return any(job_of(path) == job_id for path in finished_under(root, name))


def finished_under(root: Path, name: str) -> list[Path]:
    """Finished folders of that name, or numbered after it.

    Args:
        root: `outbox` or `failed`.
        name: of a finished folder, if that was not taken.

    Raises:
        OSError: the share failed.
    """
    return [path for path in finished_in(root) if path.name == name or path.name.startswith(f"{name}.")]


def gone_after_its_end(name: str, *, language: Language) -> tuple[StagedFile, ...]:
    """What is told of a job whose finished folder was moved or removed before its worker could end the claim.

    Args:
        name: of the finished folder.
        language: of whoever dropped the job.
    """
    reason = gettext(
        "This job had ended, and its folder {name} had appeared; the worker stopped at that moment, and the folder has"
        " been moved or removed since. So that nothing is made twice, the job is not made again.",
        name=name,
    )
    remedy = gettext(
        "If you have its pictures, delete this folder. If not, move this whole folder into the inbox, as it is: the job"
        " is made again."
    )
    return _told(name, reason, remedy, language=language)


def _told(name: str, reason: Text, remedy: Text, *, language: Language) -> tuple[StagedFile, ...]:
    """For a person and for a program."""
    why, what_to_do = translated(reason, language), translated(remedy, language)
    error = {
        "schema": 1,
        "name": name,
        "status": "failed",
        "reason": why,
        "dropped_by": None,
        "problems": [],
        "warnings": [],
    }
    return (
        StagedFile(name="error.txt", data="\r\n".join((why, what_to_do, "")).encode()),
        StagedFile(name="error.json", data=f"{json.dumps(error, ensure_ascii=False, indent=2)}\n".encode()),
    )


def move_to_failed(partial: Path, *, name: str, failed: Path, language: Language = "en") -> Path:
    """Say why in the folder, and give it a name under which a person finds it; `failed` may be another disk.

    Args:
        partial: with finished pictures.
        name: of the job.
        failed: the folder of jobs that could not be done.
        language: of whoever dropped the job.

    Returns:
        Where it lies now.

    Raises:
        OSError: the share failed, or a link lies in the place of the folder, which is where it was.
    """
    reason = gettext(
        "These pictures were finished, but their job was withdrawn, changed or taken over before it was done, and no"
        " worker has it any more."
    )
    remedy = gettext("Each picture is whole, with the JSON beside it. Keep what you need, and delete this folder.")
    for file in _told(name, reason, remedy, language=language):
        write_file(partial / file.name, file.data, below=partial.parent)
    remove_file(partial / "index.html", below=partial.parent)  # it says that the job is being rendered
    targets = (failed / numbered(name, number) for number in itertools.count(1))
    return next(target for target in targets if moved_to_free_name(partial, target))
