"""`status [--watch | --json | --notify]`: what the folders say about workers and jobs; exit code 21 if nobody works."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import in_words, say, spoken
from worker.errors import ExitCode, FoldersAway
from worker.translation import gettext

if TYPE_CHECKING:
    from worker.compose import Status
    from worker.settings import Settings

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
    shown.add_argument(
        "--notify",
        action="store_true",
        help=gettext("tell by `notify` that nobody works while jobs wait, once, and that it is over: for a timer"),
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the status once, or until interrupted; a share that is away is waited for then."""
    from worker import compose

    settings = configured(arguments).settings
    look = compose.statuses(settings, language=spoken())
    if arguments.notify:
        return _notify(settings, look)
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


def _notify(settings: Settings, look: Callable[[], Status]) -> ExitCode:
    """Tell people of what has begun or is over; say what was sent, and nothing where nothing was.

    Raises:
        FoldersAway: they are; people were told.
    """
    from worker import compose

    seen = compose.seen_in_time(lambda: look().overview)
    told = compose.tell_onlookers(settings, seen)
    for text in told.sent:
        say(gettext("told: {text}", text=text))
    for reason in told.failed:
        say(gettext("A message could not be sent: {reason}", reason=reason), file=sys.stderr)
    if isinstance(seen, FoldersAway):
        raise seen
    return ExitCode.NOBODY_WORKS if seen.nobody_works else ExitCode.DONE
