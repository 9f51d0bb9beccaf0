"""The speed test's parent: starts the measuring process and hears its answer.

The answer is one JSON object on standard output; what is told meanwhile comes on standard error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

from worker.bench.options import TOLD, SpeedOptions
from worker.compose.from_settings import model
from worker.errors import DeviceUnavailable, ModelInvalid, UsageError, WorkerError
from worker.records import Recommendation
from worker.settings import Settings
from worker.studio.card.environment import PACKAGE_ROOT, child_environment
from worker.studio.model_files.inspect import RECOMMENDED
from worker.translation import gettext
from worker.yaml_reader.scalars import size_px


def picture_for_bench(
    settings: Settings, size: str | None, *, synthetic: bool
) -> tuple[tuple[int, int], Recommendation]:
    """The size of the pictures to measure with, and what else the model and the settings recommend.

    Args:
        settings: which model, and what its pictures are like; random weights stand for Turbo.
        size: as in a job; None for the recommended one.
        synthetic: random weights are measured.

    Raises:
        ModelInvalid: none is named, and random weights were not asked for.
        UsageError: the size cannot be rendered.
    """
    recommended = settings.recommendation(RECOMMENDED["turbo"] if synthetic else model(settings).recommendation)
    if size is None:
        return (recommended.width_px, recommended.height_px), recommended
    try:
        return size_px(size, max_pixels=settings.max_pixels), recommended
    except ValueError as error:
        raise UsageError(
            gettext("{option} {given}: {reason}", option="--size", given=size, reason=error.args[0])
        ) from None


def measure_speed(settings: Settings, options: SpeedOptions) -> dict[str, Any]:
    """Measure on the model and device of the settings.

    Args:
        settings: whose model and device are measured.
        options: what is measured; their model and device are replaced by those of the settings.

    Raises:
        ModelInvalid, DeviceUnavailable: what was asked for cannot serve.
        WorkerError: the measuring process failed; its last line says why.
    """
    folder = None if options.synthetic else str(model(settings).source.folder)
    options = replace(options, model=folder, device=settings.device)
    last_line: str = gettext("no word")
    with subprocess.Popen(
        [sys.executable, "-m", "worker.compose.bench_child", json.dumps(asdict(options))],
        env={**child_environment(os.environ, package_root=str(PACKAGE_ROOT)), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as measuring:
        assert measuring.stdout is not None
        assert measuring.stderr is not None
        for line in measuring.stderr:  # the answer comes after the last of them, and fits the pipe
            if line.startswith(TOLD):
                print(line.removeprefix(TOLD), end="", file=sys.stderr, flush=True)
            last_line = line.strip() or last_line
        answer = measuring.stdout.read()
    for refusal in (ModelInvalid, DeviceUnavailable):
        if measuring.returncode == refusal.exit_code:
            raise refusal(last_line)
    if measuring.returncode:
        raise WorkerError(gettext("The measuring process failed: {reason}", reason=last_line))
    result: dict[str, Any] = json.loads(answer)
    return result
