"""`init DIR`: the folders and a commented settings file."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from worker.commands.options import Commands, called_as
from worker.commands.printing import say, spoken
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("init", help=gettext("make inbox, outbox, failed and a commented worker.yaml in DIR"))
    parser.add_argument("dir", type=Path, metavar="DIR")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Make what is missing; never overwrite."""
    from worker import compose
    from worker.settings import starting_file

    compose.init_folders(arguments.dir)
    file = arguments.dir / "worker.yaml"
    if starting_file.write_new(file, language=spoken()):
        text = gettext(
            "Made {file}: it asks for the embedded demo model; set `model:` to your own model's folder.", file=file
        )
        say(text)
    else:
        say(gettext("Kept {file} as it is.", file=file))
    command = f"{called_as()} run -c {shlex.quote(str(file))}"
    say(gettext("Start the worker: {command}", command=command))
    say(gettext("Then drop a job into {inbox}.", inbox=arguments.dir / "inbox"))
    return ExitCode.DONE
