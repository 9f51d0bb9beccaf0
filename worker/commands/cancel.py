"""`cancel JOB`: a job that waits or is in work ends, after the picture in work."""

from __future__ import annotations

import argparse

from worker.commands import asking
from worker.commands.options import Commands
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    asking.add(commands, "cancel", help_text=gettext("end a job; what is finished of it is published"))
