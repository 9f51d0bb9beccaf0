"""The device that renders: choosing it, describing it, gauging its memory.

Knows how torch finds cards, and what to say when it does not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import diffusers
import torch

from worker.errors import DeviceUnavailable
from worker.identity import RendererInfo
from worker.studio.card import precision
from worker.studio.units import MIB
from worker.translation import gettext

BF16_CAPABILITY = 8
"""Compute capability, major, from which cards compute in bf16 (Ampere)."""
DRIVER_FILE = Path("/proc/driver/nvidia/version")


def choose_device(name: str, *, is_demo: bool) -> torch.device:
    """The device to render on, known to work.

    Args:
        name: `auto`, `cpu`, `cuda` or `cuda:N`.
        is_demo: `auto` falls back to the CPU for the embedded model only.

    Raises:
        DeviceUnavailable: there is no such card, it cannot compute in bf16, or it does not answer.
    """
    card = re.fullmatch(r"(?:auto|cuda)(?::(\d+))?", name)
    if name == "cpu" or (name == "auto" and is_demo and not torch.cuda.is_available()):
        return torch.device("cpu")
    if card is None:
        raise DeviceUnavailable(gettext("`{name}` is no device: use auto, cpu, cuda or cuda:0.", name=name))
    if not torch.cuda.is_available():
        raise DeviceUnavailable(why_no_cuda(wheel_cuda=torch.version.cuda, driver=driver_version()))
    device = torch.device("cuda", int(card[1] or 0))
    count = torch.cuda.device_count()
    if device.index >= count:
        raise DeviceUnavailable(
            gettext(
                "{device} is not there: this machine has {count} cards, counted from cuda:0.",
                device=str(device),
                count=count,
            )
        )
    _require_working(device)
    return device


def _require_working(device: torch.device) -> None:
    name, (major, minor) = torch.cuda.get_device_name(device), torch.cuda.get_device_capability(device)
    if major < BF16_CAPABILITY:
        raise DeviceUnavailable(
            gettext(
                "{name} (compute capability {capability}) cannot compute in bf16, and fp16 makes Z-Image black: "
                "use a card from 8.0 on (RTX 30 series or newer).",
                name=name,
                capability=f"{major}.{minor}",
            )
        )
    try:
        torch.zeros(1, device=device)
    except RuntimeError as error:
        first_line = str(error).partition("\n")[0]
        raise DeviceUnavailable(
            gettext("{name} does not answer ({why}): check `nvidia-smi`, then restart.", name=name, why=first_line)
        ) from error


def why_no_cuda(*, wheel_cuda: str | None, driver: str | None) -> str:
    """Why torch sees no card, and what to do.

    Args:
        wheel_cuda: CUDA version torch was built for, or None for a CPU build.
        driver: version of the NVIDIA driver, or None when there is none.
    """
    if driver and not wheel_cuda:
        return gettext(
            "There is an NVIDIA card (driver {driver}), but torch was installed without CUDA: "
            "install the CUDA build of torch (README, real weights).",
            driver=driver,
        )
    if driver:
        return gettext(
            "torch (for CUDA {cuda}) cannot use the NVIDIA card with driver {driver}: "
            "check `nvidia-smi` and CUDA_VISIBLE_DEVICES, or update the driver.",
            cuda=wheel_cuda,
            driver=driver,
        )
    return gettext(
        "There is no NVIDIA card or no driver for it: install the driver, or ask for `--device cpu` (very slow)."
    )


def driver_version() -> str | None:
    """Version of the NVIDIA kernel driver, or None when it is not loaded."""
    try:
        found = re.search(r"\b\d{3,}\.\d+(?:\.\d+)?\b", DRIVER_FILE.read_text("utf-8"))
    except OSError:
        return None
    return found[0] if found else None


def room_mib(device: torch.device, *, fraction: float | None) -> float:
    """Memory this process may use on the card as things are now, all that it holds already included, in MiB.

    Args:
        device: a card.
        fraction: cap of this process, 0 to 1, or None.
    """
    free, total = torch.cuda.mem_get_info(device)
    ours = torch.cuda.memory_reserved(device)
    return min(free + ours, total * (fraction or 1.0)) / MIB


def describe(device: torch.device, *, room_mib: float | None = None) -> RendererInfo:
    """What the renderer runs on, for the log, `doctor` and the manifest.

    Args:
        device: to render on.
        room_mib: memory of the card that this process may use; None on the CPU.
    """
    is_card = device.type == "cuda"
    machine_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    total = torch.cuda.get_device_properties(device).total_memory if is_card else machine_bytes
    return RendererInfo(
        device=str(device),
        gpu=torch.cuda.get_device_name(device) if is_card else None,
        precision=precision.NAME,
        memory_mib=total // MIB,
        room_mib=room_mib,
        torch=torch.__version__,
        diffusers=diffusers.__version__,
        card_uuid=_uuid(device) if is_card else None,
    )


def _uuid(device: torch.device) -> str | None:
    """Of an NVIDIA card, whatever CUDA_VISIBLE_DEVICES makes of its number; None for any other card."""
    uuid = getattr(torch.cuda.get_device_properties(device), "uuid", None)
    return None if torch.version.hip or uuid is None else str(uuid)


class Gauge:
    """What the allocator holds, and held at most."""

    def __init__(self, device: torch.device, *, parts_mib: Callable[[], float]) -> None:
        """Read this device; on the CPU there is nothing to read.

        Args:
            device: that renders.
            parts_mib: what the model's parts occupy there now.
        """
        self._device = device
        self._parts_mib = parts_mib

    def reset(self) -> None:
        """Begin a new peak."""
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)

    def peak_mib(self) -> float | None:
        """Largest allocation since `reset`, weights included, in MiB; None on the CPU."""
        if self._device.type != "cuda":
            return None
        return round(torch.cuda.max_memory_allocated(self._device) / MIB, 1)

    def surplus_mib(self, held_bytes: int) -> float:
        """What is allocated beyond the parts and these bytes, in MiB; 0 on the CPU."""
        if self._device.type != "cuda":
            return 0.0
        return (torch.cuda.memory_allocated(self._device) - held_bytes) / MIB - self._parts_mib()
