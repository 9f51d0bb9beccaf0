"""A card that a test scripts: `libnvidia-ml.so.1` from `fake_nvml/nvml.c`, and the file that says what it tells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

UUID = "11111111-2222-3333-4444-555555555555"
SOURCE = Path(__file__).parent / "fake_nvml" / "nvml.c"
NEEDS_COMPILER = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler for the driver's stand-in")
OURS = "worker.studio.process.child"


class FakeCard:
    """What the driver says of it; while `driven`, whatever this process starts finds that driver."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._says = root / "says"
        self.says(temperature=50, utilisation=0)

    def says(self, *lines: str, uuid: str = f"GPU-{UUID}", **figures: int) -> None:
        """From now on."""
        told = [f"uuid {uuid}", *(f"{name} {value}" for name, value in figures.items()), *lines]
        new = self._root / "new"
        new.write_text("\n".join(told) + "\n")
        new.replace(self._says)

    @contextmanager
    def driven(self) -> Iterator[None]:
        library = self._root / "lib"
        library.mkdir()
        subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", library / "libnvidia-ml.so.1", SOURCE], check=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LD_LIBRARY_PATH", str(library))
            patch.setenv("FAKE_NVML", str(self._says))
            yield


@contextmanager
def program(*words: str) -> Iterator[int]:
    """The id of a process with these words in its command line, which does nothing."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, "LD_LIBRARY_PATH": ""}) as process:
        yield process.pid
        process.kill()
