"""`submit JOB...`: jobs into the inbox, safely."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from worker.commands.job_paths import jobs_in
from worker.commands.options import Commands, add_settings, configured
from worker.errors import ExitCode
from worker.translation import gettext

LOOK_EVERY_S = 1.0


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("submit", help=gettext("check jobs and put them into the inbox, whole or not at all"))
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB")
    parser.add_argument("--wait", action="store_true", help=gettext("wait until the jobs have ended"))
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Submit, and with `--wait` say how each job ended."""
    from worker import compose

    settings = configured(arguments).settings
    reader = compose.job_reader(settings)
    paths = jobs_in(arguments.jobs)
    for path in paths:  # all are checked before the first is submitted
        reader.read(path, stem=compose.stem_of(path), shown_as=str(path))
    submitted = []
    for path in paths:
        submitted.append(compose.submit(settings, path))
        print(gettext("Submitted {path} to {inbox}", path=path, inbox=settings.inbox), flush=True)
    if not arguments.wait:
        return ExitCode.DONE
    ends = [_wait(partial(compose.how_ended, settings, one)) for one in submitted]
    for end in ends:
        print(end)
    return ExitCode.DONE if all(_is_complete(end) for end in ends) else ExitCode.JOBS_FAILED


def _wait(look: Callable[[], Path | None]) -> Path:
    while (end := look()) is None:
        time.sleep(LOOK_EVERY_S)
    return end


def _is_complete(folder: Path) -> bool:
    manifest = folder / "manifest.json"
    return manifest.exists() and json.loads(manifest.read_bytes())["status"] == "complete"
