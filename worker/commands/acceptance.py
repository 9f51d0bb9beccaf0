"""`acceptance [DIR]`: the article's stability test on your model and card, counted by verdict."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say, spoken
from worker.errors import ExitCode
from worker.translation import gettext

CLASSES_JOB = "acceptance.yaml"
"""Three shots, one for each class of prompts in the article, 20 pictures each at 12 steps."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("acceptance", help=gettext("the stability test: 60 pictures, counted by verdict"))
    parser.add_argument(
        "dir",
        nargs="?",
        type=Path,
        default=Path("acceptance"),
        metavar="DIR",
        help=gettext("folder to work in (default: ./acceptance)"),
    )
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Make the folders, drop the job, drain, and print the table."""
    from worker import compose

    places = compose.init_folders(arguments.dir)
    done = compose.run_examples(configured(arguments, **places).settings, [CLASSES_JOB], language=spoken())
    for ended in done.ended:
        say(compose.acceptance_table(ended, language=spoken()))
        say(gettext("contact sheet: {page}", page=(ended / "index.html").resolve()))
    return done.code
