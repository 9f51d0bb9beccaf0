"""Where a service of these settings is to run, what it must read and write, and whether its account may."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from worker.disk.beneath import real_path
from worker.disk.mount_tables import MountTables, mount_of
from worker.errors import SettingsInvalid, UsageError
from worker.service import account as accounts
from worker.service.account import Account
from worker.service.manager import called
from worker.service.placement import (
    DEFAULT_NAME,
    HOMES,
    TEMPORARY,
    Placement,
    lies_in,
    name_of,
    outermost,
    writable_places,
)
from worker.service.quoting import mount_unit
from worker.settings import Settings, load
from worker.translation import Text, enumerated, gettext, joined

NETWORK = ("PrivateNetwork=no", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6")
"""What gives a unit of ours its network back."""
Say = Callable[[str], object]
FOLDERS = ("inbox", "outbox", "failed")
STATE = Path("/var/lib")
"""Below it systemd keeps what `StateDirectory=` names."""
DOCTOR_S = 600.0
"""For a look of `doctor`: it loads the card's libraries, and reads a little of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asks for."""

    settings_file: Path
    """Absolute."""
    name: str = DEFAULT_NAME
    is_user: bool = False
    account: str | None = None
    cards: tuple[int, ...] = ()
    drain_at: str | None = None
    replaces: bool = False
    is_only_shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The settings as a service will read them, without this terminal's environment."""

    settings: Settings
    has_own_state: bool
    """`state_dir` is set: not where systemd would have it."""

    @property
    def folders(self) -> list[Path]:
        """The three, without links."""
        return [real_path(getattr(self.settings, name)) for name in FOLDERS]

    @property
    def models(self) -> list[Path]:
        """What is read of models outside this package."""
        named = [self.settings.model if self.settings.model != "demo" else None, self.settings.transformer_file]
        return [real_path(Path(path)) for path in named if path is not None]

    @property
    def others(self) -> list[Path]:
        """Folders beside the three that the worker writes to."""
        metrics_file = self.settings.metrics_file
        archive = self.settings.retention.archive if self.settings.retention else None
        places = [*([metrics_file.parent] if metrics_file else ()), *([archive] if archive else ())]
        return [real_path(path) for path in (*places, *([self.settings.state_dir] if self.has_own_state else ()))]

    @property
    def opened(self) -> list[Path]:
        """Files of the settings' own that are read or run while it works: the hook, and the addresses to notify."""
        hook, notify = self.settings.hook, self.settings.notify
        named = [Path(hook.command[0]) if hook else None, notify.file if notify else None]
        return [real_path(path) for path in named if path is not None and path.is_absolute()]

    @property
    def notifies(self) -> bool:
        """Whether somebody is told over the network."""
        return self.settings.notify is not None


def service_settings(file: Path) -> ServiceSettings:
    """Read them.

    Raises:
        SettingsInvalid: they are not valid, or leave to the working folder what a service must be told.
    """
    configured = load(file=file, environment={}, flags={})
    told = configured.origins
    if open_ended := [key for key in (*FOLDERS, "model") if told[key] == "default"]:
        raise SettingsInvalid(joined(_open_ended(file, key) for key in open_ended))
    return ServiceSettings(settings=configured.settings, has_own_state=told["state_dir"] != "default")


def _open_ended(file: Path, key: str) -> Text:
    return gettext(
        "{file}: `{key}` is not set, and a service begins in no folder of yours: write `{key}: ...` into that file.",
        file=file, key=key,
    )  # fmt: skip


def placement_of(wanted: Wanted, own: ServiceSettings, account: Account | None) -> Placement:
    """Where the service is to run.

    Args:
        wanted: by a person.
        own: its settings.
        account: it runs as; None where that is not there, as when it is only shown.
    """
    tables, others = MountTables(), own.others
    points = {path: _point_of(path, tables) for path in own.folders}
    shares = {*points.values(), *(_point_of(path, tables) for path in own.models)}
    read = [*own.models, Path(program()[0]), Path(sys.executable).resolve(), wanted.settings_file]
    used = [*own.folders, *others, *own.opened, *read]
    in_tmp = lies_in(used, TEMPORARY)
    writable = [*writable_places(own.folders, points), *others, *(map(Path, TEMPORARY) if in_tmp else ())]
    who = account.name if account else wanted.account or DEFAULT_NAME
    return Placement(
        name=name_of(wanted.name),
        is_user=wanted.is_user,
        program=program(),
        settings_file=wanted.settings_file,
        account=who,
        group=account.group if account else who,
        groups=accounts.card_groups(),
        writable=outermost(writable),
        mounts=tuple(sorted({mount_unit(str(point)) for point in shares if point != PurePosixPath("/")})),
        home="read-only" if lies_in(used, HOMES) else "yes",
        has_own_tmp=not in_tmp,
        has_network=own.notifies,
        cards=wanted.cards,
        worker_id=own.settings.worker_id[:60],
        drain_at=wanted.drain_at,
        is_watched=own.notifies,
    )


