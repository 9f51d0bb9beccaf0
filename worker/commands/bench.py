"""`bench`: how fast this card is beside the plain pipeline; `--acceptance`: the article's stability test."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from worker.commands.options import Commands, add_settings, configured
from worker.errors import ExitCode, UsageError

CLASSES_JOB = "acceptance.yaml"
"""Three shots, one for each class of prompts in the article, 20 pictures each at 12 steps."""
WAYS = ("plain", "eager", "compiled")
"""What the speed test compares."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("bench", help="how fast this card is; --acceptance: the stability test")
    parser.add_argument("dir", nargs="?", type=Path, default=Path("acceptance"), metavar="DIR", help="of --acceptance")
    parser.add_argument("--acceptance", action="store_true", help="run the stability test instead")
    parser.add_argument("--synthetic", action="store_true", help="full size with random weights: needs no download")
    parser.add_argument("--pictures", type=int, default=8, metavar="N", help="of a round")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="of each way, by turns")
    parser.add_argument("--size", default="1024x1024", metavar="WxH", help="of a picture")
    parser.add_argument("--steps", type=int, default=8, metavar="N", help="of a picture")
    parser.add_argument("--guidance", type=float, default=0.0, metavar="G", help="0 is off")
    parser.add_argument("--ways", default=",".join(WAYS), metavar="A,B", help=f"of {', '.join(WAYS)}")
    parser.add_argument("--memory-gib", type=float, metavar="GIB", help="stay within so much of the card's memory")
    parser.add_argument("--json", action="store_true", help="print the figures for a machine")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure, and print a table."""
    return _acceptance(arguments) if arguments.acceptance else _speed(arguments)


def _speed(arguments: argparse.Namespace) -> ExitCode:
    from worker import compose

    width, _, height = arguments.size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise UsageError(f"--size {arguments.size}: is no size; give it as 1024x1024.")
    ways = arguments.ways.split(",")
    if strange := [way for way in ways if way not in WAYS]:
        raise UsageError(f"--ways {arguments.ways}: `{strange[0]}` is none of {', '.join(WAYS)}.")
    settings = configured(arguments).settings
    result = compose.measure_speed(
        settings,
        compose.SpeedWishes(
            synthetic=arguments.synthetic,
            width_px=int(width),
            height_px=int(height),
            steps=arguments.steps,
            guidance=arguments.guidance,
            pictures=arguments.pictures,
            rounds=arguments.rounds,
            memory_gib=arguments.memory_gib,
            ways=ways,
        ),
    )
    print(json.dumps(result) if arguments.json else compose.speed_table(result))
    return ExitCode.DONE


def _acceptance(arguments: argparse.Namespace) -> ExitCode:
    from worker import compose

    folder: Path = arguments.dir
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
