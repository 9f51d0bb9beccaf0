"""Who owns a file, where its file system tells people apart."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from worker.disk.mount_tables import MountTables
from worker.disk.owners import Owners, one_name, owner_name

ACCOUNTS = {1000: "anna", 0: "root", 99: "nobody"}


def owners(folder: Path, *, kind: str, options: str) -> Owners:
    table = folder / "mountinfo"
    table.write_text(
        f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:45 / {folder} rw,noexec - {kind} //nas/x {options}\n"
    )
    return Owners(folder, MountTables(mountinfo=table))


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        (1000, "anna"),
        (0, "root"),
        (4711, "4711"),
        (65_534, None),
        (99, None),
        (4_294_967_294, None),
        (4_294_967_295, None),
    ],
)
def test_an_owner_is_an_account_else_its_number_and_nobody_is_none(uid: int, name: str | None) -> None:
    assert owner_name(uid, name_of=ACCOUNTS.get) == name


@pytest.mark.parametrize(
    ("kind", "options", "tells"),
    [
        ("ext4", "rw", True),
        ("nfs4", "rw,vers=4.2", True),
        ("cifs", "rw,vers=3.1.1,uid=1000,noforceuid,gid=1000", False),
        ("smb3", "rw,uid=1000,posix,noforceuid", True),
        ("cifs", "rw,uid=1000,unix,forceuid", False),
        ("cifs", "rw,idsfromsid", True),
        ("cifs", "rw,nounix", False),
        ("exfat", "rw,uid=0", False),
        ("fakeowner", "rw,fakeowner", False),
    ],
)
def test_a_mount_that_makes_owners_up_tells_nobody(tmp_path: Path, kind: str, options: str, *, tells: bool) -> None:
    status = tmp_path.stat()
    named = owners(tmp_path, kind=kind, options=options).named(status.st_uid, device=status.st_dev)
    assert named == (pwd.getpwuid(os.getuid()).pw_name if tells else None)


def test_another_mount_in_its_place_is_looked_at_anew(tmp_path: Path) -> None:
    known = owners(tmp_path, kind="cifs", options="rw,uid=0")
    assert known.named(os.getuid(), device=1) is None
    owners(tmp_path, kind="ext4", options="rw")
    assert known.named(os.getuid(), device=1) is None
    assert known.named(os.getuid(), device=2) == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("junk", [None, 7, "", ["anna"], "an\nna", "a\x1b[2J", "x" * 65, "a\u202eb"])
def test_a_name_on_the_share_that_is_none_is_left_out(junk: object) -> None:
    assert one_name(junk) is None
    assert one_name("安娜") == "安娜"
