"""The table of the speed test: seconds, pictures a night, memory and where the card's time goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.bench.columns import columns
from worker.translation import Language, gettext, ngettext, translated

NIGHT_S = 8 * 3600
USAGE = (
    gettext("the card's ms a picture"),
    gettext("matrix products"),
    gettext("attention"),
    gettext("all else"),
    gettext("gaps"),
    gettext("waiting for the program"),
    gettext("busy"),
)
"""From the first denoising step of a job to its end."""
COLUMNS = (
    "",
    gettext("s a picture"),
    gettext("in 8 hours"),
    gettext("times plain"),
    gettext("of matmul"),
    gettext("peak"),
    gettext("first two"),
)
LABELS = {
    "plain": gettext("plain pipeline and Pillow"),
    "eager": gettext("this worker, eager"),
    "compiled": gettext("this worker, compiled"),
}


def speed_table(result: Mapping[str, Any], *, language: Language = "en") -> str:
    """The result as a person reads it.

    Args:
        result: the JSON of the measuring process.
        language: of the table.
    """
    lines: list[str] = [translated(_head(result), language)]
    plain_s = next((way["seconds"] for way in result["ways"] if way["name"] == "plain"), None)
    rows: list[tuple[str, ...]] = [COLUMNS]
    rows += [_row(way, plain_s, result) for way in result["ways"]]
    lines += columns(rows, language=language)
    rows = [USAGE, *(_usage(name, used) for name, used in result["usage"].items())]
    lines += ["", *columns(rows, language=language)] if len(rows) > 1 else []
    return "\n".join(lines)


def _head(result: Mapping[str, Any]) -> str:
    options, device = result["options"], result["device"]
    if options["memory_gib"]:
        device = gettext("{device}, capped to {size} GiB", device=device, size=options["memory_gib"])
    if options["synthetic"]:
        model: str = gettext("full size, random weights")
    else:
        model = options["model"] or gettext("the embedded model")
    return gettext(
        "{device}, torch {torch}, {model}: {width}x{height}, {steps} steps, guidance {guidance}, {rounds} of "
        "{pictures} by turns",
        device=device,
        torch=result["torch"],
        model=model,
        width=options["width_px"],
        height=options["height_px"],
        steps=options["steps"],
        guidance=f"{options['guidance']:g}",
        rounds=ngettext("{count} round", "{count} rounds", options["rounds"]),
        pictures=ngettext("{count} picture", "{count} pictures", options["pictures"]),
    )


def _usage(name: str, used: Mapping[str, float]) -> tuple[str, ...]:
    spent = (f"{used[key]:.0f}" for key in ("matmul_ms", "attention_ms", "other_ms"))
    busy = 1 - used["gaps_ms"] / used["wall_ms"]
    return (LABELS[name], *spent, f"{used['gaps_ms']:.1f}", f"{used['waits_ms']:.1f}", f"{busy:.1%}")


def _row(way: Mapping[str, Any], plain_s: float | None, result: Mapping[str, Any]) -> tuple[str, ...]:
    label = LABELS[way["name"]]
    if way["seconds"] is None:
        return (label, "-", "-", "-", "-", "-", way["note"] or gettext("not run"))
    is_card = bool(way["peak_mib"])
    share = result["picture_tflop"] / way["seconds"] / result["matmul_tflops"] if is_card else 0.0
    return (
        label,
        f"{way['seconds']:.3f}",
        f"{NIGHT_S / way['seconds']:,.0f}",
        f"{plain_s / way['seconds']:.2f}" if plain_s else "-",
        f"{share:.0%}" if is_card else "-",
        f"{way['peak_mib'] / 1024:.1f} GiB" if is_card else "-",
        f"{way['warm_up_s']:.1f} s",
    )
