"""The embedded model and the example jobs: a first night without a download or a GPU.

Knows where these files lie in the package. Must not know what they mean to the other rooms.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def weights_dir() -> Path:
    """The embedded model, in diffusers layout; see its README.md for what it can do."""
    return HERE / "weights"


def examples_dir() -> Path:
    """The example jobs: inside an installed package, else at the root of the repository."""
    packaged = HERE / "jobs_example"
    return packaged if packaged.is_dir() else HERE.parents[1] / "jobs_example"
