"""`report [--since WHEN] [--json] [-o FILE]`: what the last night came to, and what to do about what failed."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured_near
from worker.commands.printing import say, spoken
from worker.errors import ExitCode, UsageError
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "report", help=gettext("what the last night came to, and what to do about what failed")
    )
    parser.add_argument(
        "--since",
        metavar="WHEN",
        help=gettext("all since then: yesterday, 7d, 2h, 2026-11-20 (default: the last night, from noon to noon)"),
    )
    parser.add_argument("--json", action="store_true", help=gettext("as JSON, for programs: `schema report` says how"))
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=gettext("write a page (HTML) to this file"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print the report, or write its page."""
    from worker import compose

    settings = configured_near(arguments, []).settings
    found = compose.report_since(settings, when=arguments.since, language=spoken())
    output: Path | None = arguments.output
    if output is not None:
        try:
            output.write_bytes(found.html())
        except OSError as error:
            raise UsageError(
                gettext("{path} cannot be written: {why}.", path=output, why=error.strerror or str(error))
            ) from error
    if arguments.json:
        say(found.json())
    elif output is None:
        say(found.text())
    else:
        say(gettext("Wrote {path}", path=output))
    return ExitCode.DONE
