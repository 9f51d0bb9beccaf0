"""The environment of the rendering child, fixed before it imports torch.

Knows which variables make a library reach for the network or change numbers silently. Must not know torch.
"""

from __future__ import annotations

from collections.abc import Mapping

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

ALLOCATOR_NAMES = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")
"""The second is the name before torch 2.9; torch still reads it."""
ALLOCATOR = "expandable_segments:True,max_split_size_mb:512"
"""Segments that grow leave no holes; large blocks are not split (source: the CUDA semantics page of torch's manual)."""


def thread_choice(cpus: int) -> dict[str, str]:
    """OpenMP's threads, which matter on the CPU only: half of the processors, and waiting without spinning.

    Measured on 4 virtual processors of which others used one or two: with torch's own choice (4, spinning) a picture of
    the embedded model took 10 to 50 s, with this one 0.8 to 1.4 s; with nobody else there, both about 0.5 s.

    Args:
        cpus: processors this process may use.
    """
    return {"OMP_NUM_THREADS": str(min(cpus, max(2, cpus // 2))), "OMP_WAIT_POLICY": "PASSIVE"}


def child_environment(ours: Mapping[str, str], *, package_root: str, cpus: int) -> dict[str, str]:
    """The whole environment for the child.

    Args:
        ours: this process's environment; a user's own allocator setting is kept.
        cpus: processors this process may use.
        package_root: folder that holds the `worker` package, so that the child imports the same one.
    """
    theirs = {**thread_choice(cpus), **ours, **FIXED}
    if not any(name in ours for name in ALLOCATOR_NAMES):
        theirs[ALLOCATOR_NAMES[0]] = ALLOCATOR
    theirs["PYTHONPATH"] = ":".join(filter(None, (package_root, ours.get("PYTHONPATH"))))
    return theirs
