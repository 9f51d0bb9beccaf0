"""`submit JOB...`: jobs into the inbox, safely."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from worker.commands.job_paths import jobs_in, read_job
from worker.commands.job_warnings import add_strict, counted, strictly, tell_warnings
from worker.commands.options import Commands, add_settings, assumed_model, called_as, configured_near
from worker.commands.printing import say
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("submit", help=gettext("check jobs and put them into the inbox, whole or not at all"))
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB")
    parser.add_argument("--wait", action="store_true", help=gettext("wait until the jobs have ended"))
    add_strict(parser)
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Submit, and with `--wait` say how each job ended."""
    from worker import compose

    settings = configured_near(arguments, arguments.jobs, **strictly(arguments)).settings
    reader = compose.job_reader(settings, needs_model=False)
    if doubt := compose.model_warning(settings):
        say(gettext("warning: {text}", text=doubt), flush=True)
    paths = jobs_in(arguments.jobs, settings)
    read = [read_job(reader, path, settings) for path in paths]  # all are checked before the first goes
    note = assumed_model(arguments, settings)
    submitted = compose.submit(settings, paths)
    for path, job in zip(paths, read, strict=True):
        note = tell_warnings(job.warnings, note)
        more = counted(job.warnings)
        say(gettext("Submitted {path} to {inbox}{more}", path=path, inbox=settings.inbox, more=more), flush=True)
    if not arguments.wait:
        return ExitCode.DONE
    from worker.commands.waited_jobs import WaitedJob
    from worker.commands.waiting import Wait, wait_for

    jobs = [
        WaitedJob(name=one.name, shown=job.name, pictures=len(job.requests))
        for one, job in zip(submitted, read, strict=True)
    ]
    start = f"{called_as()} run" + (f" -c {shlex.quote(str(arguments.config))}" if arguments.config else "")
    looks = compose.Onlooker(settings, submitted)
    is_all = wait_for(Wait(jobs, looks, outcome=compose.outcome_in, inbox=settings.inbox.absolute(), start=start))
    return ExitCode.DONE if is_all else ExitCode.JOBS_FAILED
