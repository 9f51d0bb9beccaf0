"""What is mounted, what should be, and who keeps copies of a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from worker.disk.mounts import expected_points, holding, missing_point, parse_mountinfo, sync_tool

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
    assert holding(Path("/mnt/nas/inbox"), mounts).kind == "ext4"
    assert holding(Path("/mnt/two words"), mounts).kind == "cifs"
    assert holding(Path("/home"), mounts).kind == "ext4"


@pytest.mark.parametrize(
    ("told", "folder"),
    [
        ("/mnt/图片", "/mnt/图片/inbox"),
        (r"/mnt/\345\233\276\347\211\207", "/mnt/图片/inbox"),
        (r"/mnt/二\040图", "/mnt/二 图/inbox"),
        ("/mnt/二\u3000图", "/mnt/二\u3000图/inbox"),
        (r"/mnt/back\134slash", r"/mnt/back\slash"),
        ("/mnt/bad\udcff", "/mnt/bad\udcff/inbox"),
        ("/mnt/#recycle", "/mnt/#recycle"),
    ],
)
def test_a_mount_point_of_any_name_is_known_in_both_tables(told: str, folder: str) -> None:
    mounts = parse_mountinfo(
        f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:45 / {told} rw shared:2 - cifs //nas/x rw\n"
    )
    assert holding(Path(folder), mounts).kind == "cifs"
    [point] = expected_points(f"//nas/x\t{told}  cifs nofail 0 0\n")
    assert missing_point(Path(folder), mounts[:1], [point]) == point
    assert missing_point(Path(folder), mounts, [point]) is None


def test_a_mount_unit_may_name_a_point_with_spaces() -> None:
    assert expected_points("", ["[Mount]\nWhere = /srv/two words \nType=cifs\n"]) == (PurePosixPath("/srv/two words"),)


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
