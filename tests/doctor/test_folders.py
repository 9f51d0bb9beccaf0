from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.doctor.findings import compiler_finding, file_system, folder_findings, setting_findings
from worker.errors import ExitCode

MOUNTS = r"""22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:50 / /mnt/pictures rw - cifs //nas/pictures rw,vers=3.1.1
41 22 0:51 / /mnt/two\040words rw - nfs4 nas:/pictures rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/x", "ext4"), ("/mnt/pictures/inbox", "cifs"), ("/mnt/picturesque", "ext4"), ("/mnt/two words/a", "nfs4")],
)
def test_the_deepest_mount_above_a_path_decides_its_kind(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_a_healthy_folder_is_one_good_line_and_left_as_it_was(tmp_path: Path) -> None:
    findings = [f for f in folder_findings({"inbox": tmp_path}, MOUNTS) if "GiB free" not in f.text]
    assert [f.mark for f in findings] == ["ok"]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_fails_with_the_exit_code_of_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    [finding] = folder_findings({"inbox": tmp_path}, MOUNTS)
    assert finding.exit_code == ExitCode.FOLDERS_UNUSABLE


def test_a_folder_that_is_a_file_fails_with_the_exit_code_of_run(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("")
    finding = next(iter(folder_findings({"inbox": tmp_path / "inbox"}, MOUNTS)))
    assert (finding.mark, finding.exit_code) == ("FAIL", ExitCode.FOLDERS_UNUSABLE)


def test_only_settings_that_were_set_are_listed_with_their_origin() -> None:
    values, origins = {"model": "demo", "log": "auto"}, {"model": "worker.yaml:3", "log": "default"}
    assert [f.text for f in setting_findings(values, origins)] == ["model = demo  (worker.yaml:3)"]


def test_a_machine_that_cannot_compile_is_warned_of_with_the_remedy(tmp_path: Path) -> None:
    programs, include = tmp_path / "bin", tmp_path / "include"
    for folder in (programs, include):
        folder.mkdir()
    bare = compiler_finding(str(programs), include)
    assert bare.mark == "warn"
    assert bare.text.startswith(f"no C compiler and no {include}/Python.h: ")
    assert "`apt install gcc python3-dev`" in bare.text
    (programs / "gcc").touch(mode=0o755)
    assert compiler_finding(str(programs), include).text.startswith(f"no {include}/Python.h: ")
    (include / "Python.h").touch()
    assert compiler_finding(str(programs), include).mark == "ok"
