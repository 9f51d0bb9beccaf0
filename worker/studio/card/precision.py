"""The lock on precision: bf16, and only upwards from there.

Knows torch's switches that change numbers silently. There is no fp16 anywhere: Z-Image's activations exceed its range
and turn black (source: Tongyi-MAI/Z-Image#14).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from worker.errors import WorkerError
from worker.translation import gettext

PRECISION = torch.bfloat16
NAME = "bf16"


def lock_precision() -> None:
    """Turn TF32 off for matrix products and convolutions; call before anything is computed."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    require_lock()


def require_lock() -> None:
    """Assert the lock: another library may have turned a switch.

    Raises:
        WorkerError: TF32 is on.
    """
    if torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32:
        raise WorkerError(
            gettext("TF32 is on although the worker turned it off: some imported library changed the switch.")
        )


def require_bf16(modules: Mapping[str, torch.nn.Module]) -> None:
    """Assert that all weights are in bf16.

    Args:
        modules: by name.

    Raises:
        WorkerError: a weight has another floating type.
    """
    for name, module in modules.items():
        strange = {p.dtype for p in module.parameters() if p.is_floating_point()} - {PRECISION}
        if strange:
            raise WorkerError(
                gettext("{name} was loaded as {strange} where bf16 was asked for.", name=name, strange=str(strange))
            )
