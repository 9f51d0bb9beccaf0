"""`stop`: this machine's worker finishes its picture, gives its job back and ends."""

from __future__ import annotations

import argparse

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("stop", help=gettext("stop this machine's worker, after the picture in work"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Stop it, and say how it ended."""
    from worker import compose

    settings = configured(arguments).settings
    found = compose.running_worker(settings)
    if found is None:
        say(gettext("No worker `{id}` of {inbox} runs here.", id=settings.worker_id, inbox=settings.inbox))
        return ExitCode.DONE
    say(
        gettext(
            "Stopping worker `{id}` (process {pid}): it finishes the picture in work. Ctrl-C ends only this wait.",
            id=settings.worker_id,
            pid=str(found.pid),
        ),
        flush=True,
    )
    say(found.stop())
    return ExitCode.DONE
