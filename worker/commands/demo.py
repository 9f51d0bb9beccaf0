"""`demo [DIR]`: the main job on the embedded model, from folders to finished pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured
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

    folder: Path = arguments.dir
    compose.init_folders(folder)
    places = {name: str(folder / name) for name in ("inbox", "outbox", "failed")}
    settings = configured(arguments, model="demo", **places).settings
    for example in EXAMPLES:
        compose.submit(settings, compose.examples_dir() / example)
    before = set(settings.outbox.iterdir())
    code = compose.work(settings, drain=True)
    for made in sorted(set(settings.outbox.iterdir()) - before):
        if (made / "manifest.json").exists():
            text = ngettext(
                "{folder}: {count} picture, contact sheet {page}",
                "{folder}: {count} pictures, contact sheet {page}",
                len([*made.glob("*.png")]),
                folder=made,
                page=(made / "index.html").resolve(),
            )
            print(text)
    return code
