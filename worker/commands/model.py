"""`model add|list|verify`: models as they are downloaded, made one folder in bf16 each; those that are there."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from worker.commands.options import DEFAULT_FILE, Commands, add_settings, called_as, configured
from worker.commands.printing import say
from worker.commands.progress import GB, ProgressLine
from worker.errors import ExitCode, StopAsked
from worker.translation import enumerated, gettext, ngettext

if TYPE_CHECKING:
    from worker.compose import Added, StoredModel


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its three."""
    parser = commands.add_parser("model", help=gettext("add a model as it was downloaded, list models, or verify one"))
    parser.set_defaults(run=lambda _: _helped(parser))
    inner = parser.add_subparsers(title=gettext("commands"), metavar="COMMAND")
    _declare_add(inner)
    listing = inner.add_parser("list", help=gettext("name the added models, and which one is in use"))
    add_settings(listing)
    listing.set_defaults(run=_list)
    verify = inner.add_parser("verify", help=gettext("read all of a model's files once more, and compare them"))
    verify.add_argument(
        "which", nargs="?", metavar="NAME|PATH", help=gettext("default: the one that the settings name")
    )
    add_settings(verify)
    verify.set_defaults(run=_verify)


def _declare_add(inner: Commands[argparse.ArgumentParser]) -> None:
    parser = inner.add_parser(
        "add",
        help=gettext("write a model as it was downloaded into `models_dir`, in bf16"),
        description=gettext(
            "Writes one folder in bf16 with a record of what it is (model.json). Takes a folder in diffusers layout, a "
            "download cache, ComfyUI's files, a single file. When it is stopped, the same call goes on with it."
        ),
    )
    parser.add_argument("what", nargs="+", type=Path, metavar="WHAT", help=gettext("folder, or files with its parts"))
    parser.add_argument("--as", dest="name", metavar="NAME", help=gettext("its name; default: its own with -bf16"))
    parser.add_argument(
        "--with",
        dest="other",
        type=Path,
        metavar="FOLDER",
        help=gettext("folder for what WHAT lacks: configurations, tokenizer, scheduler, parts"),
    )
    add_settings(parser)
    parser.set_defaults(run=_add, reads_model=False)


def _helped(parser: argparse.ArgumentParser) -> ExitCode:
    parser.print_help()
    return ExitCode.USAGE


def _add(arguments: argparse.Namespace) -> ExitCode:
    """Write the model's folder; it appears when it is whole."""
    from worker import compose

    settings = configured(arguments).settings
    return added(
        lambda progress: compose.add_model(
            arguments.what,
            other=arguments.other,
            target=lambda usual: compose.place_in(settings, arguments.name or usual),
            settings=settings,
            say=say,
            progress=progress,
        ),
        used=lambda made: _how_used(made.folder, arguments.config or Path(DEFAULT_FILE)),
    )


def _how_used(folder: Path, settings_file: Path) -> str:
    """What a person writes into the settings to use a model."""
    beside = settings_file.parent / folder.name
    if os.path.lexists(beside) and beside.absolute() != folder:
        return gettext(
            "To use it, set `model: {folder}` in {file}, the whole path: the name alone means {beside}.",
            folder=str(folder),
            file=str(settings_file),
            beside=str(beside.absolute()),
        )
    return gettext("To use it, set `model:` to its name in {file}.", file=str(settings_file))


def added(write: Callable[[ProgressLine], Added], *, used: Callable[[Added], str] = lambda _: "") -> ExitCode:
    """Write a model, show how far it has come, and say what became of it.

    Args:
        write: does it, given what to tell of its progress.
        used: says how it is used; nothing for one of which a person knows that.
    """
    with closing(ProgressLine()) as line:
        try:
            made = write(line)
        except StopAsked as stopped:
            line.close()
            say(str(stopped))
            return ExitCode.STOPPED
    say(gettext("Wrote {target}", target=made.folder))
    record = made.record
    say(
        gettext(
            "{kind}, {steps} steps, guidance {guidance}. The download is {verified}.",
            kind=record.kind,
            steps=record.steps,
            guidance=f"{record.guidance:g}",
            verified=made.verified,
        )
    )
    if made.contradiction:
        say(made.contradiction)
    if made.left_out:
        text = ngettext(
            "Left out, as no Z-Image model has it: {name}",
            "Left out, as no Z-Image model has them: {count} tensors, such as {name}",
            len(made.left_out),
            name=made.left_out[0],
        )
        say(text)
    if used(made):
        say(used(made))
    return ExitCode.DONE


def _list(arguments: argparse.Namespace) -> ExitCode:
    """A line for each model."""
    from worker import compose

    settings = configured(arguments).settings
    found = compose.stored_models(settings)
    for one, is_used in found:
        words = [
            one.kind or gettext("kind unknown"),
            gettext("{size} GB", size=f"{one.size_bytes / GB:.1f}"),
            _state(one),
            *([gettext("in use")] if is_used else []),
        ]
        if one.fault:
            words = [one.fault]
        say(gettext("{name}: {words}", name=one.name, words=enumerated(words)))
    if not found:
        text = gettext(
            "No model in {folder}: `{program} model add` writes one there.",
            folder=settings.models_dir.absolute(),
            program=called_as(),
        )
        say(text)
    return ExitCode.DONE


def _state(one: StoredModel) -> str:
    if not one.is_whole:
        return gettext("unfinished: the same `model add` goes on with it")
    return gettext("verified: {against}", against=one.verified) if one.verified else gettext("not verified")


def _verify(arguments: argparse.Namespace) -> ExitCode:
    """Say that all files are what they were, or name those that are not."""
    from worker import compose

    settings = configured(arguments).settings
    with closing(ProgressLine()) as line:
        try:
            said = compose.verify_model(settings, arguments.which, progress=line)
        except StopAsked:
            return ExitCode.STOPPED
    say(said)
    return ExitCode.DONE
