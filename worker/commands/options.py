"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from worker.commands.printing import say, speak
from worker.translation import gettext

if TYPE_CHECKING:
    from worker.settings import Configured, Settings

PROGRAM = "zimage-worker"
DEFAULT_FILE = "worker.yaml"

SETTING_FLAGS: Mapping[str, str] = {
    "inbox": gettext("folder of jobs to come"),
    "outbox": gettext("folder of finished jobs"),
    "failed": gettext("folder of jobs that failed"),
    "model": gettext("model folder in diffusers layout, or `demo`"),
    "device": gettext("auto, cuda, cuda:N or cpu"),
    "worker_id": gettext("name of this worker (default: the host's name)"),
}

Commands = argparse._SubParsersAction
"""What `add` of a command gets."""


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `-c` and the flags that override settings."""
    parser.add_argument(
        "-c", "--config", type=Path, metavar="FILE", help=gettext("settings file (default: ./worker.yaml)")
    )
    for name, text in SETTING_FLAGS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=text)


def called_as() -> str:
    """How a person calls this program: by its name where that is enough, else as it was called now."""
    is_script = Path(sys.argv[0]).suffix != ".py"  # python -m worker.cli
    return shlex.quote(sys.argv[0]) if is_script and shutil.which(PROGRAM) is None else PROGRAM


def forgotten_file(arguments: argparse.Namespace) -> str:
    """A hint for commands that take settings and read no file of them; empty for all others."""
    is_forgotten = (
        "config" in arguments
        and getattr(arguments, "reads_model", True)
        and arguments.config is None
        and not Path(DEFAULT_FILE).exists()
    )
    if not is_forgotten:
        return ""
    return gettext("No {file} was read here ({folder}); give -c FILE.", file=DEFAULT_FILE, folder=Path.cwd())


def assumed_model(arguments: argparse.Namespace, settings: Settings) -> str:
    """What is said before warnings when they are for a model that nobody named; empty where one is.

    Args:
        arguments: of a parser that had `add_settings`.
        settings: in force.
    """
    if settings.model is not None or settings.model_kind != "auto":
        return ""
    assumed, forgotten = gettext("No model is set; taken as Turbo."), forgotten_file(arguments)
    return gettext("{assumed} {forgotten}", assumed=assumed, forgotten=forgotten) if forgotten else assumed


def configured_near(arguments: argparse.Namespace, paths: Sequence[Path], **overrides: str) -> Configured:
    """The settings in force for people who only check, plan and submit jobs: a settings file near these is found.

    Args:
        arguments: of a parser that had `add_settings`; keeps the file that was found, as if it had been given.
        paths: of jobs; a file in their folders or above counts, then one above the working folder.
        overrides: as in `configured`.

    Raises:
        SettingsInvalid: a source holds something that is not allowed.
    """
    from worker import settings

    if arguments.config is None and not Path(DEFAULT_FILE).exists():
        places = [*paths, Path.cwd()]
        arguments.config = settings.nearby_file(places, name=Path(DEFAULT_FILE), home=_home())
        if arguments.config is not None:
            say(gettext("Settings of {file}.", file=arguments.config), file=sys.stderr)
    return configured(arguments, **overrides)


def _home() -> Path | None:
    with suppress(RuntimeError):  # HOME is not set, and nobody has this account
        return Path.home()
    return None


def configured(arguments: argparse.Namespace, **overrides: str) -> Configured:
    """The settings in force, with their origins; from now on the terminal is spoken to in their language.

    Args:
        arguments: of a parser that had `add_settings`.
        overrides: values that the command itself sets, as if given as flags; a given flag wins.

    Raises:
        SettingsInvalid: a source holds something that is not allowed.
    """
    from worker import settings

    given = {name: value for name in SETTING_FLAGS if (value := getattr(arguments, name)) is not None}
    made = settings.load(file=arguments.config, environment=os.environ, flags={**overrides, **given})
    speak(made.settings.language)
    return made
