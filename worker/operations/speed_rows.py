"""What pictures took, as rows in a worker's speed file: written by this version, and read whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.operations.speeds import LEAST_S, MOST_KINDS, Measured, Speeds
from worker.records import PictureKind

MOST = 1e12
"""Above every figure that a worker writes; NaN is not below it."""
MOST_MODELS = 100
"""In one file."""
MOST_PIXELS, MOST_STEPS, MOST_S = 10**9, 10**5, 1e7
"""Above all that a picture may be asked for, or may take."""
OLDER = PictureKind(pixels=1_000_000, steps=1, is_guided=False)
"""The kind of which versions before this one wrote: a megapixel-step, whatever the picture."""


def rows_of(speeds: Speeds) -> list[dict[str, object]]:
    """As they are written.

    Args:
        speeds: of one model.
    """
    return [
        {
            "pixels": one.kind.pixels,
            "steps": one.kind.steps,
            "guided": one.kind.is_guided,
            "seconds": round(one.seconds, 4),
            "pictures": one.pictures,
        }
        for one in speeds
    ]


def speeds_in(models: object) -> dict[str, Speeds]:
    """As they are read; what is none is left out: a share is open to other writers.

    Args:
        models: rows by model id, if that is what lies there.
    """
    listed = [*models.items()][-MOST_MODELS:] if isinstance(models, dict) else []
    found = {str(model): (*_measured(rows),) for model, rows in listed}
    return {model: speeds for model, speeds in found.items() if speeds}


def sizes_in(sizes: object) -> dict[str, float]:
    """Bytes per pixel of finished files, by format; what is none is left out.

    Args:
        sizes: by format, if that is what lies there.
    """
    listed = [*sizes.items()][:MOST_MODELS] if isinstance(sizes, dict) else []
    return {str(name): figure for name, size in listed if (figure := figure_in(size)) is not None and figure <= 100}


def between_in(record: Mapping[str, object]) -> float:
    """Seconds from the last picture of a job to the first of the next; 0 where that is not known.

    Args:
        record: of a worker's speed.
    """
    seconds = figure_in(record.get("seconds_between_jobs"))
    return seconds if seconds is not None and seconds <= MOST_S else 0.0


def older_speeds(rates: Mapping[str, float]) -> dict[str, Speeds]:
    """Speeds of which only a mean is known.

    Args:
        rates: seconds per million pixel-steps by model id.
    """
    return {model: (Measured(kind=OLDER, seconds=rate, pictures=0),) for model, rate in rates.items()}


def _measured(rows: object) -> Iterator[Measured]:
    known = set()
    for row in rows[-MOST_KINDS:] if isinstance(rows, list) else []:
        said = row if isinstance(row, dict) else {}
        pixels, steps, pictures = (_count_in(said.get(key)) for key in ("pixels", "steps", "pictures"))
        seconds = figure_in(said.get("seconds"))
        kind = PictureKind(pixels=pixels, steps=steps, is_guided=said.get("guided") is True)
        is_kind = 0 < pixels <= MOST_PIXELS and 0 < steps <= MOST_STEPS and kind not in known
        if is_kind and seconds is not None and LEAST_S <= seconds <= MOST_S:
            known.add(kind)
            yield Measured(kind=kind, seconds=seconds, pictures=pictures)


def _count_in(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST else 0


def figure_in(value: object) -> float | None:
    """A figure above 0 from a record; None for anything else.

    Args:
        value: of any type.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MOST:
        return float(value)
    return None
