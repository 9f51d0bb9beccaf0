"""`demo [DIR]`: the main job on the embedded model, from folders to finished pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say, spoken
from worker.errors import ExitCode
from worker.translation import gettext, ngettext

EXAMPLES = ("bare-prompt.yaml", "catalogue-12")
"""What is dropped: the smallest job, and a catalogue of 12 products seen from 2 angles."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("demo", help=gettext("render the examples with the embedded model; needs no GPU"))
    parser.add_argument("dir", nargs="?", type=Path, default=Path("demo"), metavar="DIR")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Make the folders, drop the examples, drain, and say where the pictures are."""
    from worker import compose

    places = compose.init_folders(arguments.dir)
    settings = configured(arguments, model="demo", **places).settings
    done = compose.run_examples(settings, EXAMPLES, language=spoken())
    for made in done.finished:
        text = ngettext(
            "{folder}: {count} picture, contact sheet {page}",
            "{folder}: {count} pictures, contact sheet {page}",
            len([*made.glob("*.png")]),
            folder=made,
            page=(made / "index.html").resolve(),
        )
        say(text)
    return done.code
