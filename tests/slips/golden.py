"""What `check` says of every case: `PYTHONPATH=.:tests python tests/slips/golden.py` writes it anew, a person reads it.

Each folder of `cases/` holds what somebody dropped; `NAME.expected` beside it, and `NAME.expected.zh` for a reader of
Chinese, hold what is said. The folder in which `check` is called is written as `/pictures`.
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
        yield f"{done.stdout}{done.stderr}exit {done.returncode}\n".replace(str(CASES), "/pictures")


def main() -> None:
    """Write all of it, and say how much of it is new."""
    changed = 0
    for language in LANGUAGES:
        os.environ[VARIABLE] = language
        for case in cases():
            file, said = expected_file(case, language), said_of(case)
            changed += not file.exists() or file.read_text("utf-8") != said
            file.write_text(said, "utf-8")
    print(f"{len(cases()) * len(LANGUAGES)} files, {changed} changed: read them with `git diff` before you commit them")


if __name__ == "__main__":
    main()
