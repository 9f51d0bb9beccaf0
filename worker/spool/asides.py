"""Why a name in the inbox is left where it lies, and when that is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.plain_names import YAML_ENDINGS
from worker.records import JOB_FILE
from worker.spool.names import is_junk
from worker.spool_ports import PassedOver
from worker.translation import Text, gettext

TOLD_AFTER_S = 60.0
"""What may still become a job by itself is not told before: an empty folder, a file that is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Why a name is left where it lies, and when that is told."""

    why: Text
    since_s: float
    is_final: bool = False
    """Waiting is of no use: only a person can mend it."""
    told_after_s: float = 0.0
    """How long it must have been so before anybody is told."""
    is_of_system: bool = False
    """The system refused to read it, as it does with every name of a share that is away."""
    again_s: float = 0.0
    """Before that it is not tried again."""

    def told(self) -> PassedOver:
        """What others hear of it."""
        return PassedOver(why=self.why, since_s=self.since_s, is_final=self.is_final)


_CHANGING = gettext(
    "it is still being written, or a program has it open: it is taken once it stays unchanged; close it everywhere"
)


def still_changing(*, since_s: float) -> Aside:
    """Of a file that is being written.

    Args:
        since_s: when it was first seen so.
    """
    return Aside(why=_CHANGING, since_s=since_s, told_after_s=TOLD_AFTER_S)


def unreadable(error: OSError, *, now_s: float, settle_s: float) -> Aside:
    """Of a name that the system refused to read.

    Args:
        error: the refusal.
        now_s: monotonic seconds.
        settle_s: how long a job must stay unchanged.
    """
    why = gettext(
        "it cannot be read ({why}): close the program that has it open, or check its owner and rights",
        why=error.strerror or str(error),
    )
    return Aside(why=why, since_s=now_s, told_after_s=settle_s, is_of_system=True)


def no_job_in(files: Mapping[str, object], *, now_s: float, settle_s: float) -> Aside | None:
    """Why the files of a folder are no job, where no reader need be asked; None where they may be one.

    Args:
        files: by name in the folder.
        now_s: monotonic seconds.
        settle_s: how long a job must stay unchanged.
    """
    if "" in files or JOB_FILE in files:
        return None
    inside = [name for name in files if not is_junk(name)]
    if not inside:
        why = gettext("it is empty: put {file} and the files it names into it, or delete it", file=JOB_FILE)
        return Aside(why=why, since_s=now_s, told_after_s=TOLD_AFTER_S)
    jobs = [name for name in inside if "/" not in name and name.lower().endswith(YAML_ENDINGS)]
    if len(jobs) < 2:
        return None
    why = gettext(
        "it holds several job files ({one}, {other}) and no {file}: drop them by themselves, or name one {file}",
        one=jobs[0],
        other=jobs[1],
        file=JOB_FILE,
    )
    return Aside(why=why, since_s=now_s, told_after_s=settle_s)
