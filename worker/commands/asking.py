"""What several commands say of a control file: where it lies, and who obeys it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from worker.commands.options import Commands, add_settings, configured_near
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import enumerated, gettext

if TYPE_CHECKING:
    from worker.compose import Asked, Verb


def add(commands: Commands[argparse.ArgumentParser], verb: Verb, *, help_text: str) -> argparse.ArgumentParser:
    """Declare a command that asks something of one job.

    Args:
        commands: of the command line.
        verb: its name.
        help_text: what it does.
    """
    parser = commands.add_parser(verb, help=help_text)
    parser.add_argument(
        "job", metavar="JOB", help=gettext("a job by its shown name, by its file's name, or by a path to it")
    )
    add_settings(parser)
    parser.set_defaults(run=lambda arguments: run(arguments, verb))
    return parser


def run(arguments: argparse.Namespace, verb: Verb) -> ExitCode:
    """Write the control file, and say who will obey it.

    Args:
        arguments: of a parser that `add` has made.
        verb: what is asked.
    """
    from worker import compose

    settings = configured_near(arguments, []).settings
    words = ["missing"] if getattr(arguments, "missing", False) else []
    asked = compose.ask(settings, verb, arguments.job, words=words)
    say(gettext("Asked: {verb} `{job}`, by the file {file}", verb=verb, job=asked.job, file=asked.file))
    say_who(asked)
    return ExitCode.DONE


def say_who(asked: Asked) -> None:
    """Say who obeys, and where that is told.

    Args:
        asked: what was asked.
    """
    if not asked.workers:
        say(gettext("No worker lives: it is obeyed when one starts."))
        return
    workers = enumerated([f"`{worker}`" for worker in asked.workers])
    say(
        gettext(
            "To be obeyed by {workers} after the picture in work; outbox/receipts tells what comes of it.",
            workers=workers,
        )
    )
