"""`retry JOB [--missing]`: an ended job made again in a new folder, with the pictures that are finished."""

from __future__ import annotations

import argparse

from worker.commands import asking
from worker.commands.options import Commands
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = asking.add(
        commands,
        "retry",
        help_text=gettext("make again what failed of a job that has ended, in a new folder with what is finished"),
    )
    parser.add_argument(
        "--missing", action="store_true", help=gettext("make pictures again, too, that have been deleted since")
    )
