"""`doctor`: is this machine ready for a night?"""

from __future__ import annotations

import argparse

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say, spoken
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help=gettext("check GPU, precision, model, compiler, folders and settings"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print a line for each finding; the exit code is that of the first that would stop `run`."""
    from worker import compose

    code = ExitCode.DONE
    for finding in compose.doctor(configured(arguments)):
        say(finding.line(spoken()), flush=True)
        if finding.exit_code and not code:
            code = finding.exit_code
    return code
