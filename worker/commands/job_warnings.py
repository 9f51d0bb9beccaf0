"""Warnings of jobs on the command line: a line for each cause, and how many there are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from worker.commands.printing import say
from worker.problem import Problem
from worker.translation import gettext, ngettext


def add_strict(parser: argparse.ArgumentParser) -> None:
    """Declare `--strict`."""
    parser.add_argument("--strict", action="store_true", help=gettext("refuse jobs that have warnings"))


def strictly(arguments: argparse.Namespace) -> dict[str, str]:
    """The setting `strict` where the command line says so; nothing where the settings decide."""
    return {"strict": "true"} if arguments.strict else {}


def tell_warnings(warnings: Sequence[Problem], note: str) -> str:
    """Print a job's warnings.

    Args:
        warnings: of a job.
        note: what is to be said once before the first warning; may be empty.

    Returns:
        The note, if it is still to be said.
    """
    if not warnings:
        return note
    for line in (note, *(warning.text for warning in warnings)):
        if line:
            say(line, flush=True)
    return ""


def counted(warnings: Sequence[Problem]) -> str:
    """`, 2 warnings`; empty without any."""
    return ngettext(", {count} warning", ", {count} warnings", len(warnings)) if warnings else ""
