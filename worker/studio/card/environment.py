"""The environment of the rendering child, fixed before it imports torch.

Knows which variables make a library reach for the network or change numbers silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[3]
"""Folder that holds the `worker` package."""
FIXED = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # sage and fp16 kernels turn Z-Image black; a choice left over in a shell profile must not reach it
    "DIFFUSERS_ATTN_BACKEND": "native",
    # the driver's own switch stands above torch's flags
    "NVIDIA_TF32_OVERRIDE": "0",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "0",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "PYTHONUNBUFFERED": "1",
}

COMPILER_CACHE = "TORCHINDUCTOR_CACHE_DIR"
"""Torch chooses a folder below /tmp when it is imported and this is not set; systemd empties that at each start."""
ALLOCATOR_NAMES = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")
"""The second is the name before torch 2.9; torch still reads it."""
ALLOCATOR = "expandable_segments:True,max_split_size_mb:512"
"""Segments that grow leave no holes; large blocks are not split (source: the CUDA semantics page of torch's manual)."""


def child_environment(ours: Mapping[str, str], *, package_root: str) -> dict[str, str]:
    """The whole environment for the child.

    Args:
        ours: this process's environment; a user's own allocator setting is kept.
        package_root: folder that holds the `worker` package, so that the child imports the same one.
    """
    theirs = {**ours, **FIXED}
    if not any(name in ours for name in ALLOCATOR_NAMES):
        theirs[ALLOCATOR_NAMES[0]] = ALLOCATOR
    theirs["PYTHONPATH"] = ":".join(filter(None, (package_root, ours.get("PYTHONPATH"))))
    return theirs
