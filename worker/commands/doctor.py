"""`doctor`: is this machine ready for a night?"""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say, spoken
from worker.errors import ExitCode, UsageError
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "doctor", help=gettext("check GPU, precision, model, compiler, folders, settings, workers and queue")
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help=gettext("also write a zip for whoever helps, without prompts and without any names"),
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help=gettext("log of the worker, whose last lines go into that zip")
    )
    parser.add_argument(
        "--notify", action="store_true", help=gettext("also send a test to everybody whom `notify` names")
    )
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print a line for each finding and a verdict; the exit code is that of the first that would stop `run`.

    Raises:
        UsageError: a log is named, and no zip that it would go into.
    """
    from worker import compose

    if arguments.log is not None and arguments.bundle is None:
        raise UsageError(gettext("--log goes into a zip: name that one too, such as `--bundle help.zip`."))
    if arguments.bundle is not None:
        compose.require_free(arguments.bundle, log=arguments.log)
    machine = compose.doctor_machine(configured(arguments), notifies=arguments.notify)
    findings = []
    for finding in compose.doctor(machine):
        say(finding.line(spoken()), flush=True)
        findings.append(finding)
    say("")
    for line in compose.verdict(findings).lines:
        say(line)
    if arguments.bundle is not None:
        compose.bundle(machine, findings, arguments.bundle, log=arguments.log)
        say(
            gettext(
                "Wrote {path}: look into it before you send it; numbers stand there for all names.",
                path=arguments.bundle,
            )
        )
    return next((one.exit_code for one in findings if one.exit_code), ExitCode.DONE)
