"""`bench`: how fast this card is beside the plain pipeline; `--acceptance`: the article's stability test."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from worker.commands.options import Commands, add_settings, configured
from worker.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from worker.compose import SpeedOptions

CLASSES_JOB = "acceptance.yaml"
"""Three shots, one for each class of prompts in the article, 20 pictures each at 12 steps."""
WAYS = ("plain", "eager", "compiled")
"""What the speed test compares."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("bench", help="how fast this card is; --acceptance: the stability test")
    parser.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="of --acceptance (default: ./acceptance)")
    parser.add_argument("--acceptance", action="store_true", help="run the stability test instead")
    parser.add_argument("--synthetic", action="store_true", help="full size with random weights: needs no download")
    parser.add_argument("--pictures", type=int, default=8, metavar="N", help="of a round (default: %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=2, metavar="N", help="of each way, by turns (default: %(default)s)"
    )
    parser.add_argument("--size", metavar="WxH", help="of a picture, as in a job (default: the model's)")
    parser.add_argument("--steps", type=int, metavar="N", help="of a picture (default: the model's)")
    parser.add_argument("--guidance", type=float, metavar="G", help="0 is off (default: the model's)")
    parser.add_argument("--ways", default=",".join(WAYS), metavar="A,B", help="of %(default)s")
    parser.add_argument("--memory-gib", type=float, metavar="GIB", help="stay within so much of the card's memory")
    parser.add_argument("--json", action="store_true", help="print the figures for a machine")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure, and print a table."""
    if arguments.acceptance:
        return _acceptance(arguments)
    if arguments.dir is not None:
        raise UsageError(f"`{arguments.dir}`: a folder is for `bench --acceptance`; the speed test needs none.")
    return _speed(arguments)


def _speed(arguments: argparse.Namespace) -> ExitCode:
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
    )
    _require_sense(options, most_steps=settings.max_steps)
    result = compose.measure_speed(settings, options)
    print(json.dumps(result) if arguments.json else compose.speed_table(result))
    return ExitCode.DONE


def _require_sense(options: SpeedOptions, *, most_steps: int) -> None:
    """Refuse numbers that nothing can be measured with, before anything is loaded.

    Raises:
        UsageError: names the first of them.
    """
    rules = (
        ("--pictures", options.pictures, options.pictures >= 1, "at least 1"),
        ("--rounds", options.rounds, options.rounds >= 1, "at least 1"),
        ("--steps", options.steps, 1 <= options.steps <= most_steps, f"1 to {most_steps} (setting `max_steps`)"),
        ("--guidance", options.guidance, 0 <= options.guidance < math.inf, "0 or more"),
        (
            "--memory-gib",
            options.memory_gib,
            options.memory_gib is None or 0 < options.memory_gib < math.inf,
            "above 0",
        ),
        ("--ways", ",".join(options.ways), set(options.ways) <= set(WAYS), f"some of {', '.join(WAYS)}"),
        ("--ways", ",".join(options.ways), len(set(options.ways)) == len(options.ways), "each way once"),
    )
    for name, given, is_kept, rule in rules:
        if not is_kept:
            raise UsageError(f"{name} {given}: must be {rule}.")


def _acceptance(arguments: argparse.Namespace) -> ExitCode:
    from worker import compose

    folder: Path = arguments.dir or Path("acceptance")
    compose.init_folders(folder)
    places = {name: str(folder / name) for name in ("inbox", "outbox", "failed")}
    settings = configured(arguments, **places).settings
    submitted = compose.submit(settings, compose.examples_dir() / CLASSES_JOB)
    code = compose.work(settings, drain=True)
    ended = compose.how_ended(settings, submitted)
    if ended is not None:
        print(compose.acceptance_table(ended))
        print(f"contact sheet: {(ended / 'index.html').resolve()}")
    return code
