"""What `check` says of every case: `PYTHONPATH=.:tests python tests/slips/golden.py` writes it anew, a person reads it.

Each folder of `cases/` holds what somebody dropped; `NAME.expected` beside it, and `NAME.expected.zh` for a reader of
Chinese, hold what is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from program import call_here

CASES = Path(__file__).parent / "cases"
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
VARIABLE = "LC_ALL"


def cases() -> list[Path]:
    """Their folders."""
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def expected_file(case: Path, language: str) -> Path:
    """Where it is written what is said of a case."""
    return CASES / f"{case.name}.expected{'' if language == 'en' else f'.{language}'}"


def said_of(case: Path) -> str:
    """What `check` says of each job of the case, and its exit code; in the language of the environment."""
    return "\n".join(_lines(case))


def _lines(case: Path) -> Iterator[str]:
    for dropped in sorted(case.iterdir(), key=lambda path: path.name):
        done = call_here("check", f"{case.name}/{dropped.name}", cwd=CASES)
        yield f"$ check {case.name}/{dropped.name}"
        yield f"{done.stdout}{done.stderr}exit {done.returncode}\n"


def main() -> None:
    for language in LANGUAGES:
        os.environ[VARIABLE] = language
        for case in cases():
            expected_file(case, language).write_text(said_of(case), "utf-8")


if __name__ == "__main__":
    main()
