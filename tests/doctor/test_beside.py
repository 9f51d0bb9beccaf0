"""Doctor's checks of what runs beside the jobs: the hook, the figures, what becomes of old folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.compose.doctor_parts import doctor_machine
from worker.disk.mount_tables import MountTables
from worker.doctor.check import Finding, Machine
from worker.doctor.checks import hook, metrics, retention
from worker.settings import load
from worker.translation import gettext

Make = Callable[..., Machine]


@pytest.fixture
def set_to(machine: Make, tmp_path: Path) -> Make:
    """A machine with one setting more, as a file has it."""

    def make(line: str, **given: object) -> Machine:
        (tmp_path / "worker.yaml").write_text(f"model: demo\n{line}\n")
        configured = load(file=tmp_path / "worker.yaml", environment={}, flags={})
        return machine(settings=configured.settings, **given)

    return make


def said(findings: object) -> tuple[str, str]:
    [finding] = list(findings)  # type: ignore[call-overload]
    assert isinstance(finding, Finding)
    return finding.mark, finding.text


def test_nothing_set_is_nothing_said(machine: Make) -> None:
    assert [*hook.check(machine()), *metrics.check(machine()), *retention.check(machine())] == []


def test_a_hook_that_can_run_is_well(set_to: Make, tmp_path: Path) -> None:
    (tmp_path / "after.sh").write_text("#!/bin/sh\n")
    (tmp_path / "after.sh").chmod(0o755)
    mark, text = said(hook.check(set_to("hook: {command: [./after.sh], limit_s: 90}")))
    assert (mark, text) == ("ok", f"{tmp_path}/after.sh runs after each job, for 90 s at most.")
    assert said(hook.check(set_to("hook: sh -c true", search_path="/bin:/usr/bin")))[0] == "ok"


def test_a_hook_that_is_missing_or_no_program_is_told(set_to: Make, tmp_path: Path) -> None:
    assert "is not there" in said(hook.check(set_to("hook: ./after.sh")))[1]
    (tmp_path / "after.sh").write_text("#!/bin/sh\n")
    mark, text = said(hook.check(set_to("hook: ./after.sh")))
    assert mark == "warn"
    assert "chmod +x" in text
    assert "./NAME" in said(hook.check(set_to("hook: after.sh", search_path="/bin")))[1]


def test_figures_lie_in_a_local_folder_that_is_there(set_to: Make, tmp_path: Path) -> None:
    assert said(metrics.check(set_to("metrics_file: zimage.prom")))[0] == "ok"
    assert "is not there" in said(metrics.check(set_to("metrics_file: nowhere/zimage.prom")))[1]
    (tmp_path / "nas").write_text("22 1 0:50 / / rw - cifs //nas/home rw\n")
    tables = MountTables(mountinfo=tmp_path / "nas")
    assert "network drive" in said(metrics.check(set_to("metrics_file: zimage.prom", mounts=tables)))[1]


def test_what_would_go_is_counted_and_an_archive_that_fails_is_told(set_to: Make) -> None:
    line = "retention: {after_days: 60, do: archive, archive: /mnt/old}"
    mark, text = said(retention.check(set_to(line, old_folders=lambda: 3)))
    assert mark == "ok"
    assert text.startswith("3 finished folders are older than 60 days. They go to /mnt/old, but for those")
    away = gettext("the archive {path} is not there", path="/mnt/old")
    mark, text = said(retention.check(set_to(line, archive_fault=lambda: away)))
    assert (mark, text) == ("warn", "the archive /mnt/old is not there.")
    assert (
        "They are deleted"
        in said(retention.check(set_to("retention: {after_days: 9, do: delete}", old_folders=int)))[1]
    )


def test_the_program_counts_in_its_own_folders(tmp_path: Path) -> None:
    for name in ("inbox", "outbox", "failed"):
        (tmp_path / name).mkdir()
    (tmp_path / "worker.yaml").write_text("retention: {after_days: 60, do: archive, archive: outbox/old}\n")
    flags = {name: str(tmp_path / name) for name in ("inbox", "outbox", "failed")}
    made = doctor_machine(load(file=tmp_path / "worker.yaml", environment={}, flags=flags))
    assert made.old_folders() == 0
    assert "lies in" in str(made.archive_fault()), "before anybody makes it"
    (tmp_path / "outbox/old").mkdir()
    assert "lies in" in str(made.archive_fault())
