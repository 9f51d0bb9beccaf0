"""`schema job|settings|manifest|sidecar|error|status|worker|report`: JSON Schema, for editors and for programs."""

from __future__ import annotations

import argparse
import json

from worker.commands.options import Commands
from worker.commands.printing import say, spoken
from worker.errors import ExitCode
from worker.translation import gettext, translated_within

KINDS = ("job", "settings", "manifest", "sidecar", "error", "status", "worker", "report")


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "schema", help=gettext("print the JSON Schema of job files, settings, or a file of the results")
    )
    parser.add_argument(
        "of",
        choices=KINDS,
        metavar="|".join(KINDS),
        help=gettext(
            "job files, worker.yaml, manifest.json, the file beside a picture, error.json, outbox/status.json, what a"
            " worker is doing, what a night came to"
        ),
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the schema."""
    from worker import compose

    schema = translated_within(compose.json_schema(arguments.of), spoken())
    say(json.dumps(schema, ensure_ascii=False, indent=2))
    return ExitCode.DONE
