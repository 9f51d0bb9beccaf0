"""What the child's environment promises before torch is imported."""

from __future__ import annotations

from worker.studio.card.environment import ALLOCATOR, child_environment


def test_nothing_may_reach_for_the_network() -> None:
    theirs = child_environment({"HF_HUB_OFFLINE": "0"}, package_root="/p")
    assert (theirs["HF_HUB_OFFLINE"], theirs["TRANSFORMERS_OFFLINE"], theirs["HF_HUB_DISABLE_TELEMETRY"]) == ("1",) * 3


def test_switches_left_in_a_shell_profile_do_not_change_the_numbers() -> None:
    theirs = child_environment({"DIFFUSERS_ATTN_BACKEND": "sage", "NVIDIA_TF32_OVERRIDE": "1"}, package_root="/p")
    assert theirs["DIFFUSERS_ATTN_BACKEND"] == "native"
    assert theirs["NVIDIA_TF32_OVERRIDE"] == "0"


def test_the_allocator_is_set_unless_the_user_has_set_it() -> None:
    assert child_environment({}, package_root="/p")["PYTORCH_ALLOC_CONF"] == ALLOCATOR
    kept = child_environment({"PYTORCH_CUDA_ALLOC_CONF": "backend:cudaMallocAsync"}, package_root="/p")
    assert "PYTORCH_ALLOC_CONF" not in kept
    assert kept["PYTORCH_CUDA_ALLOC_CONF"] == "backend:cudaMallocAsync"


def test_the_child_imports_the_same_package() -> None:
    assert child_environment({"PYTHONPATH": "/other"}, package_root="/p")["PYTHONPATH"] == "/p:/other"
