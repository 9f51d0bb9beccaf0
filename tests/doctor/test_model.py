"""Doctor's check of the model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.doctor.checks.model import check
from worker.errors import ExitCode, ModelInvalid
from worker.identity import ModelKind


def test_the_embedded_model_is_a_warning(machine) -> None:
    [finding] = check(machine(flags={"steps": "7"}))
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
    [finding] = check(machine(inspect_model=lambda: model))
    assert finding.mark == "ok"
    assert finding.text.endswith("whole. Guidance and negative prompts have no effect on it.") == is_distilled


def test_a_kind_is_told_with_what_tells_it_and_a_contradiction_with_both_sides(machine) -> None:
    doubtful = replace(machine().model, kind="base", told_by=("the folder's name 'my-base'",), contradiction="But.")
    told, warned = check(machine(inspect_model=lambda: doubtful))
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
