"""The command line: `zimage-worker COMMAND ...`.

Knows which commands there are and how an error becomes an exit code. Importing it loads neither torch nor pydantic.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import TextIOWrapper

from worker import __version__
from worker.commands import (
    acceptance,
    approve,
    bench,
    cancel,
    check,
    convert,
    demo,
    doctor,
    init,
    model,
    pause,
    plan,
    reject,
    resume,
    retry,
    run,
    schema,
    service,
    status,
    stop,
    submit,
)
from worker.commands.options import forgotten_file
from worker.commands.parser import Parser, argparse_speaking
from worker.commands.printing import in_words, say, speaking_as_the_terminal
from worker.errors import ExitCode, FoldersUnusable, ModelInvalid, WorkerError
from worker.streams import LossyStream, UntilUnread, begin_again_in_utf8, fill_gaps
from worker.translation import gettext, joined

COMMANDS = (
    init,
    run,
    check,
    plan,
    submit,
    status,
    pause,
    resume,
    cancel,
    retry,
    approve,
    reject,
    stop,
    service,
    doctor,
    schema,
    demo,
    bench,
    acceptance,
    model,
    convert,
)
"""In the order of `--help`."""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = Parser(
        prog="zimage-worker",
        description=gettext(
            "Drop a YAML job into a folder, open a finished folder of Z-Image pictures in the morning."
        ),
        epilog=gettext("Start with: zimage-worker demo"),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {__version__}",
        help=gettext("show program's version number and exit"),
    )
    commands = parser.add_subparsers(title=gettext("commands"), metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error on purpose becomes one message and its exit code.

    Returns:
        An `ExitCode`; argparse itself ends with 2 on a wrong command line.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it asks every installed package for one
    if arguments is None:
        begin_again_in_utf8()
    fill_gaps()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: what a terminal cannot show ends no command
    streams = redirect_stderr(LossyStream(sys.stderr)), redirect_stdout(UntilUnread(sys.stdout))
    with streams[0], streams[1], speaking_as_the_terminal():
        try:
            return _run(arguments)
        finally:
            _flush_output()


def _run(arguments: Sequence[str] | None) -> int:
    with argparse_speaking():
        parser = build_parser()
        parsed = parser.parse_args(arguments)
        if "run" not in parsed:  # only now: of `--verison` argparse would say that a command is missing
            parser.error(in_words(gettext("the following arguments are required: %s")) % "COMMAND")
    try:
        return int(parsed.run(parsed))
    except WorkerError as error:
        hint = forgotten_file(parsed) if isinstance(error, FoldersUnusable | ModelInvalid) else ""
        lines = [*in_words(error.text).splitlines(), *([in_words(hint)] if hint else [])]
        say("zimage-worker: " + "\n  ".join(lines), file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.STOPPED)


def _flush_output() -> None:
    """Write what is left while it can still be told: at the very end Python would make an error exit code 120.

    Raises:
        SystemExit: it cannot be written, although somebody reads it: the disk is full.
    """
    try:
        sys.stdout.flush()  # never `print("")`: a full disk refuses even that of a worker, which prints nothing
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        why = gettext("standard output cannot be written: {reason}.", reason=error.strerror)
        say(joined(("zimage-worker:", why), " "), file=sys.stderr)
        sys.exit(ExitCode.BUG)


if __name__ == "__main__":
    sys.exit(main())
