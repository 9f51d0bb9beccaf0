"""The options that the scripts for a card share."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

SCRATCH = Path(tempfile.gettempdir())


def options_of(description: str | None, *, cap_gib: float, pictures: int, seconds: float) -> argparse.ArgumentParser:
    """A parser with the shared options, to which a script adds its own.

    Args:
        description: of the script.
        cap_gib: default of `--cap`.
        pictures: default of `--pictures`.
        seconds: default of `--seconds`.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cap", type=float, default=cap_gib, help="GiB of the card that are left to the worker")
    parser.add_argument("--pictures", type=int, default=pictures)
    parser.add_argument("--seconds", type=float, default=seconds, help="for all of it; then the worker is stopped")
    parser.add_argument("--model", type=Path, default=SCRATCH / "zimage-full-size")
    parser.add_argument("--work", type=Path, default=SCRATCH, help="for folders and checksums")
    parser.add_argument("--dry", action="store_true", help="the embedded model on the CPU: does the script run")
    return parser
