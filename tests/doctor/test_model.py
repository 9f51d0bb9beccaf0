"""Doctor's check of the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from weight_files import TRANSFORMER, cache, published, spoil

from worker.doctor.check import Finding, Machine
from worker.doctor.checks.model import check
from worker.errors import ExitCode, ModelInvalid
from worker.identity import ModelKind
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.verify import CACHE_NAME


def about_the_model(machine: Machine) -> list[Finding]:
    return [finding for finding in check(machine) if finding.what == "model"]


def test_the_embedded_model_is_a_warning(machine) -> None:
    [finding] = about_the_model(machine(flags={"steps": "7"}))
    assert finding.mark == "warn"
    assert finding.text == (
        "zimage-worker-demo, taken for demo (auto): 256x256, 7 steps, guidance 3; every part is there and whole. "
        "A toy: set `model` for real pictures."
    )


@pytest.mark.parametrize(
    ("kind", "is_distilled"), [("turbo", True), ("distilled", True), ("de-turbo", False), ("base", False)]
)
def test_a_distilled_model_and_no_other_is_told_what_has_no_effect_on_it(
    machine, kind: ModelKind, is_distilled: bool
) -> None:
    model = replace(machine().model, kind=kind)
    [finding] = about_the_model(machine(inspect_model=lambda: model))
    assert finding.mark == "ok"
    assert finding.text.endswith("whole. Guidance and negative prompts have no effect on it.") == is_distilled


def test_a_kind_is_told_with_what_tells_it_and_a_contradiction_with_both_sides(machine) -> None:
    doubtful = replace(machine().model, kind="base", told_by=("the folder's name 'my-base'",), contradiction="But.")
    told, warned = about_the_model(machine(inspect_model=lambda: doubtful))
    assert "taken for base (auto, the folder's name 'my-base'): " in told.text
    assert (told.mark, str(warned)) == ("ok", "warn  model       But.")


def test_a_model_with_faults_or_none_at_all_fails_with_the_exit_code_of_run(machine) -> None:
    def refuse():
        raise ModelInvalid("No model is set.")

    broken = replace(machine().model, faults=("vae/config.json is missing.",))
    for inspect, words in ((lambda: broken, "cannot be used:\n- vae/config.json is missing."), (refuse, "No model")):
        [finding] = check(machine(inspect_model=inspect))
        assert words in finding.text
        assert finding.exit_code == ExitCode.MODEL_INVALID


def test_the_files_are_not_read_for_it_and_what_the_worker_read_is_told(machine, tmp_path: Path) -> None:
    folder = cache(tmp_path / "hub", published())
    made = machine(flags={"model": str(folder), "state_dir": str(tmp_path / "state")})
    _, finding = check(made)
    assert (finding.mark, finding.what) == ("ok", "files")
    assert finding.text.startswith("not verified: ")
    assert "11 have not been read through yet: `run` does so when it starts, `model verify` at once." in finding.text
    identify(inspect_model(folder), cache_file=tmp_path / "state" / CACHE_NAME)
    _, finding = check(made)
    assert (finding.mark, finding.text) == (
        "ok",
        "verified: Tongyi-MAI/Z-Image-Turbo, 3 of 3 files with weights, 8 of 8 others.",
    )


def test_a_file_that_is_known_to_be_wrong_is_named(machine, tmp_path: Path) -> None:
    folder = cache(tmp_path / "hub", published())
    spoil(folder / TRANSFORMER, data=bytes(8192))
    made = machine(flags={"model": str(folder), "state_dir": str(tmp_path / "state")})
    with pytest.raises(ModelInvalid) as refusal:
        identify(inspect_model(folder), cache_file=tmp_path / "state" / CACHE_NAME)
    (finding,) = check(made)
    assert (finding.mark, finding.exit_code) == ("FAIL", ExitCode.MODEL_INVALID)
    assert finding.text == refusal.value.text
    assert f"- {TRANSFORMER} is damaged: " in finding.text
