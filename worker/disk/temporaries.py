"""Temporary files: hidden names that nobody can guess, for what is not yet whole, and the removal of what was left.

Knows `.NAME.RANDOM.tmp`, `.NAME.RANDOM.submit` of folders, and what earlier versions called such files.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from worker.disk.beneath import walk

KEPT_CHARACTERS = 40
"""Of the name itself; of 4 bytes each they still fit a share."""
_TEMPORARY = re.compile(r"\.(.*)\.[0-9a-f]{16}\.tmp", re.DOTALL)
_HIDDEN_COPY = re.compile(r"\..+\.[0-9a-f]+\.submit", re.DOTALL)
"""Of a random number, or of a process's, as `submit` has it."""
_EARLIER = re.compile(
    r"\.zimage-worker-probe-.*|\..+\.(\d+|[0-9a-f]{8,})\.tmp|\.\.?(spool|zimage-worker-root)\.json\.[0-9a-f]{32}",
    re.DOTALL,
)
"""With a process's number, or a random one of another length."""


def temporary_name(name: str) -> str:
    """A hidden name for what is to become the file of that name."""
    return f".{name[:KEPT_CHARACTERS]}.{secrets.token_hex(8)}.tmp"


def hidden_copy_name(name: str) -> str:
    """Likewise for what is to become the folder of that name."""
    return f".{name[:KEPT_CHARACTERS]}.{secrets.token_hex(8)}.submit"


def is_hidden_copy(name: str) -> bool:
    """Whether that is the name under which a folder is copied before anybody sees it."""
    return _HIDDEN_COPY.fullmatch(name) is not None


def is_temporary(name: str) -> bool:
    """Whether a file of that name is one of ours that is not yet whole, or was left by a killed writer."""
    return (_TEMPORARY.fullmatch(name) or _EARLIER.fullmatch(name)) is not None


def remove_temporaries_of(path: Path) -> None:
    """Remove what killed writers of one file have left beside it; for its only writer.

    Args:
        path: of the file, which need not be there.

    Raises:
        OSError: the share failed.
    """
    for name in os.listdir(path.parent):
        temporary = _TEMPORARY.fullmatch(name)
        if temporary is not None and temporary[1] == path.name[:KEPT_CHARACTERS]:
            path.with_name(name).unlink(missing_ok=True)


def remove_temporaries(folder: Path, *, but: Iterable[str]) -> None:
    """Remove what killed writers have left anywhere in a folder; for its only writer.

    Args:
        folder: whose own name is no link.
        but: names, relative to it, of files that are meant to be called like that.

    Raises:
        OSError: the share failed.
    """
    kept = set(but)
    for name, parent, status in walk(folder):
        last = name.rpartition("/")[2]
        if name not in kept and is_temporary(last) and not stat.S_ISDIR(status.st_mode):
            os.unlink(last, dir_fd=parent)
