"""`approve JOB`: a job that waits for approval goes on."""

from __future__ import annotations

import argparse

from worker.commands import asking
from worker.commands.options import Commands
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    asking.add(commands, "approve", help_text=gettext("let a job go on whose proof waits for approval"))
