"""`submit JOB...`: jobs into the inbox, safely."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from worker.commands.job_paths import jobs_in, read_job
from worker.commands.job_warnings import add_strict, counted, strictly, tell_warnings
from worker.commands.options import Commands, add_settings, assumed_model, configured_near
from worker.commands.printing import say
from worker.errors import ExitCode, FoldersAway
from worker.translation import gettext

LOOK_EVERY_S = 1.0
GONE_LOOKS = 60
"""A share may take half a minute to show what another machine did."""


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
    found = [read_job(reader, path, settings).warnings for path in paths]  # all are checked before the first goes
    note = assumed_model(arguments, settings)
    submitted = compose.submit(settings, paths)
    for path, warnings in zip(paths, found, strict=True):
        note = tell_warnings(warnings, note)
        more = counted(warnings)
        say(gettext("Submitted {path} to {inbox}{more}", path=path, inbox=settings.inbox, more=more), flush=True)
    if not arguments.wait:
        return ExitCode.DONE
    are_complete = []
    for one in submitted:
        end = wait(partial(compose.how_ended, settings, one), partial(compose.is_gone, settings, one))
        gone = gettext("{name}: somebody took it away: it is neither waiting nor in work.", name=one.name)
        say(gone if end is None else str(end), flush=True)
        are_complete.append(end is not None and _is_complete(end))
    return ExitCode.DONE if all(are_complete) else ExitCode.JOBS_FAILED


def wait(
    ended: Callable[[], Path | None], is_gone: Callable[[], bool], *, sleep: Callable[[float], None] = time.sleep
) -> Path | None:
    """Wait for the end of a job; a share that is away is waited for too.

    Args:
        ended: the folder in which it ended, or None.
        is_gone: whether it neither waits nor is in work.
        sleep: for so many seconds.

    Returns:
        The folder; None for a job that was gone, and had not ended, for `GONE_LOOKS` looks.
    """
    gone = 0
    while gone < GONE_LOOKS:
        with suppress(OSError, FoldersAway):
            if (end := ended()) is not None:
                return end
            gone = gone + 1 if is_gone() else 0
        sleep(LOOK_EVERY_S)
    return None


def _is_complete(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("status") == "complete"
