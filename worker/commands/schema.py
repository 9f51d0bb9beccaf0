"""`schema job|settings`: JSON Schema for editors."""

from __future__ import annotations

import argparse
import json

from worker.commands.options import Commands
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("schema", help=gettext("print the JSON Schema of job files or of the settings"))
    parser.add_argument("of", choices=("job", "settings"), metavar="job|settings", help=gettext("of which of the two"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the schema."""
    from worker import compose

    print(json.dumps(compose.json_schema(arguments.of), ensure_ascii=False, indent=2))
    return ExitCode.DONE
