"""`pause`: all workers on an inbox finish their picture and wait."""

from __future__ import annotations

import argparse

from worker.commands import asking
from worker.commands.options import Commands, add_settings, configured_near
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("pause", help=gettext("let all workers finish their picture and wait"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Put PAUSE into the inbox."""
    from worker import compose

    asked = compose.pause(configured_near(arguments, []).settings)
    say(gettext("Asked: all workers wait, by the file {file}; `resume` takes it away.", file=asked.file))
    asking.say_who(asked)
    return ExitCode.DONE
