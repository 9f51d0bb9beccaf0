"""The worker as a service of systemd: installed with the settings' own places, looked at, removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from worker.compose.service_place import (
    STATE,
    Say,
    Wanted,
    ask_doctor,
    placement_of,
    require_reach,
    service_settings,
    tell_of_hook,
)
from worker.errors import ExitCode, UsageError
from worker.service import account as accounts
from worker.service.account import Account
from worker.service.install import Waits, require_free, require_sound, write_and_begin
from worker.service.manager import Manager, called, require_systemd
from worker.service.placement import DEFAULT_NAME, name_of
from worker.service.report import remove, status_of
from worker.service.unit_files import UnitFiles
from worker.service.units import enabled, templates, units_for
from worker.translation import gettext

LINGERING = Path("/var/lib/systemd/linger")
"""A file of each person's name whose services outlive the session. Source: systemd-logind."""


def install_service(wanted: Wanted, *, say: Say) -> ExitCode:
    """Write, check and begin the units of a service, and say what came of it.

    Args:
        wanted: by a person.
        say: takes each sentence.

    Returns:
        DONE once it is ready, or goes on starting; else how it ended.

    Raises:
        UsageError: it cannot be installed here, so, or by this account.
        SettingsInvalid: the settings are not valid, or not enough for a service.
    """
    manager, own = Manager(is_user=wanted.is_user), service_settings(wanted.settings_file)
    files = UnitFiles(manager.folder(), name_of(wanted.name))
    shown = units_for(placement_of(wanted, own, None), templates())
    if wanted.is_only_shown:
        for unit, text in shown.items():
            say(f"# {files.folder / unit}\n{text}")
        return ExitCode.DONE
    require_systemd(manager)
    _require_rights(manager)
    require_free(files, shown, replaces=wanted.replaces)
    account = _account(wanted, say=say)
    placement = placement_of(wanted, own, account)
    units = units_for(placement, templates())
    require_sound(units, is_user=wanted.is_user, say=say)
    require_reach(own, placement, account, say=say)
    ask_doctor(placement, account, say=say)
    tell_of_hook(own, placement, say=say)
    if wanted.is_user:
        _linger(say=say)
    return _written(manager, files, units, enabled(placement), say=say)


def _written(
    manager: Manager, files: UnitFiles, units: dict[str, str], begun: tuple[str, ...], *, say: Say
) -> ExitCode:
    waits = Waits(pause=time.sleep, monotonic=time.monotonic)
    try:
        return write_and_begin(manager, files, units, begun, say=say, waits=waits)
    except OSError as error:
        where = gettext("{path}: cannot be written ({why}).", path=files.folder, why=error.strerror or str(error))
        raise UsageError(where) from error


def service_status(name: str, *, is_user: bool) -> tuple[list[str], ExitCode]:
    """What a service does now, in lines for a person; DONE where it runs, else NOBODY_WORKS.

    Args:
        name: of the service.
        is_user: of a person's own manager.

    Raises:
        UsageError: there is no systemd here.
    """
    manager = Manager(is_user=is_user)
    require_systemd(manager)
    lingers = _is_lingering() if is_user else None
    return status_of(manager, UnitFiles(manager.folder(), name_of(name)), lingers=lingers)


def remove_service(name: str, *, is_user: bool, say: Say) -> ExitCode:
    """Stop a service, and remove what `install_service` wrote.

    Args:
        name: of the service.
        is_user: of a person's own manager.
        say: takes each sentence.

    Raises:
        UsageError: it cannot be removed by this account, or is not as it was written.
    """
    manager = Manager(is_user=is_user)
    require_systemd(manager)
    _require_rights(manager)
    code = remove(manager, UnitFiles(manager.folder(), name_of(name)), say=say)
    say(gettext("Jobs, pictures, settings, state and the account are left as they are."))
    return code


def _require_rights(manager: Manager) -> None:
    if manager.is_user and os.environ.get("SUDO_USER") and os.geteuid() == 0:
        raise UsageError(gettext("--user is for the person who calls it: call it without sudo."))
    if not manager.is_user and os.geteuid() != 0:
        text = gettext(
            "A service of the whole machine is root's to install and remove: call this with sudo, or for yourself alone"
            " with --user."
        )
        raise UsageError(text)


def _account(wanted: Wanted, *, say: Say) -> Account:
    """Who the service runs as; made where it is the usual one and not there."""
    if wanted.is_user:
        return accounts.me()
    name = wanted.account or DEFAULT_NAME
    account = accounts.found(name)
    if account is None and wanted.account is not None:
        raise UsageError(gettext("--account {name}: there is no such account.", name=name))
    if account is None:
        account = accounts.made(name, home=STATE / name)
        say(gettext("Made the account `{name}`, which owns nothing and as which nobody logs in.", name=name))
    return account


def _linger(*, say: Say) -> None:
    """Let this person's services outlive the session, and begin at boot."""
    if _is_lingering():
        return
    said = called("loginctl", "--no-ask-password", "enable-linger")
    if not said.code and _is_lingering():
        say(gettext("Lingering is switched on: it outlives this session, and starts at boot before anybody logs in."))
        return
    text = gettext(
        "It will end when you log out, as systemd does not let you keep it ({why}): `sudo loginctl enable-linger"
        " {name}` does.", why=said.last, name=accounts.me().name,
    )  # fmt: skip
    say(text)


def _is_lingering() -> bool:
    said = called("loginctl", "show-user", "--property=Linger", "--value", str(os.getuid()))
    return said.out.strip() == "yes" or (LINGERING / accounts.me().name).exists()
