"""The speed test's table.

Knows how its figures read. Must not know torch or how pictures are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NIGHT_S = 8 * 3600
LABELS = {"plain": "plain pipeline and Pillow", "eager": "this worker, eager", "compiled": "this worker, compiled"}


def speed_table(result: Mapping[str, Any]) -> str:
    """The result as a person reads it.

    Args:
        result: the JSON of the measuring process.
    """
    wishes = result["wishes"]
    cap = f", capped to {wishes['memory_gib']} GiB" if wishes["memory_gib"] else ""
    model = "full size, random weights" if wishes["synthetic"] else wishes["model"] or "the embedded model"
    lines = [
        f"{result['device']}{cap}, torch {result['torch']}, {model}: {wishes['width_px']}x{wishes['height_px']}, "
        f"{wishes['steps']} steps, guidance {wishes['guidance']:g}, {wishes['rounds']} rounds of {wishes['pictures']} "
        "pictures by turns"
    ]
    plain_s = next((way["seconds"] for way in result["ways"] if way["name"] == "plain"), None)
    rows: list[tuple[str, ...]] = [("", "s a picture", "in 8 hours", "times plain", "of matmul", "peak", "first two")]
    rows += [_row(way, plain_s, result) for way in result["ways"]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if result["idle_share"] is not None:
        lines.append(
            f"the card computes {1 - result['idle_share']:.1%} of the time from the first denoising step of a job to "
            f"its end, and waits {result['waits_ms']:.1f} ms a picture for the program"
        )
    return "\n".join(lines)


def _row(way: Mapping[str, Any], plain_s: float | None, result: Mapping[str, Any]) -> tuple[str, ...]:
    label = LABELS[way["name"]]
    if way["seconds"] is None:
        return (label, "-", "-", "-", "-", "-", way["note"] or "not run")
    share = result["picture_tflop"] / way["seconds"] / result["matmul_tflops"]
    return (
        label,
        f"{way['seconds']:.3f}",
        f"{NIGHT_S / way['seconds']:,.0f}",
        f"{plain_s / way['seconds']:.2f}" if plain_s else "-",
        f"{share:.0%}",
        f"{way['peak_mib'] / 1024:.1f} GiB" if way["peak_mib"] else "-",
        f"{way['warm_up_s']:.1f} s",
    )
