"""Where a service is to run: what decides the text of its units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from worker.errors import UsageError
from worker.translation import gettext

DEFAULT_NAME = "zimage-worker"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
HOMES = (PurePosixPath("/home"), PurePosixPath("/root"), PurePosixPath("/run/user"))
TEMPORARY = (PurePosixPath("/tmp"), PurePosixPath("/var/tmp"))
BROAD = {
    *map(PurePosixPath, ("/", "/home", "/root", "/var", "/srv", "/mnt", "/media", "/opt", "/usr", "/etc", "/data"))
}
"""Folders that hold others' things: never opened for writing as a whole unless a share is mounted right there."""
Home = Literal["yes", "read-only"]
"""Values of `ProtectHome=`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One service, as its units say it; paths are absolute."""

    name: str
    is_user: bool = False
    """Of a person's own service manager."""
    program: tuple[str, ...]
    settings_file: Path
    account: str = DEFAULT_NAME
    group: str = DEFAULT_NAME
    groups: tuple[str, ...] = ()
    """More groups, which are there."""
    writable: tuple[Path, ...] = ()
    mounts: tuple[str, ...] = ()
    """Units of the shares' mounts, which go after the service when the machine is shut down."""
    home: Home = "yes"
    has_own_tmp: bool = True
    has_network: bool = False
    cards: tuple[int, ...] = ()
    """One worker each; none: one worker, which chooses its card by the settings."""
    worker_id: str = ""
    """Begins the ids of workers on several cards."""
    drain_at: str | None = None
    """Time of day of one drain a night, in the place of a worker that always runs."""
    is_watched: bool = False
    """Whether somebody is to be notified when nobody works."""


def name_of(given: str) -> str:
    """A service's name, once it can be one.

    Raises:
        UsageError: it cannot.
    """
    plain = given.removesuffix(".service")
    if not _NAME.fullmatch(plain):
        raise UsageError(
            gettext(
                "--name {name}: a service's name has up to 64 letters (a to z), digits, `.`, `_` and `-`.", name=given
            )
        )
    return plain


def time_of(given: str) -> str:
    """A time of day as `22:00`.

    Raises:
        UsageError: it is none.
    """
    found = _TIME.fullmatch(given.strip())
    if found is None:
        raise UsageError(gettext("--drain-at {time}: write a time of the day such as 22:00.", time=given))
    return f"{int(found[1]):02}:{found[2]}"


def cards_of(given: str) -> tuple[int, ...]:
    """Cards by their numbers, as in `0,1`.

    Raises:
        UsageError: it is no such list.
    """
    words = [word.strip() for word in re.split("[,，]", given) if word.strip()]
    cards = sorted({int(word) for word in words if word.isascii() and word.isdigit() and int(word) < 64})
    if not cards or len(cards) != len(words):
        raise UsageError(
            gettext("--cards {cards}: write the cards' numbers with commas, such as 0,1; each once.", cards=given)
        )
    return tuple(cards)


def writable_places(folders: Iterable[Path], points: Mapping[Path, PurePosixPath]) -> tuple[Path, ...]:
    """What a service may write to: the share's mount point itself, else the folder that holds those on one disk.

    Each becomes a mount of its own for the service, and no file can be renamed from one to another: so those that lie
    together are opened together.

    Args:
        folders: absolute, without links.
        points: by folder, the mount point that holds it.
    """
    by_point: dict[PurePosixPath, list[Path]] = {}
    for folder in folders:
        by_point.setdefault(points[folder], []).append(folder)
    found: list[Path] = []
    for point, held in by_point.items():
        if point not in BROAD and not _is_system(point):
            found.append(Path(point))
            continue
        parent = _common(held)
        found += [parent] if PurePosixPath(parent) not in BROAD and not _is_a_home(parent) else held
    return outermost(found)


def outermost(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Those that lie in no other of them, each once."""
    unique = sorted(set(folders))
    return tuple(one for one in unique if not any(other != one and one.is_relative_to(other) for other in unique))


def lies_in(paths: Iterable[Path], places: Iterable[PurePosixPath]) -> tuple[Path, ...]:
    """Those of some paths that lie in one of some places.

    Args:
        paths: absolute.
        places: folders.
    """
    above = [*places]
    return tuple(path for path in paths if any(PurePosixPath(path).is_relative_to(place) for place in above))


def _is_system(point: PurePosixPath) -> bool:
    return point in TEMPORARY or point.parts[:2] in (("/", "dev"), ("/", "proc"), ("/", "sys"))


def _is_a_home(folder: Path) -> bool:
    return PurePosixPath(folder).parent == HOMES[0] or PurePosixPath(folder) in (*HOMES, *TEMPORARY)


def _common(folders: list[Path]) -> Path:
    """The folder that holds all of them: of one, itself."""
    common = folders[0]
    for folder in folders[1:]:
        while not folder.is_relative_to(common):
            common = common.parent
    return common
