"""The folder of claims, which is the workers' alone: jobs in work are nobody else's to read or to change.

Knows which rights it has. A share without rights ignores them.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import opened_folder
from worker.disk.durable import make_folder
from worker.errors import FoldersUnusable
from worker.spool.layout import Folders
from worker.translation import Text, gettext

PRIVATE = 0o700
SHARED = 0o1770
"""Where the inbox is shared with a group on purpose (`chmod g+ws`), workers of several accounts may serve it: each can
make a folder of its own beside the others', and nobody can remove another's."""


def make_claims_folder(folders: Folders) -> None:
    """Make the folder of all claims, or take rights away from one that an earlier version made.

    Raises:
        FoldersUnusable: it belongs to another account, which keeps it for itself.
        OSError: the share failed.
    """
    mode = _mode(folders.inbox)
    make_folder(folders.hidden, below=folders.inbox)
    try:
        make_folder(folders.claims, below=folders.inbox, mode=mode)
    except PermissionError as error:
        raise FoldersUnusable(_closed(folders.inbox)) from error
    if not os.access(folders.claims, os.W_OK | os.X_OK):
        raise FoldersUnusable(_closed(folders.inbox))
    _narrow(folders.claims, folders.inbox, mode=mode)
    for name in os.listdir(folders.claims):
        with suppress(NotADirectoryError, FileNotFoundError, PermissionError):
            _narrow(folders.claims / name, folders.inbox, mode=PRIVATE)


def make_claim_folder(folder: Path, folders: Folders) -> None:
    """Make a folder of one worker's claims, or one inside it.

    Args:
        folder: below the folder of all claims.
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    make_folder(folders.hidden, below=folders.inbox)
    make_folder(folders.claims, below=folders.inbox, mode=_mode(folders.inbox))
    make_folder(folder, below=folders.inbox, mode=PRIVATE)


def make_proofs_folder(folders: Folders) -> None:
    """Make the folder of jobs whose proof waits, with the rights of that of all claims.

    Args:
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    make_folder(folders.proofs, below=folders.inbox, mode=_mode(folders.inbox))


def _closed(inbox: Path) -> Text:
    return gettext(
        "inbox {path}: workers of another account keep their claims for themselves there: run all workers of an inbox"
        " under one account (on NFS its number counts), or share the inbox with a group (`chmod g+ws`) before the first"
        " one starts.",
        path=inbox,
    )


def _mode(inbox: Path) -> int:
    shared = stat.S_ISGID | stat.S_IWGRP
    return SHARED if os.stat(inbox).st_mode & shared == shared else PRIVATE


def _narrow(folder: Path, inbox: Path, *, mode: int) -> None:
    """Take away every right that the mode does not give; of another account's folder nothing can be taken."""
    with opened_folder(folder, below=inbox) as descriptor:
        status = os.fstat(descriptor)
        former = stat.S_IMODE(status.st_mode)
        narrow = former & (mode | stat.S_ISGID) | mode & stat.S_ISVTX
        if status.st_uid == os.geteuid() and narrow != former:
            with suppress(OSError):
                os.fchmod(descriptor, narrow)
