"""`init DIR`: the folders and a commented settings file."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from worker.commands.options import Commands, called_as
from worker.errors import ExitCode


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("init", help="make inbox, outbox, failed and a commented worker.yaml in DIR")
    parser.add_argument("dir", type=Path, metavar="DIR")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Make what is missing; never overwrite."""
    from worker import compose, settings_file

    compose.init_folders(arguments.dir)
    file = arguments.dir / "worker.yaml"
    if settings_file.write_new(file):
        print(f"Made {file}: it asks for the embedded demo model; set `model:` to your own model's folder.")
    else:
        print(f"Kept {file} as it is.")
    print(f"Start the worker: {called_as()} run -c {shlex.quote(str(file))}")
    print(f"Then drop a job into {arguments.dir / 'inbox'}.")
    return ExitCode.DONE
