"""Figures as the text that Prometheus reads.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.operations.metrics.names import FIGURES, PREFIX, samples_of

Labels = tuple[tuple[str, str], ...]
Values = Mapping[str, Mapping[Labels, tuple[float, ...]]]
"""By name of the table and labels: one number, or sum and count."""
LONGEST = 200
"""Characters of a label's value."""


def metrics_text(values: Values, *, worker: str) -> bytes:
    """The file.

    Args:
        values: those that are known.
        worker: its id, a label of each.
    """
    lines: list[str] = []
    for name, figure in FIGURES.items():
        known = values.get(name)
        if not known:
            continue
        lines += [f"# HELP {PREFIX}{name} {_escaped(figure.help)}", f"# TYPE {PREFIX}{name} {figure.kind}"]
        for labels, numbers in sorted(known.items()):
            words = ",".join(f'{key}="{_escaped(value, quote=True)}"' for key, value in (("worker", worker), *labels))
            lines += [
                f"{sample}{{{words}}} {_number(number)}"
                for sample, number in zip(samples_of(name), numbers, strict=True)
            ]
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text[:LONGEST].replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quote else text


def _number(value: float) -> str:
    return f"{int(value)}" if value == int(value) and abs(value) < 1e15 else repr(float(value))
