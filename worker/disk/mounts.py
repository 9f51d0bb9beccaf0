"""What kind of file system a folder lies on, and whether the one that belongs there is mounted.

Told from the texts of the kernel's table, fstab and mount units. Source: proc_pid_mountinfo(5), fstab(5),
systemd.mount(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from worker.translation import gettext

REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "fuse.rclone", "fuse.davfs"}
WRITE_BACK = {"fuse.rclone", "fuse.davfs", "fuse.gvfsd-fuse", "fuse.google-drive-ocamlfuse", "fuse.onedriver"}
"""Mounts that answer before the server has the bytes: a rename there is nobody's proof (measured with rclone)."""
SYNC_MARKS = {
    "Syncthing": (".stfolder", ".stignore", ".stversions"),
    "Dropbox": (".dropbox", ".dropbox.cache"),
    "Nextcloud": (".nextcloudsync.log", ".owncloudsync.log"),
    "OneDrive": (".xdg-volume-info-onedrive", ".onedrive"),
    "Google Drive": (".tmp.driveupload", ".tmp.drivedownload"),
}
"""Names by which a folder shows that a synchroniser keeps it: each machine has its own copy, so two workers may both
win the same rename."""

_WHERE = re.compile(r"^[ \t]*Where[ \t]*=[ \t]*(/[^\n]*?)[ \t\r]*$", re.M)
_NEVER_MOUNTED = {"swap", "none", "proc", "sysfs", "devpts", "tmpfs", "devtmpfs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One line of the kernel's table."""

    point: PurePosixPath
    kind: str
    options: frozenset[str] = frozenset()
    """Of the mount and of its file system, as written: `rw`, `uid=1000`."""


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """The kernel's table.

    Args:
        text: of /proc/self/mountinfo.
    """
    mounts = []
    for line in text.split("\n"):  # no other character parts lines or fields: names may hold U+3000, a space to Python
        left, separator, right = line.partition(" - ")
        if separator:
            fields, (kind, *rest) = left.split(" "), right.split(" ")
            options = frozenset(",".join([*fields[5:6], *rest[1:]]).split(","))
            mounts.append(Mount(point=PurePosixPath(_plain(fields[4])), kind=kind, options=options))
    return tuple(mounts)


def expected_points(fstab: str, units: Iterable[str] = ()) -> tuple[PurePosixPath, ...]:
    """Where something should be mounted.

    Args:
        fstab: text of /etc/fstab.
        units: texts of mount units.
    """
    points = []
    for line in fstab.split("\n"):
        fields = re.split(r"[ \t]+", line.strip(" \t\r"))
        is_comment = fields[0].startswith("#")
        if not is_comment and len(fields) >= 3 and fields[1].startswith("/") and fields[2] not in _NEVER_MOUNTED:
            points.append(PurePosixPath(_plain(fields[1])))
    for unit in units:
        points += [PurePosixPath(found) for found in _WHERE.findall(unit)]
    return tuple(point for point in points if str(point) != "/")


def missing_point(folder: Path, mounts: Iterable[Mount], expected: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The mount point above a folder on which nothing is mounted now; None when all is well.

    Args:
        folder: absolute, without symbolic links.
        mounts: as they are now.
        expected: where something should be mounted.
    """
    mounted = {mount.point for mount in mounts}
    path = PurePosixPath(folder)
    return next((point for point in expected if path.is_relative_to(point) and point not in mounted), None)


def holding(folder: Path, mounts: Iterable[Mount]) -> Mount:
    """The mount that holds a folder; the later of two on one point counts.

    Args:
        folder: absolute, without symbolic links.
        mounts: as they are now.
    """
    path, best = PurePosixPath(folder), Mount(point=PurePosixPath("/"), kind="unknown")
    for mount in mounts:
        if path.is_relative_to(mount.point) and len(mount.point.parts) >= len(best.point.parts):
            best = mount
    return best


def sync_tool(names_above: Iterable[Iterable[str]], kind: str) -> str | None:
    """What keeps copies of a folder elsewhere, or None.

    Args:
        names_above: names in the folder and in each folder above it.
        kind: of the file system.
    """
    for names in names_above:
        held = set(names)
        for tool, marks in SYNC_MARKS.items():
            if held & set(marks) or (tool == "Nextcloud" and any(_NEXTCLOUD_DB.match(name) for name in held)):
                return tool
    return gettext("a write-back mount ({kind})", kind=kind) if kind in WRITE_BACK else None


_NEXTCLOUD_DB = re.compile(r"^\.(?:_?sync)_[0-9a-f]+\.db$")


def _plain(escaped: str) -> str:
    r"""Undo the octal escapes of both tables, such as `\040` for a space; they stand for bytes, not for characters."""
    as_bytes = escaped.encode(errors="surrogateescape")
    plain = re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), as_bytes)
    return plain.decode(errors="surrogateescape")
