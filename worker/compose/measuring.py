"""The speed test, run in a process of its own, as torch needs its environment from the start.

Knows how that process is started and what it answers. Must not know torch.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

from worker.compose.parts import model
from worker.errors import WorkerError
from worker.settings import Settings
from worker.studio.environment import child_environment
from worker.studio.spawn import PACKAGE_ROOT
from worker.studio.speed import SpeedWishes


def measure_speed(settings: Settings, wishes: SpeedWishes) -> dict[str, Any]:
    """Measure on the model and device of the settings.

    Raises:
        ModelInvalid: none is named, and random weights were not asked for.
        WorkerError: the measuring process failed; its last line says why.
    """
    folder = None if wishes.synthetic else str(model(settings).source.folder)
    wishes = replace(wishes, model=folder, device=settings.device)
    done = subprocess.run(
        [sys.executable, "-m", "worker.compose.benching", json.dumps(asdict(wishes))],
        env=child_environment(os.environ, package_root=str(PACKAGE_ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise WorkerError(f"The measuring process failed: {last_line}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
