"""The command line: `zimage-worker COMMAND ...`.

Knows which commands there are and how an error becomes an exit code. Importing it loads neither torch nor pydantic.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from worker import __version__
from worker.commands import (
    acceptance,
    bench,
    check,
    convert,
    demo,
    doctor,
    init,
    plan,
    run,
    schema,
    status,
    submit,
)
from worker.commands.options import forgotten_file
from worker.errors import ExitCode, FoldersUnusable, ModelInvalid, WorkerError
from worker.translation import gettext

UTF8 = "utf-8"

COMMANDS = (
    init,
    run,
    check,
    plan,
    submit,
    status,
    doctor,
    schema,
    demo,
    bench,
    acceptance,
    convert,
)
"""In the order of `--help`."""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="zimage-worker",
        description=gettext(
            "Drop a YAML job into a folder, open a finished folder of Z-Image pictures in the morning."
        ),
        epilog=gettext("Start with: zimage-worker demo"),
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title=gettext("commands"), metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error on purpose becomes one message and its exit code.

    Returns:
        An `ExitCode`; argparse itself ends with 2 on a wrong command line.
    """
    if arguments is None and sys.getfilesystemencoding() != UTF8:
        _begin_in_utf8()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: what a terminal cannot show ends no command
    parsed = build_parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except WorkerError as error:
        hint = forgotten_file(parsed) if isinstance(error, FoldersUnusable | ModelInvalid) else ""
        lines = [*error.text.splitlines(), *([hint] if hint else [])]
        print("zimage-worker:", "\n  ".join(lines), file=sys.stderr)
        return int(error.exit_code)
    except BrokenPipeError:  # `zimage-worker plan job.yaml | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except KeyboardInterrupt:
        return int(ExitCode.STOPPED)


def _begin_in_utf8() -> None:
    """Begin anew with names of files in UTF-8, as shares have them: in a locale such as zh_CN.GBK some have no name.

    What is printed stays in the locale's own encoding.
    """
    try:
        _, *given = Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]  # sys.argv has lost bytes
    except OSError:
        return
    shown = f"{sys.stdout.encoding if sys.stdout else UTF8}:backslashreplace".encode()
    environment = {b"PYTHONIOENCODING": shown, **os.environb, b"PYTHONUTF8": b"1"}
    os.execve(sys.executable, [os.fsencode(sys.executable), *given], environment)


if __name__ == "__main__":
    sys.exit(main())
