"""Second names: a return into the inbox that died half-way leaves a job under two names, and one of them must go.

Without `rename` that never replaces, a file is moved by a link and an unlink; whoever dies between the two, or is
refused the second one, leaves the job in the inbox and in the claim. The one in the inbox stands.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from worker.disk.looks import paths_in
from worker.disk.moves import is_second_name
from worker.spool.claim_files import folders_in
from worker.spool.layout import DROPPED


def lies_in(inbox: Path, dropped: Path) -> bool:
    """Whether a claim's job lies in the inbox too, whatever somebody has called it there.

    Args:
        inbox: of the spool.
        dropped: the job's file or folder in a claim.

    Raises:
        OSError: the share failed; nothing is known.
    """
    return _links(dropped) > 1 and any(is_second_name(dropped, path) for path in paths_in(inbox))


def leave_one(job: Path, *, claims: Path) -> None:
    """Remove what claims hold of a job in the inbox under a second name, so that it is made once.

    Args:
        job: a file or a folder in the inbox.
        claims: of all workers; those of another account cannot be looked at.

    Raises:
        OSError: the share failed, or refuses: the job must not be claimed now.
    """
    if _links(job) < 2:  # nearly always
        return
    for worker in folders_in(claims):
        with suppress(PermissionError):
            for dropped in [path for claim in folders_in(worker) for path in paths_in(claim / DROPPED)]:
                if is_second_name(dropped, job):
                    dropped.unlink(missing_ok=True)


def _links(path: Path) -> int:
    """How many names a file has; 1 for anything else, and for what is gone."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return 1
    return status.st_nlink if stat.S_ISREG(status.st_mode) else 1
