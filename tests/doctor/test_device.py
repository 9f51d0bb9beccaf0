"""Doctor's checks of the device, and of what is told only where there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from worker.doctor.checks import CHECKS, compiler, device, host, memory
from worker.errors import DeviceUnavailable, ExitCode


def test_a_card_is_three_lines(machine) -> None:
    assert [finding.text for finding in device.check(machine())] == [
        "a card (cuda:0): 24,000 MiB, 23,000 MiB free",
        "precision bf16, TF32 off, allocator split",
        "torch 2.13 (CUDA 12.8, driver 570.1), diffusers 0.42, transformers 5.23",
    ]


def test_a_driver_that_hangs_ends_what_is_told_of_the_device(machine) -> None:
    def hang(device: str, *, is_demo: bool):
        raise DeviceUnavailable("the driver hangs.")

    silent = machine(ask_device=hang)
    [finding] = device.check(silent)
    assert (finding.text, finding.exit_code) == ("the driver hangs.", ExitCode.DEVICE_UNAVAILABLE)
    assert not [*compiler.check(silent), *memory.check(silent), *host.check(silent)]


def test_a_device_that_cannot_be_granted_fails_and_the_rest_is_told(machine) -> None:
    report = replace(machine().device, device=None, gpu=None, free_mib=None, problem="There is no card.")
    without = machine(ask_device=lambda device, *, is_demo: report)
    [finding] = device.check(without)
    assert (finding.text, finding.exit_code) == ("There is no card.", ExitCode.DEVICE_UNAVAILABLE)
    assert not [*compiler.check(without), *memory.check(without)]


def test_what_fits_is_told_of_a_whole_model_only(machine) -> None:
    assert [finding.text.split(":")[0] for finding in memory.check(machine())] == [
        "1024x1024, guided", "1024x1024", "1536x1536", "2048x2048",
    ]  # fmt: skip
    broken = replace(machine().model, faults=("vae/config.json is missing.",))
    assert not [*memory.check(machine(inspect_model=lambda: broken))]


def test_a_machine_that_cannot_compile_is_warned_of_with_the_remedy(machine, tmp_path: Path) -> None:
    programs, include = tmp_path / "bin", tmp_path / "include"
    for folder in (programs, include):
        folder.mkdir()
    looked = machine(search_path=str(programs), include=include)
    [bare] = compiler.check(looked)
    assert bare.mark == "warn"
    assert bare.text.startswith(f"no C compiler and no {include}/Python.h: ")
    assert "`apt install gcc python3-dev`" in bare.text
    (programs / "gcc").touch(mode=0o755)
    [headless] = compiler.check(looked)
    assert headless.text.startswith(f"no {include}/Python.h: ")
    (include / "Python.h").touch()
    [fine] = compiler.check(looked)
    assert fine.mark == "ok"
    never = machine(flags={"compile": "never"}, search_path="", include=include)
    assert not [*compiler.check(never)]


def test_the_device_is_asked_once_and_not_before_a_check_wants_it(machine) -> None:
    asked = []
    report = machine().device
    patient = machine(ask_device=lambda device, *, is_demo: asked.append((device, is_demo)) or report)
    rows = iter(CHECKS)
    for check in rows:
        if check is device.check:
            break
        list(check(patient))
        assert not asked
    for check in (device.check, *rows):
        list(check(patient))
    assert asked == [("auto", True)]


def test_no_line_is_the_same_on_every_machine_or_leads_to_one_that_is_not_there(machine) -> None:
    """Without a card: the checks tell what they found, not what the program is."""
    report = replace(machine().device, gpu=None, free_mib=None)
    here = machine(ask_device=lambda device, *, is_demo: report)
    findings = [finding for check in CHECKS for finding in check(here)]
    always = {"setting", "inbox", "outbox", "failed", "model", "files", "device", "workers", "queue"}
    assert always >= {one.what for one in findings}
    assert not [finding.text for finding in findings if "bf16" in finding.text]
    assert not [finding.text for finding in findings if "below" in finding.text or "article" in finding.text]
