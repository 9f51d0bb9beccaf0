"""Whether a path can be reached: which folder on the way to it lets this process not pass, as `namei -l` shows it.

Knows rights, links and what a service does not see; changes nothing.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal

from worker.disk.mount_tables import MountTables
from worker.errors import ModelAway
from worker.translation import gettext

KERNELS = (Path("/proc"), Path("/sys"), Path("/dev"))
"""Where no file lies on any disk: the kernel shows itself there, processes' own folders among it."""
LINKS = 40
"""As many links on one way as the kernel follows."""
HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))
"""What `ProtectHome=` hides from a service. Source: systemd.exec(5)."""
SERVICE = "INVOCATION_ID"
"""A variable that systemd sets for its services. Source: systemd.exec(5)."""
REFUSED = (errno.EACCES, errno.EPERM)
LOST = (errno.ENOTCONN, errno.ESTALE, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ENODEV)
"""What a mount answers whose server or device has gone."""
WRONG = (errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR)
"""Errors of a path that no waiting cures."""

Right = Literal["enter", "read"]


def unreachable(error: OSError, path: Path) -> str:
    """Why a file of the model cannot be read just now: one sentence and what to do.

    Args:
        error: that reading raised.
        path: what was read, where the error names no file.
    """
    place = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
    why = error.strerror or str(error)
    if error.errno in REFUSED:
        return _refusal(place.absolute(), why)
    if error.errno in LOST:
        return gettext(
            "{file} cannot be read ({why}): its share or disk has gone. Mount it again: `umount -l` its folder, then "
            "`mount` it.",
            file=str(place.absolute()),
            why=why,
        )
    if error.errno in WRONG:
        return gettext("{file} cannot be read ({why}): mend the path.", file=str(place.absolute()), why=why)
    return gettext("{file} cannot be read ({why}): look at its disk or share.", file=str(place.absolute()), why=why)


def _refusal(place: Path, why: str) -> str:
    if is_kernels(place):
        return gettext(
            "{file} cannot be read ({why}): it is the kernel's own. Give a folder of a disk.", file=str(place), why=why
        )
    closed, right = first_closed(place) or (place, "read")
    user = user_name()
    hidden = hidden_below(closed)
    if hidden is not None and hidden == closed:
        return gettext(
            "{file} cannot be read ({why}): a service sees nothing below {folder} (`ProtectHome=` of its unit). "
            "Move the model to a folder such as /srv/models, or write `ProtectHome=read-only` with `systemctl edit`.",
            file=str(place),
            why=why,
            folder=str(closed),
        )
    if right == "enter":
        return gettext(
            "{file} cannot be read ({why}): {user} may not enter {folder}{state}. As its owner: "
            "`setfacl -m u:{user}:x {folder}`, or `chmod o+x {folder}`.",
            file=str(place),
            why=why,
            user=user,
            folder=str(closed),
            state=_state(closed),
        )
    return gettext(
        "{file} cannot be read ({why}): {user} may not read it{state}. "
        "As its owner: `setfacl -R -m u:{user}:rX {file}`, or `chmod -R o+rX {file}`.",
        file=str(closed),
        why=why,
        user=user,
        state=_state(closed),
    )


def is_kernels(place: Path) -> bool:
    """Whether a place is one where no model lies, whatever there looks like one.

    Args:
        place: absolute.
    """
    return any(place.is_relative_to(one) for one in KERNELS)


def first_closed(place: Path) -> tuple[Path, Right] | None:
    """The first folder on the way to a place that this process may not enter, or what it may not read at its end.

    Links are followed as the kernel follows them.

    Args:
        place: absolute.

    Returns:
        None where all is open, or something on the way is not there.
    """
    left, at, links = [*reversed(place.parts[1:])], Path(place.anchor), 0
    while left:
        if not _may(at, os.X_OK):
            return at, "enter"
        name = left.pop()
        try:
            pointed = (at / name).readlink()
        except OSError:
            at = at.parent if name == ".." else at / name
            continue
        links += 1
        if links > LINKS:
            return None
        at = Path(pointed.anchor) if pointed.is_absolute() else at
        left += reversed(pointed.parts[1:] if pointed.is_absolute() else pointed.parts)
    try:
        is_folder = stat.S_ISDIR(at.stat().st_mode)
    except OSError:
        return None
    if is_folder and not _may(at, os.X_OK):
        return at, "enter"
    return None if _may(at, os.R_OK) else (at, "read")


def _may(place: Path, right: int) -> bool:
    """Whether the worker's user has that right; True where nothing is known."""
    try:
        place.stat()
    except OSError:
        return True
    return os.access(place, right, effective_ids=os.access in os.supports_effective_ids)


def hidden_below(place: Path) -> Path | None:
    """The folder that holds a place and of which this process, a service, sees nothing: `ProtectHome=`.

    Args:
        place: absolute; need not be there.

    Returns:
        None also where this is no service of systemd.
    """
    folder = next((one for one in HIDDEN if place.is_relative_to(one)), None)
    if folder is None or SERVICE not in os.environ:
        return None
    try:
        return None if any(folder.iterdir()) else folder
    except FileNotFoundError:
        return None
    except OSError:
        return folder if _mode(folder) == 0 else None  # which is how it is made inaccessible


def require_mounted(*folders: Path, tables: MountTables) -> None:
    """Let nobody take what lies in a mount point for what should be mounted there.

    Args:
        folders: of a model that has faults.
        tables: where this machine says what should be mounted.

    Raises:
        ModelAway: it is not.
    """
    for folder in folders:
        point = tables.unmounted(folder.absolute())
        if point is not None:
            raise ModelAway(
                gettext(
                    "{folder}: nothing is mounted on {point}, and what lies there is no whole model: mount its disk or "
                    "share.",
                    folder=str(folder.absolute()),
                    point=point,
                )
            )


def is_bare(folder: Path, *, tables: MountTables) -> bool:
    """Whether a disk or share is likely to be mounted in a folder at other times: it is missing or empty, or should be.

    Args:
        folder: absolute.
        tables: where this machine says what should be mounted.
    """
    try:
        return tables.unmounted(folder) is not None or not any(folder.iterdir())
    except OSError:
        return True


def require_place(folder: Path, *, tables: MountTables) -> None:
    """Let nobody make or look for models below a mount point on which nothing is mounted.

    Args:
        folder: of models; need not be there.
        tables: as `require_mounted`.

    Raises:
        ModelAway: nothing is mounted there.
        OSError: it is there, and cannot be reached.
    """
    with suppress(FileNotFoundError):
        folder.stat()
    point = tables.unmounted(folder.absolute())
    if point is not None:
        raise ModelAway(
            gettext(
                "{folder}: nothing is mounted on {point}: mount its disk or share, then call again.",
                folder=str(folder.absolute()),
                point=point,
            )
        )


def user_name() -> str:
    """Who this process is, as commands name it."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _mode(place: Path) -> int | None:
    try:
        return stat.S_IMODE(place.stat().st_mode)
    except OSError:
        return None


def _state(place: Path) -> str:
    try:
        about = place.stat()
    except OSError:
        return ""
    try:
        owner = pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        owner = str(about.st_uid)
    return gettext(" (mode {mode}, of {owner})", mode=f"{stat.S_IMODE(about.st_mode):o}", owner=owner)
