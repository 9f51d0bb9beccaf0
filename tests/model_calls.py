"""Calls of `zimage-worker model` within the test's own process."""

from __future__ import annotations

from worker.cli import main


def said(capsys, *arguments: str) -> tuple[int, str]:
    """The exit code of `model` with these arguments, and all that it said.

    Args:
        capsys: pytest's.
        arguments: behind `model`.
    """
    code = main(["model", *arguments])
    told = capsys.readouterr()
    return code, told.out + told.err
