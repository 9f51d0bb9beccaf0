"""`check JOB...`: every problem at once, without rendering anything."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.job_paths import jobs_in, read_job
from worker.commands.job_warnings import add_strict, counted, strictly, tell_warnings
from worker.commands.options import Commands, add_settings, assumed_model, configured_near
from worker.commands.printing import say
from worker.commands.proof_told import proof_told
from worker.errors import ExitCode, JobInvalid
from worker.translation import gettext, ngettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("check", help=gettext("say everything that is wrong with jobs, as file:line:column"))
    parser.add_argument(
        "jobs", nargs="+", type=Path, metavar="JOB", help=gettext("job file, job folder, or folder of jobs")
    )
    add_strict(parser)
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print problems and warnings of all jobs; JOBS_FAILED when one of them cannot be rendered."""
    from worker import compose

    settings = configured_near(arguments, arguments.jobs, **strictly(arguments)).settings
    reader = compose.job_reader(settings, needs_model=False)
    if doubt := compose.model_warning(settings):
        say(gettext("warning: {text}", text=doubt))
    note, invalid = assumed_model(arguments, settings), 0
    paths = jobs_in(arguments.jobs, settings)
    for path in paths:
        try:
            job = read_job(reader, path, settings)
        except JobInvalid as error:
            invalid += 1
            say(error.text)
            continue
        note = tell_warnings(job.warnings, note)
        text = ngettext(
            "{path}: ok, {count} picture{warnings}",
            "{path}: ok, {count} pictures{warnings}",
            len(job.requests),
            path=path,
            warnings=counted(job.warnings),
        )
        say(text)
        if job.proof:
            say(proof_told(job))
    if invalid:
        text = ngettext(
            "{invalid} of {count} job cannot be rendered.",
            "{invalid} of {count} jobs cannot be rendered.",
            len(paths),
            invalid=invalid,
        )
        say(text)
    return ExitCode.JOBS_FAILED if invalid else ExitCode.DONE
