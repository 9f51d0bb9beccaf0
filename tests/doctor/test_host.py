"""Doctor's check of this computer's own memory."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from worker.demo import weights_dir
from worker.doctor.checks import memory
from worker.doctor.checks.host import check
from worker.errors import DeviceUnavailable, ExitCode, ModelAway, ModelInvalid
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.sizes import weights_in
from worker.studio.plan.host_memory import HostRoom, host_need
from worker.studio.plan.memory import MPX, Work, make_plan
from worker.studio.render.opening import require_host

GIB = 1024
"""In MiB."""


def room(available_gib: float) -> HostRoom:
    return HostRoom(available_mib=available_gib * GIB, total_mib=32 * GIB, bound="machine")


def test_enough_is_told_in_one_line_with_its_figures(machine) -> None:
    [finding] = check(machine(host_room=lambda: room(28)))
    assert (finding.mark, finding.what) == ("ok", "host")
    assert "28.0 of 32.0 GiB" in finding.text


@pytest.mark.parametrize("available_gib", [0.5, 4])
def test_too_little_is_a_warning_with_the_remedy(machine, available_gib: float) -> None:
    findings = [*check(machine(host_room=lambda: room(available_gib)))]
    assert [finding.mark for finding in findings] == ["warn", "warn"]
    assert "end other programs" in findings[-1].text


def test_a_computer_that_can_never_hold_it_fails_as_run_does(machine) -> None:
    small = HostRoom(available_mib=2 * GIB, total_mib=2 * GIB, swap_mib=GIB, bound="cgroup")
    [finding] = check(machine(host_room=lambda: small))
    assert (finding.mark, finding.exit_code) == ("FAIL", ExitCode.DEVICE_UNAVAILABLE)
    assert "memory.max" in finding.text
    weights = weights_in(machine().model.source)
    need = host_need(make_plan(23_000, weights, Work(pixels=MPX)), weights)
    with pytest.raises(DeviceUnavailable) as refused:
        require_host(need, small)
    assert refused.value.text == finding.text


def test_nothing_is_told_without_a_card_or_a_whole_model(machine) -> None:
    report = replace(machine().device, free_mib=None)
    broken = replace(machine().model, faults=("vae/config.json is missing.",))
    for looked in (machine(ask_device=lambda device, *, is_demo: report), machine(inspect_model=lambda: broken)):
        assert not [*check(looked)]


def test_a_model_that_goes_between_two_looks_ends_nothing(machine, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    found = inspect_model(folder)
    weights = folder / "vae/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ModelInvalid, match=r"vae/diffusion_pytorch_model.safetensors has .* bytes where its header"):
        weights_in(found.source)
    assert not [*check(machine(inspect_model=lambda: found)), *memory.check(machine(inspect_model=lambda: found))]
    weights.unlink()
    with pytest.raises(ModelAway, match="No such file"):
        weights_in(found.source)
    assert not [*check(machine(inspect_model=lambda: found)), *memory.check(machine(inspect_model=lambda: found))]
