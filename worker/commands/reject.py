"""`reject JOB`: a job that waits for approval does not go on."""

from __future__ import annotations

import argparse

from worker.commands import asking
from worker.commands.options import Commands
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    asking.add(commands, "reject", help_text=gettext("let a job not go on that waits for approval"))