def program() -> tuple[str, ...]:
    """How this very program is called by others: the entry point beside this Python, else by its module."""
    script = Path(sys.executable).with_name("zimage-worker")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "worker.cli")


def _point_of(path: Path, tables: MountTables) -> PurePosixPath:
    """The mount point that holds a path, also one whose share is away just now."""
    missing = tables.unmounted(path)
    return mount_of(path, tables).point if missing is None else PurePosixPath(missing)


def require_reach(own: ServiceSettings, placement: Placement, account: Account, *, say: Say) -> None:
    """Return where the account may read and write what it must; what is away is told, and waited for by the service.

    Args:
        own: its settings.
        placement: of the service.
        account: it runs as.
        say: takes each sentence.

    Raises:
        UsageError: it may not.
    """
    tables, wanted = MountTables(), [*_reached(own, placement)]
    refusals: list[str] = []
    for (path, right), answer in zip(wanted, accounts.answers(account, wanted), strict=True):
        match answer:
            case "refused":
                refusals.append(_refusal(path, right, account))
            case "missing" if tables.unmounted(path) is None:
                refusals.append(gettext("{path} is not there: make it, or mount its share.", path=path))
            case "missing":
                away = gettext(
                    "{path} is not there now, as its share is not mounted: the service waits for it.", path=path
                )
                say(away)
            case "silent":
                text = gettext(
                    "`{name}` could not look: it may not run {program}, or a share does not answer. Install the program"
                    " where all may read it, such as below /opt.", name=account.name, program=sys.executable,
                )  # fmt: skip
                raise UsageError(text)
    if refusals:
        raise UsageError(joined(refusals))


def tell_of_hook(own: ServiceSettings, placement: Placement, *, say: Say) -> None:
    """Say what the unit lets the hook do, which is less than at a terminal.

    Args:
        own: its settings.
        placement: of the service.
        say: takes the sentence.
    """
    if own.settings.hook is None or placement.is_user:
        return
    opens = ["ReadWritePaths=/srv/shop", *([] if placement.has_network else [*NETWORK])]
    text = gettext(
        "The hook has the service's limits: it writes to {places} alone, and has {network}. What else it needs goes"
        " into `systemctl edit {name}`, below [Service], such as: {lines}",
        places=enumerated(str(path) for path in placement.writable), name=placement.name, lines="; ".join(opens),
        network=gettext("a network") if placement.has_network else gettext("no network"),
    )  # fmt: skip
    say(text)


def _reached(own: ServiceSettings, placement: Placement) -> Iterator[tuple[Path, accounts.Right]]:
    yield placement.settings_file, "read"
    yield Path(placement.program[0]), "read"
    for path in (*own.folders, *own.others):
        yield path, "write"
    for path in own.models:
        yield path, "read"


def _refusal(path: Path, right: accounts.Right, account: Account) -> Text:
    if right == "read":
        return gettext(
            "`{name}` may not read {path}: put it where all may read it, such as below /srv or /opt, or name an account"
            " that may, with --account.", name=account.name, path=path,
        )  # fmt: skip
    return gettext(
        "`{name}` may not write to {path}: `sudo chown -R {name}: {path}` gives it to that account; or name one that"
        " may, with --account.", name=account.name, path=path,
    )  # fmt: skip


def ask_doctor(placement: Placement, account: Account, *, say: Say) -> None:
    """Tell what `doctor` says to the service's account; nothing of it keeps a service from being installed.

    Args:
        placement: of the service.
        account: it runs as.
        say: takes each line.
    """
    own, mine = dict(os.environ), dict[str, object]()
    if not placement.is_user:
        state = str(STATE / placement.name)  # as systemd would make it at the start
        called("install", "-d", "-m", "755", "-o", account.name, "-g", account.group, state)
        own |= {"HOME": state, "STATE_DIRECTORY": state}
        mine = {"user": account.uid, "group": account.gid, "extra_groups": accounts.groups_of(account)}
    try:
        done = subprocess.run(
            [*placement.program, "doctor", "-c", str(placement.settings_file)], cwd="/", env=own,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=DOCTOR_S, check=False,
            **mine,  # type: ignore[call-overload]
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        say(gettext("`doctor` could not look as `{name}`: {why}", name=account.name, why=str(error)))
        return
    say(gettext("`doctor` says, as `{name}`:", name=account.name))
    for line in (done.stdout + done.stderr).splitlines():
        if line.strip():
            say(f"    {line}")
