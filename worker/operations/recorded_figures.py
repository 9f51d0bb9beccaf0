"""What workers wrote down, read again: speeds, memory, their records; nothing where a file is missing or damaged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worker.disk.json_records import read_record
from worker.operations.speed_rows import figure_in, older_speeds, speeds_in
from worker.operations.speeds import Speeds


def read_speeds(path: Path) -> dict[str, float]:
    """Seconds per million pixel-steps by model id; empty when none was recorded."""
    return _rates_in(read_worker_file(path))


def _rates_in(record: Mapping[str, object]) -> dict[str, float]:
    speeds = record.get("seconds_per_million_pixel_steps", {})
    listed = speeds.items() if isinstance(speeds, dict) else ()
    return {str(model): rate for model, value in listed if (rate := figure_in(value)) is not None}


def read_learned(path: Path) -> dict[str, Speeds]:
    """As `learned_in` a worker's speed file."""
    return learned_in(read_worker_file(path))


def learned_in(record: Mapping[str, object]) -> dict[str, Speeds]:
    """What pictures took, by model id; of a model of which only an older version wrote, as far as that tells.

    Args:
        record: of a worker's speed.
    """
    return older_speeds(_rates_in(record)) | speeds_in(record.get("seconds_per_picture"))


def read_room_mib(path: Path) -> float | None:
    """Memory of the card that the worker may use, in MiB; None when none was recorded."""
    return figure_in(read_worker_file(path).get("room_mib"))


def read_worker_file(path: Path) -> dict[str, object]:
    """What a worker wrote down; empty when there is nothing yet, it is being replaced, or the share is away."""
    try:
        return read_record(path)
    except OSError:
        return {}
