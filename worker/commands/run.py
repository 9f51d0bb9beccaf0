"""`run [--drain]`: the worker itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import spoken
from worker.errors import ExitCode
from worker.translation import gettext

if TYPE_CHECKING:
    from worker.settings import Settings


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("run", help=gettext("watch the inbox and render what is dropped there"))
    add_settings(parser)
    parser.add_argument("--drain", action="store_true", help=gettext("render what is in the inbox now, then exit"))
    parser.add_argument(
        "--log",
        choices=("auto", "console", "json"),
        help=gettext("every event on a line: for a person (console), for a program (json)"),
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Work until stopped, or until the inbox is empty."""
    from worker import compose

    def read() -> Settings:
        return configured(arguments, **({"log": arguments.log} if arguments.log else {})).settings

    return compose.work(read(), drain=arguments.drain, language=spoken(), again=read)
