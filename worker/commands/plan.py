"""`plan JOB...`: what would be rendered, the time and room it would take, and when it would be done."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from worker.commands.job_paths import jobs_in, read_job
from worker.commands.job_warnings import add_strict, strictly, tell_warnings
from worker.commands.options import Commands, add_settings, assumed_model, configured_near
from worker.commands.printing import say
from worker.commands.proof_told import proof_told
from worker.errors import ExitCode, JobInvalid
from worker.records import Job, Request
from worker.translation import Text, gettext, ngettext

PROMPT_CHARACTERS = 300
"""A longer prompt is cut in the listing; `--full` shows it whole."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "plan",
        help=gettext("show what jobs would render, the time and room they would take, and when they would be done"),
    )
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB")
    parser.add_argument("--full", action="store_true", help=gettext("show long prompts whole"))
    add_strict(parser)
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print every picture of every job, and what all of them cost."""
    from worker import compose

    settings = configured_near(arguments, arguments.jobs, **strictly(arguments)).settings
    reader = compose.job_reader(settings, needs_model=False)
    if doubt := compose.model_warning(settings):
        say(gettext("warning: {text}", text=doubt))
    note = assumed_model(arguments, settings)
    limit = None if arguments.full else PROMPT_CHARACTERS
    plans, invalid = compose.Plans(settings), 0
    for path in jobs_in(arguments.jobs, settings):
        try:
            job = read_job(reader, path, settings)
        except JobInvalid as error:
            invalid += 1
            say(error.text, file=sys.stderr)
            continue
        note = tell_warnings(job.warnings, note)
        listing = lines(job, prompt_characters=limit)
        for line in (*listing, *plans.times_of(job), *compose.memory_forecast(settings, job)):
            say(line)
    for line in plans.all_of_them(left_out=invalid):
        say(line)
    return ExitCode.JOBS_FAILED if invalid else ExitCode.DONE


def lines(job: Job, *, prompt_characters: int | None) -> list[str]:
    """The listing of one job.

    Args:
        job: what to list.
        prompt_characters: where prompts are cut; None for not at all.
    """
    text: list[str] = [ngettext("{job}: {count} picture", "{job}: {count} pictures", len(job.requests), job=job.name)]
    if job.proof:
        text.append(proof_told(job))
    for request in job.requests:
        text.append(_settings_of(request, is_proof=request.file in job.proof))
        text.append(f"      {_cut(request.prompt, prompt_characters)}")
        if request.negative_prompt:
            negative = _cut(request.negative_prompt, prompt_characters)
            text.append(gettext("      without: {negative_prompt}", negative_prompt=negative))
    return text


def _settings_of(request: Request, *, is_proof: bool) -> str:
    told = _size_of(request)
    return gettext("{settings}  proof", settings=told) if is_proof else told


def _size_of(request: Request) -> Text:
    return gettext(
        "  {file}  {width}x{height}  {steps} steps  guidance {guidance}  seed {seed}",
        file=request.file,
        width=request.width_px,
        height=request.height_px,
        steps=request.steps,
        guidance=f"{request.guidance:g}",
        seed=request.seed,
    )


def _cut(text: str, characters: int | None) -> str:
    text = " ".join(text.split())
    return text if characters is None or len(text) <= characters else f"{text[:characters]}…"
