"""`convert SRC DST`: `model add` into a folder of one's choice."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.model import added
from worker.commands.options import Commands
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("convert", help=gettext("like model add, into a folder of your choice"))
    parser.add_argument("source", type=Path, metavar="SRC", help=gettext("model as it was downloaded"))
    parser.add_argument("target", type=Path, metavar="DST", help=gettext("folder to make; must not exist"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Copy and convert; the target appears only when it is whole."""
    from worker import compose

    return added(
        lambda progress: compose.add_model(
            [arguments.source],
            other=None,
            target=lambda _: arguments.target,
            settings=None,
            say=say,
            progress=progress,
        )
    )
