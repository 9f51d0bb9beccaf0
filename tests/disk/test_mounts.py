"""What is mounted, what should be, and who keeps copies of a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from worker.disk.mounts import expected_points, file_system, missing_point, parse_mountinfo, sync_tool

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:45 / /mnt/nas rw,relatime shared:2 - nfs4 nas:/pictures rw
41 22 0:46 / /mnt/two\\040words rw - cifs //nas/two rw
42 40 0:47 / /mnt/nas rw - ext4 /dev/sdb1 rw
"""
FSTAB = """\
# a comment
UUID=1 / ext4 defaults 0 1
UUID=2 none swap sw 0 0
nas:/pictures /mnt/nas nfs defaults 0 0
//nas/two /mnt/two\\040words cifs defaults 0 0
//nas/gone /mnt/gone cifs nofail 0 0
"""
UNIT = "[Mount]\nWhat=//nas/unit\nWhere=/srv/unit\nType=cifs\n"


def missing(folder: str) -> PurePosixPath | None:
    return missing_point(Path(folder), parse_mountinfo(MOUNTINFO), expected_points(FSTAB, [UNIT]))


@pytest.mark.parametrize(
    ("folder", "point"),
    [("/mnt/nas/inbox", None), ("/mnt/two words/inbox", None), ("/home/x", None), ("/mnt/gone", "/mnt/gone"),
     ("/mnt/gone/a/inbox", "/mnt/gone"), ("/mnt/gone-not", None), ("/srv/unit/inbox", "/srv/unit")],
)  # fmt: skip
def test_a_folder_below_a_mount_point_without_a_mount_is_told(folder: str, point: str | None) -> None:
    assert missing(folder) == (PurePosixPath(point) if point else None)


def test_the_kind_of_a_file_system_is_that_of_the_nearest_and_last_mount() -> None:
    mounts = parse_mountinfo(MOUNTINFO)
    assert file_system(Path("/mnt/nas/inbox"), mounts) == "ext4"
    assert file_system(Path("/mnt/two words"), mounts) == "cifs"
    assert file_system(Path("/home"), mounts) == "ext4"


@pytest.mark.parametrize(
    ("names", "kind", "tool"),
    [
        ([["mug.yaml"], [".stfolder", "x"]], "ext4", "Syncthing"),
        ([[".dropbox.cache"]], "ext4", "Dropbox"),
        ([[], [], [".sync_0a1b2c.db"]], "ext4", "Nextcloud"),
        ([["mug.yaml"]], "fuse.rclone", "a write-back mount (fuse.rclone)"),
        ([["mug.yaml", ".hidden"]], "nfs4", None),
    ],
)
def test_what_keeps_copies_elsewhere_is_recognised(names, kind: str, tool: str | None) -> None:
    assert sync_tool(names, kind) == tool
