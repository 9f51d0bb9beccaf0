"""`convert SRC DST`: a bf16 copy of a model folder, half the size and half the loading of fp32."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands
from worker.errors import ExitCode
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("convert", help=gettext("write a bf16 copy of an fp32 model folder"))
    parser.add_argument("source", type=Path, metavar="SRC", help=gettext("model folder in diffusers layout"))
    parser.add_argument("target", type=Path, metavar="DST", help=gettext("folder to make; must not exist"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Copy and convert; the target appears only when it is whole."""
    from worker import compose

    compose.write_bf16_copy(arguments.source, arguments.target)
    print(gettext("Wrote {target}", target=arguments.target))
    return ExitCode.DONE
