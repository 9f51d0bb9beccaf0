"""Verifying as the worker does, without a cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.verification import Verification
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.verify import verify


@pytest.fixture
def verified() -> Callable[..., Verification]:
    """What is known of a model folder once all of it was read."""

    def look(folder: Path, *, transformer_file: Path | None = None) -> Verification:
        source = ModelSource(folder=folder, transformer_file=transformer_file)
        return verify(source, folder.name, ReadCache(None))

    return look
