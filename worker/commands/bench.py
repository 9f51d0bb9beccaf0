"""`bench`: how fast this card is beside the plain pipeline."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING

from worker.commands.options import Commands, add_settings, configured
from worker.commands.printing import say, spoken
from worker.errors import ExitCode, UsageError
from worker.translation import enumerated, gettext

if TYPE_CHECKING:
    from worker.compose import SpeedOptions

WAYS = ("plain", "eager", "compiled")
"""What the speed test compares."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("bench", help=gettext("how fast this card is"))
    parser.add_argument("--acceptance", action=_Moved, nargs=0, help=argparse.SUPPRESS)
    parser.add_argument(
        "--synthetic", action="store_true", help=gettext("full size with random weights: needs no download")
    )
    parser.add_argument(
        "--pictures", type=int, default=8, metavar="N", help=gettext("of a round (default: %(default)s)")
    )
    parser.add_argument(
        "--rounds", type=int, default=2, metavar="N", help=gettext("of each way, by turns (default: %(default)s)")
    )
    parser.add_argument("--size", metavar="WxH", help=gettext("of a picture, as in a job (default: the model's)"))
    parser.add_argument("--steps", type=int, metavar="N", help=gettext("of a picture (default: the model's)"))
    parser.add_argument("--guidance", type=float, metavar="G", help=gettext("0 is off (default: the model's)"))
    parser.add_argument("--ways", default=",".join(WAYS), metavar="A,B", help=gettext("of %(default)s"))
    parser.add_argument(
        "--memory-gib", type=float, metavar="GIB", help=gettext("stay within so much of the card's memory")
    )
    parser.add_argument("--json", action="store_true", help=gettext("print the figures for a machine"))
    add_settings(parser)
    parser.set_defaults(run=run)


class _Moved(argparse.Action):
    """The stability test was an option of this command once."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """End with the exit code of a wrong command line."""
        parser.error(gettext("the stability test is a command of its own now: `zimage-worker acceptance [DIR]`"))


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure, and print a table."""
    from worker import compose

    settings = configured(arguments).settings
    size, recommended = compose.picture_for_bench(settings, arguments.size, synthetic=arguments.synthetic)
    options = compose.SpeedOptions(
        synthetic=arguments.synthetic,
        width_px=size[0],
        height_px=size[1],
        steps=recommended.steps if arguments.steps is None else arguments.steps,
        guidance=recommended.guidance if arguments.guidance is None else arguments.guidance,
        pictures=arguments.pictures,
        rounds=arguments.rounds,
        memory_gib=arguments.memory_gib,
        ways=arguments.ways.split(","),
        language=spoken(),
    )
    _require_sense(options, most_steps=settings.max_steps)
    result = compose.measure_speed(settings, options)
    say(json.dumps(result) if arguments.json else compose.speed_table(result, language=spoken()))
    return ExitCode.DONE


def _require_sense(options: SpeedOptions, *, most_steps: int) -> None:
    """Refuse numbers that nothing can be measured with, before anything is loaded.

    Raises:
        UsageError: names the first of them.
    """
    ways = ",".join(options.ways)
    rules = (
        ("--pictures", options.pictures, options.pictures >= 1, gettext("at least 1")),
        ("--rounds", options.rounds, options.rounds >= 1, gettext("at least 1")),
        (
            "--steps",
            options.steps,
            1 <= options.steps <= most_steps,
            gettext("1 to {most} (setting `max_steps`)", most=most_steps),
        ),
        ("--guidance", options.guidance, 0 <= options.guidance < math.inf, gettext("0 or more")),
        (
            "--memory-gib",
            options.memory_gib,
            options.memory_gib is None or 0 < options.memory_gib < math.inf,
            gettext("above 0"),
        ),
        ("--ways", ways, set(options.ways) <= set(WAYS), gettext("some of {ways}", ways=enumerated(WAYS))),
        ("--ways", ways, len(set(options.ways)) == len(options.ways), gettext("each way once")),
    )
    for name, given, is_kept, rule in rules:
        if not is_kept:
            raise UsageError(gettext("{option} {given}: must be {rule}.", option=name, given=given, rule=rule))
