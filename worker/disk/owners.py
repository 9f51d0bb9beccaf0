"""Who owns a file, by name, where its file system tells people apart.

Knows accounts of this machine and which mounts make owners up; nothing of jobs.
"""

from __future__ import annotations

import pwd
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from worker.disk.mount_tables import MountTables, mount_of
from worker.disk.mounts import Mount

NOBODY = {65_534, 2**16 - 1, 2**32 - 2, 2**32 - 1}
"""Whoever the server, or a user namespace, does not name: root on NFS with `root_squash`, all with `all_squash`."""
NOBODY_NAMES = {"nobody", "nfsnobody"}
"""Accounts of that meaning, which have other numbers on some systems."""
MADE_UP = {
    "vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "vboxsf", "hgfs", "fuse.vmhgfs-fuse", "drvfs", "fakeowner",
    "fuse.grpcfuse", "fuse.rclone", "fuse.davfs", "fuse.gvfsd-fuse", "fuse.google-drive-ocamlfuse", "fuse.onedriver",
}  # fmt: skip
"""File systems that keep no owner: all files are said to be of one account, or of whoever asks."""
SMB = {"cifs", "smb3", "smbfs"}
SMB_TELLS = {"unix", "posix", "cifsacl", "idsfromsid"}
"""Mount options by which an SMB share shows each file's own owner; without them all are the mount's `uid`.
Source: mount.cifs(8)."""


def tells_owners(mount: Mount) -> bool:
    """Whether the owners of files on a mount say who made them.

    Args:
        mount: as the kernel's table has it.
    """
    if mount.kind in SMB:
        return bool(SMB_TELLS & mount.options) and "forceuid" not in mount.options
    return mount.kind not in MADE_UP


def owner_name(uid: int, *, name_of: Callable[[int], str | None]) -> str | None:
    """Who an account is; one that this machine does not know by its number, and None for nobody.

    Args:
        uid: of a file.
        name_of: the machine's accounts.
    """
    name = None if uid in NOBODY or uid < 0 else name_of(uid) or str(uid)
    return None if name in NOBODY_NAMES else name


@lru_cache(maxsize=1024)
def account(uid: int) -> str | None:
    """Name of an account of this machine; asked once, as a directory service may be far."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError, OSError):
        return None
    return name if name.isprintable() else None


class Owners:
    """Of the files in one folder."""

    def __init__(self, folder: Path, tables: MountTables) -> None:
        """Keep the place; the mount is looked at once it is asked for, and anew where another is there.

        Args:
            folder: in which the files lie.
            tables: of this machine.
        """
        self._folder = folder
        self._tables = tables
        self._known: dict[int, bool] = {}

    def named(self, uid: int, *, device: int) -> str | None:
        """Who owns a file; None where the file system does not tell. Never raises.

        Args:
            uid: as its status says.
            device: likewise; another mount has another.
        """
        if device not in self._known:
            self._known = {device: tells_owners(mount_of(self._folder, self._tables))}
        return owner_name(uid, name_of=account) if self._known[device] else None


def one_name(name: object, *, most_characters: int = 64) -> str | None:
    """A name as a record on the share has it; None for anything else, as anybody may write there.

    Args:
        name: of any type.
        most_characters: a longer one is none.
    """
    is_name = isinstance(name, str) and 0 < len(name) <= most_characters and name.isprintable()
    return str(name) if is_name else None
