"""`status [--watch | --json]`: what the folders say about the workers and their jobs; exit code 21 if nobody works."""

from __future__ import annotations

import argparse
import sys
import time

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import in_words, say, spoken
from worker.errors import ExitCode, FoldersAway
from worker.translation import gettext

WATCH_EVERY_S = 2.0


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "status", help=gettext("workers, queue, progress, and what was finished since yesterday")
    )
    add_settings(parser)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--watch", action="store_true", help=gettext("show it again and again until Ctrl-C"))
    shown.add_argument("--json", action="store_true", help=gettext("as JSON, for programs: `schema status` says how"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the status once, or until interrupted; a share that is away is waited for then."""
    from worker import compose

    look = compose.statuses(configured(arguments).settings, language=spoken())
    if not arguments.watch:
        status = look()
        say(status.json if arguments.json else status.text, flush=True)
        return ExitCode.NOBODY_WORKS if status.overview.nobody_works else ExitCode.DONE
    while sys.stdout.writable():
        try:
            text = look().text
        except FoldersAway as away:
            text = away.text
        say(f"\033[H\033[2J{in_words(text)}", flush=True)
        time.sleep(WATCH_EVERY_S)
    return ExitCode.DONE
