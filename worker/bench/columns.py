"""Columns of a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from worker.line_width import columns as columns_of
from worker.line_width import padded
from worker.translation import Language, translated


def columns(rows: Sequence[Sequence[str]], *, language: Language) -> list[str]:
    """Lines with their cells below each other.

    Args:
        rows: of equal length.
        language: of the lines.
    """
    said = [[translated(cell, language) for cell in row] for row in rows]
    widths = [max(columns_of(row[place]) for row in said) for place in range(len(said[0]))]
    return ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in said]
