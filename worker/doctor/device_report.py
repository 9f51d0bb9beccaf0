"""What `doctor` says about the device, asked of a short-lived child so that this process stays free of torch.

Knows how to start `worker.studio.card.probe`, and how long a driver may be silent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from worker.card_readings import CardReading, reading_of
from worker.errors import DeviceUnavailable
from worker.studio.card.environment import PACKAGE_ROOT, child_environment
from worker.translation import gettext, unpacked

DEVICE_TIMEOUT_S = 180.0
"""Importing torch from a cold disk takes up to a minute; a hung driver takes for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """What a renderer started now would run on."""

    torch: str
    diffusers: str
    transformers: str
    wheel_cuda: str | None
    """CUDA version torch was built for, or None for a CPU build."""
    driver: str | None
    """Version of the NVIDIA driver, or None."""
    allocator: str
    """Settings of torch's allocator in the child."""
    tf32_matmul: bool
    tf32_cudnn: bool
    device: str | None = None
    """`cuda:0` or `cpu`; None when there is a problem."""
    gpu: str | None = None
    memory_mib: int | None = None
    """Of the card, or of the machine on the CPU."""
    free_mib: int | None = None
    """Free on the card now; None on the CPU."""
    card: CardReading | None = None
    """What NVIDIA's driver says of the card; None where there is none, or it cannot be read."""
    card_problem: str = ""
    """Why it cannot, in the driver's words."""
    problem: str | None = None
    """Why `run` would end with exit code 13, and the remedy; None when all is well."""

    def lines(self) -> tuple[str, ...]:
        """What works, a line each, for a person."""
        if self.device is None:
            return ()
        tf32 = gettext("on") if self.tf32_matmul or self.tf32_cudnn else gettext("off")
        on_card = (gettext("precision bf16, TF32 {tf32}, allocator {allocator}", tf32=tf32, allocator=self.allocator),)
        return (
            gettext("{gpu} ({device}): {memory}", gpu=self.gpu or "CPU", device=self.device, memory=self._memory()),
            *(on_card if self.gpu else ()),
            gettext(
                "torch {torch} ({cuda}), diffusers {diffusers}, transformers {transformers}",
                torch=self.torch,
                cuda=self._cuda(),
                diffusers=self.diffusers,
                transformers=self.transformers,
            ),
        )

    def _memory(self) -> str:
        if self.free_mib is None:
            return f"{self.memory_mib:,} MiB"
        return gettext("{all} MiB, {free} MiB free", all=f"{self.memory_mib:,}", free=f"{self.free_mib:,}")

    def _cuda(self) -> str:
        cuda = self.wheel_cuda or gettext("none")
        if not self.driver:
            return gettext("CUDA {cuda}", cuda=cuda)
        return gettext("CUDA {cuda}, driver {driver}", cuda=cuda, driver=self.driver)


def report_device(device: str, *, is_demo: bool) -> DeviceReport:
    """Ask a child what it would render on.

    Args:
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        is_demo: `auto` may fall back to the CPU for the embedded model only.

    Raises:
        DeviceUnavailable: torch cannot be imported, or the driver does not answer.
    """
    command = [sys.executable, "-m", "worker.studio.card.probe", device, "demo" if is_demo else "model"]
    environment = child_environment(os.environ, package_root=str(PACKAGE_ROOT))
    try:
        told = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEVICE_TIMEOUT_S,
            check=True,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise DeviceUnavailable(
            gettext(
                "torch said nothing for {seconds} s: the driver hangs. Try `nvidia-smi`; restart the machine.",
                seconds=f"{DEVICE_TIMEOUT_S:.0f}",
            )
        ) from None
    except subprocess.CalledProcessError as error:
        words = (error.stderr or "").strip().splitlines() or [gettext("exit code {code}", code=error.returncode)]
        raise DeviceUnavailable(
            gettext("torch cannot be used: {reason}. Install the worker's packages again.", reason=words[-1])
        ) from None
    facts = json.loads(told.stdout.splitlines()[-1])
    problem = unpacked(facts["problem"]) if facts.get("problem") else None
    card = reading_of(facts["card"]) if facts.get("card") else None
    return DeviceReport(**facts | {"problem": problem, "card": card})
