"""The device probe of `doctor`: what torch says of this machine, as JSON on standard output, from a child process.

Knows where torch keeps its switches.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, replace

import diffusers
import pynvml
import torch
import transformers

from worker.errors import DeviceUnavailable
from worker.studio.card import precision
from worker.studio.card.device import choose_device, describe, driver_version
from worker.studio.card.environment import ALLOCATOR_NAMES
from worker.studio.card.nvml import NvmlCard
from worker.studio.units import MIB
from worker.translation import packed

USE_S = 1.2
"""NVML's averages are of up to a second."""


def facts(name: str, *, is_demo: bool) -> dict[str, object]:
    """Everything `DeviceReport` holds.

    Args:
        name: `auto`, `cpu`, `cuda` or `cuda:N`.
        is_demo: the model is the embedded one.
    """
    precision.lock_precision()
    known: dict[str, object] = {
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "transformers": transformers.__version__,
        "wheel_cuda": torch.version.cuda,
        "driver": driver_version(),
        "allocator": next((os.environ[name] for name in ALLOCATOR_NAMES if name in os.environ), ""),
        "tf32_matmul": torch.backends.cuda.matmul.allow_tf32,
        "tf32_cudnn": torch.backends.cudnn.allow_tf32,
    }
    try:
        device = choose_device(name, is_demo=is_demo)
    except DeviceUnavailable as error:
        return known | {"problem": packed(error.text)}
    info = describe(device)
    free_mib = torch.cuda.mem_get_info(device)[0] // MIB if device.type == "cuda" else None
    known |= _card(info.card_uuid)
    return known | {"device": info.device, "gpu": info.gpu, "memory_mib": info.memory_mib, "free_mib": free_mib}


def _card(uuid: str | None) -> dict[str, object]:
    """What the driver says of the card; this process is on it too, and counts for nobody."""
    if uuid is None:
        return {}
    try:
        card = NvmlCard(uuid)
        card.read()
        time.sleep(USE_S)  # use is told since the former reading
        reading = card.read()
    except pynvml.NVMLError as error:
        return {"card_problem": str(error)}
    others = tuple(one for one in reading.programs if one.pid != os.getpid())
    return {"card": asdict(replace(reading, programs=others))}


if __name__ == "__main__":
    print(json.dumps(facts(sys.argv[1], is_demo=sys.argv[2] == "demo")))
