"""`submit JOB...`: jobs into the inbox, safely."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from worker.commands.job_paths import jobs_in, stem
from worker.commands.options import Commands, add_settings, configured
from worker.errors import ExitCode

LOOK_EVERY_S = 1.0


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("submit", help="check jobs and put them into the inbox, whole or not at all")
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB")
    parser.add_argument("--wait", action="store_true", help="wait until the jobs have ended")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Submit, and with `--wait` say how each job ended."""
    from worker import compose

    settings = configured(arguments).settings
    reader = compose.job_reader(settings)
    jobs = {path: reader.read(path, stem=stem(path)) for path in jobs_in(arguments.jobs)}
    waits = []
    for path, job in jobs.items():
        waits.append(compose.submit(settings, path, name=job.name))
        print(f"Submitted {path} to {settings.inbox}")
    return _wait(waits) if arguments.wait else ExitCode.DONE
