"""`status [--watch]`: what the folders say about the workers and their jobs."""

from __future__ import annotations

import argparse
import sys
import time

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import in_words, say, spoken
from worker.errors import ExitCode
from worker.translation import gettext

WATCH_EVERY_S = 2.0


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("status", help=gettext("queue, current picture, progress and last failures"))
    add_settings(parser)
    parser.add_argument("--watch", action="store_true", help=gettext("show it again and again until Ctrl-C"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the status once, or until interrupted."""
    from worker import compose

    settings = configured(arguments).settings
    while True:
        text = compose.status(settings, language=spoken())
        say(f"\033[H\033[2J{in_words(text)}" if arguments.watch else text, flush=True)
        if not arguments.watch or not sys.stdout.writable():
            return ExitCode.DONE
        time.sleep(WATCH_EVERY_S)
