"""Arguments that several commands share.

Knows the flags that stand for settings. Must not know what the settings mean.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.settings import Configured

SETTING_FLAGS: Mapping[str, str] = {
    "inbox": "folder of jobs to come",
    "outbox": "folder of finished jobs",
    "failed": "folder of jobs that failed",
    "model": "model folder in diffusers layout, or `demo`",
    "device": "auto, cuda, cuda:N or cpu",
    "worker_id": "name of this worker (default: the host's name)",
}

Commands = argparse._SubParsersAction
"""What `add` of a command gets."""


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `-c` and the flags that override settings."""
    parser.add_argument("-c", "--config", type=Path, metavar="FILE", help="settings file (default: ./worker.yaml)")
    for name, text in SETTING_FLAGS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=text)


def configured(arguments: argparse.Namespace, **overrides: str) -> Configured:
    """The settings in force, with their origins.

    Args:
        arguments: of a parser that had `add_settings`.
        overrides: values that the command itself sets, as if given as flags; a given flag wins.

    Raises:
        SettingsInvalid: a source holds something that is not allowed.
    """
    from worker import settings

    given = {name: value for name in SETTING_FLAGS if (value := getattr(arguments, name)) is not None}
    return settings.load(file=arguments.config, environment=os.environ, flags={**overrides, **given})
