"""`service install|status|remove`: the worker as a service of systemd, of the whole machine or of one person."""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.commands.options import DEFAULT_FILE, Commands
from worker.commands.printing import say
from worker.errors import ExitCode, UsageError
from worker.translation import gettext


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its three."""
    parser = commands.add_parser(
        "service", help=gettext("install the worker as a service that starts at boot, look at it, or remove it")
    )
    parser.set_defaults(run=lambda _: _helped(parser))
    inner = parser.add_subparsers(title=gettext("commands"), metavar="COMMAND")
    _declare_install(inner)
    status = inner.add_parser("status", help=gettext("say whether the service runs, since when, and what it does"))
    _add_which(status)
    status.set_defaults(run=_status)
    remove = inner.add_parser(
        "remove", help=gettext("stop the service and remove what installing wrote; jobs, settings and state stay")
    )
    _add_which(remove)
    remove.set_defaults(run=_remove)


def _declare_install(inner: Commands[argparse.ArgumentParser]) -> None:
    parser = inner.add_parser(
        "install",
        help=gettext("write the unit, check it, start it, and wait until it is ready"),
        description=gettext(
            "Writes a unit of systemd for these settings, checks it and what its account may read and write, starts it"
            " and says what came of that. Calling it again is fine: after a change of folders or of this program."
        ),
    )
    parser.add_argument(
        "-c", "--config", type=Path, metavar="FILE", help=gettext("settings file (default: ./worker.yaml)")
    )
    _add_which(parser)
    parser.add_argument(
        "--account", metavar="NAME", help=gettext("account that it runs as (default: zimage-worker, made if need be)")
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--drain-at", metavar="TIME", help=gettext("once a night from then on, such as 22:00, in place of all the time")
    )
    kind.add_argument("--cards", metavar="0,1", help=gettext("a worker for each of these cards"))
    parser.add_argument(
        "--replace",
        action="store_true",
        help=gettext("also a unit that was written or changed by hand, kept beside it"),
    )
    parser.add_argument("--dry-run", action="store_true", help=gettext("only print what would be written"))
    parser.set_defaults(run=_install)


def _add_which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user", action="store_true", help=gettext("for yourself alone: no root, no account of its own")
    )
    parser.add_argument(
        "--name", default="zimage-worker", metavar="NAME", help=gettext("of the service (default: zimage-worker)")
    )


def _helped(parser: argparse.ArgumentParser) -> ExitCode:
    parser.print_help()
    return ExitCode.USAGE


def _install(arguments: argparse.Namespace) -> ExitCode:
    """Install it.

    Raises:
        UsageError: there is no settings file, or its arguments contradict themselves.
    """
    from worker import compose

    file: Path = arguments.config or Path(DEFAULT_FILE)
    if not file.is_file():
        raise UsageError(
            gettext("{file} is not there: a service takes all its settings from a file, so name it with -c FILE;"
                    " `zimage-worker init DIR` writes one.", file=file)
        )  # fmt: skip
    if arguments.user and arguments.account:
        raise UsageError(gettext("--account is of a service of the whole machine; with --user it runs as you."))
    wanted = compose.Wanted(
        settings_file=file.absolute(),
        name=arguments.name,
        is_user=arguments.user,
        account=arguments.account,
        cards=compose.cards_of(arguments.cards) if arguments.cards is not None else (),
        drain_at=compose.time_of(arguments.drain_at) if arguments.drain_at is not None else None,
        replaces=arguments.replace,
        is_only_shown=arguments.dry_run,
    )
    return compose.install_service(wanted, say=_say_at_once)


def _say_at_once(text: str) -> None:
    say(text, flush=True)


def _status(arguments: argparse.Namespace) -> ExitCode:
    from worker import compose

    lines, code = compose.service_status(arguments.name, is_user=arguments.user)
    for line in lines:
        say(line)
    return code


def _remove(arguments: argparse.Namespace) -> ExitCode:
    from worker import compose

    return compose.remove_service(arguments.name, is_user=arguments.user, say=_say_at_once)
