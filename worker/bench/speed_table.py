"""The table of the speed test.

Knows how its figures read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.bench.columns import columns

NIGHT_S = 8 * 3600
USAGE = (
    "the card's ms a picture",
    "matrix products",
    "attention",
    "all else",
    "gaps",
    "waiting for the program",
    "busy",
)
"""From the first denoising step of a job to its end."""
LABELS = {"plain": "plain pipeline and Pillow", "eager": "this worker, eager", "compiled": "this worker, compiled"}


def speed_table(result: Mapping[str, Any]) -> str:
    """The result as a person reads it.

    Args:
        result: the JSON of the measuring process.
    """
    options = result["wishes"]
    cap = f", capped to {options['memory_gib']} GiB" if options["memory_gib"] else ""
    model = "full size, random weights" if options["synthetic"] else options["model"] or "the embedded model"
    lines = [
        f"{result['device']}{cap}, torch {result['torch']}, {model}: {options['width_px']}x{options['height_px']}, "
        f"{options['steps']} steps, guidance {options['guidance']:g}, {_counted(options['rounds'], 'round')} of "
        f"{_counted(options['pictures'], 'picture')} by turns"
    ]
    plain_s = next((way["seconds"] for way in result["ways"] if way["name"] == "plain"), None)
    rows: list[tuple[str, ...]] = [("", "s a picture", "in 8 hours", "times plain", "of matmul", "peak", "first two")]
    rows += [_row(way, plain_s, result) for way in result["ways"]]
    lines += columns(rows)
    rows = [USAGE, *(_usage(name, used) for name, used in result["usage"].items())]
    lines += ["", *columns(rows)] if len(rows) > 1 else []
    return "\n".join(lines)


def _usage(name: str, used: Mapping[str, float]) -> tuple[str, ...]:
    spent = (f"{used[key]:.0f}" for key in ("matmul_ms", "attention_ms", "other_ms"))
    busy = 1 - used["gaps_ms"] / used["wall_ms"]
    return (LABELS[name], *spent, f"{used['gaps_ms']:.1f}", f"{used['waits_ms']:.1f}", f"{busy:.1%}")


def _row(way: Mapping[str, Any], plain_s: float | None, result: Mapping[str, Any]) -> tuple[str, ...]:
    label = LABELS[way["name"]]
    if way["seconds"] is None:
        return (label, "-", "-", "-", "-", "-", way["note"] or "not run")
    is_card = bool(way["peak_mib"])
    share = result["picture_tflop"] / way["seconds"] / result["matmul_tflops"]
    return (
        label,
        f"{way['seconds']:.3f}",
        f"{NIGHT_S / way['seconds']:,.0f}",
        f"{plain_s / way['seconds']:.2f}" if plain_s else "-",
        f"{share:.0%}" if is_card else "-",
        f"{way['peak_mib'] / 1024:.1f} GiB" if is_card else "-",
        f"{way['warm_up_s']:.1f} s",
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}"
