"""Doctor's check of the three folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.disk.mount_tables import MountTables
from worker.doctor.checks.folders import check, folder_findings
from worker.errors import ExitCode, FoldersUnusable


def test_healthy_folders_are_one_good_line_each_and_left_as_they_were(machine, tmp_path: Path) -> None:
    findings = [f for f in check(machine()) if "GiB free" not in f.text]
    assert [(f.mark, f.what) for f in findings] == [("ok", "inbox"), ("ok", "outbox"), ("ok", "failed")]
    assert findings[0].text == f"{tmp_path / 'inbox'} (ext4): writing, syncing and renaming work."
    assert not list((tmp_path / "inbox").iterdir())


def test_folders_that_run_refuses_are_told_in_its_words(machine) -> None:
    def refuse() -> None:
        raise FoldersUnusable("inbox inbox: is not a folder.")

    [finding] = check(machine(open_folders=refuse))
    assert str(finding) == "FAIL  folders     inbox inbox: is not a folder."
    assert finding.exit_code == ExitCode.FOLDERS_UNUSABLE


@pytest.mark.parametrize("name", ["图片", "two words"])
def test_a_network_drive_is_named_whatever_its_mount_point_is_called(name: str, tmp_path: Path) -> None:
    folder, table = tmp_path / name, tmp_path / "mountinfo"
    folder.mkdir()
    point = str(folder).replace(" ", r"\040")
    table.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:50 / {point} rw - cifs //nas/x rw\n", "utf-8")
    finding = next(folder_findings("inbox", folder, MountTables(mountinfo=table)))
    assert finding.text.startswith(f"{folder} (cifs, a network drive): ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_fails_with_the_exit_code_of_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    [finding] = folder_findings("inbox", tmp_path, MountTables())
    assert finding.exit_code == ExitCode.FOLDERS_UNUSABLE


def test_a_folder_that_is_a_file_fails_with_the_exit_code_of_run(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("")
    finding = next(folder_findings("inbox", tmp_path / "inbox", MountTables()))
    assert (finding.mark, finding.exit_code) == ("FAIL", ExitCode.FOLDERS_UNUSABLE)
