"""`resume`: all workers on an inbox go on."""

from __future__ import annotations

import argparse

from worker.commands.options import Commands, add_settings, configured_near
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import enumerated, gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("resume", help=gettext("let all workers go on that wait because of a pause"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Take PAUSE out of the inbox."""
    from worker import compose

    settings = configured_near(arguments, []).settings
    names = compose.resume(settings)
    if names:
        say(gettext("Removed {files} from {inbox}: workers go on.", files=enumerated(names), inbox=settings.inbox))
    else:
        say(gettext("No PAUSE lies in {inbox}: nothing to do.", inbox=settings.inbox))
    return ExitCode.DONE
