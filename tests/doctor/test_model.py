"""Doctor's check of the model."""

from __future__ import annotations

from dataclasses import replace

from worker.doctor.checks.model import check
from worker.errors import ExitCode, ModelInvalid


def test_the_embedded_model_is_a_warning(machine) -> None:
    [finding] = check(machine(flags={"steps": "7"}))
    assert finding.mark == "warn"
    assert finding.text == (
        "zimage-worker-demo, taken for demo (auto): 256x256, 7 steps, guidance 3; every part is there and whole. "
        "A toy: set `model` for real pictures."
    )


def test_turbo_is_told_what_has_no_effect_on_it(machine) -> None:
    turbo = replace(machine().model, kind="turbo")
    [finding] = check(machine(inspect_model=lambda: turbo))
    assert finding.mark == "ok"
    assert finding.text.endswith("whole. Guidance and negative prompts have no effect on it.")


def test_a_model_with_faults_or_none_at_all_fails_with_the_exit_code_of_run(machine) -> None:
    def refuse():
        raise ModelInvalid("No model is set.")

    broken = replace(machine().model, faults=("vae/config.json is missing.",))
    for inspect, words in ((lambda: broken, "cannot be used:\n- vae/config.json is missing."), (refuse, "No model")):
        [finding] = check(machine(inspect_model=inspect))
        assert words in finding.text
        assert finding.exit_code == ExitCode.MODEL_INVALID
