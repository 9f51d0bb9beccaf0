"""What `doctor` hears about the device."""

from __future__ import annotations

import pytest
import torch

from worker.doctor.device_report import report_device
from worker.errors import DeviceUnavailable, WorkerError
from worker.studio.card.device import choose_device, why_no_cuda
from worker.studio.card.precision import lock_precision, require_bf16, require_lock


@pytest.mark.slow
def test_the_cpu_is_reported_with_precision_and_versions() -> None:
    report = report_device("cpu", is_demo=True)
    assert report.problem is None
    assert (report.device, report.gpu, report.free_mib) == ("cpu", None, None)
    assert not report.tf32_matmul
    assert not report.tf32_cudnn
    assert report.torch == torch.__version__
    first, last = report.lines()
    assert first.startswith("CPU (cpu): ")
    assert last.startswith(f"torch {torch.__version__} (CUDA ")


def test_an_unknown_device_is_told() -> None:
    with pytest.raises(DeviceUnavailable, match="`gpu` is no device"):
        choose_device("gpu", is_demo=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_without_a_card_only_the_embedded_model_falls_back_to_the_cpu() -> None:
    assert choose_device("auto", is_demo=True) == choose_device("cpu", is_demo=False) == torch.device("cpu")
    for name, is_demo in (("auto", False), ("cuda", True), ("cuda:1", True)):
        with pytest.raises(DeviceUnavailable, match=r"--device cpu|CUDA"):
            choose_device(name, is_demo=is_demo)


@pytest.mark.parametrize(
    ("wheel_cuda", "driver", "expected"),
    [
        (None, "570.1", "torch was installed without CUDA"),
        ("12.8", "390.1", "update the driver"),
        (None, None, "no driver"),
    ],
)
def test_why_there_is_no_card_depends_on_wheel_and_driver(wheel_cuda, driver, expected: str) -> None:
    assert expected in why_no_cuda(wheel_cuda=wheel_cuda, driver=driver)


def test_a_switch_that_somebody_turned_is_noticed() -> None:
    lock_precision()
    torch.backends.cudnn.allow_tf32 = True
    with pytest.raises(WorkerError, match="TF32"):
        require_lock()
    lock_precision()


def test_weights_of_another_precision_are_a_bug() -> None:
    with pytest.raises(WorkerError, match="float16"):
        require_bf16({"vae": torch.nn.Linear(2, 2).half()})
