"""What `doctor` finds out about the folders, the settings and the machine's compiler.

Knows what a healthy folder looks like, and what torch's compiler needs of the system.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.errors import ExitCode

CLOCK_SKEW_S = 60.0
"""Beyond this the times in reports mislead; ownership never depends on it."""
LOW_SPACE_BYTES = 2 * 1024**3
"""Some 1,000 pictures of 1024x1024 in PNG."""

REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `doctor`."""

    mark: Literal["ok", "warn", "FAIL"]
    what: str
    text: str
    exit_code: ExitCode = ExitCode.DONE
    """What `run` would exit with because of it."""

    def __str__(self) -> str:
        return f"{self.mark:<4}  {self.what:<10}  {self.text}"


def compiler_finding(search_path: str | None, include: Path) -> Finding:
    """Whether torch's compiler finds what it needs; it asks for these two (source: triton's build of its launcher).

    Args:
        search_path: folders of programs, as in `PATH`.
        include: folder of Python's headers.
    """
    compiler = next(filter(None, (shutil.which(name, path=search_path) for name in ("gcc", "clang"))), None)
    missing = [] if compiler else ["no C compiler"]
    missing += [] if (include / "Python.h").is_file() else [f"no {include / 'Python.h'}"]
    if not missing:
        return Finding(mark="ok", what="compiler", text=f"{compiler} and Python's headers are there.")
    return Finding(
        mark="warn",
        what="compiler",
        text=f"{' and '.join(missing)}: pictures will be made without compiled code, at 1.7 times the time (measured, "
        "H100). Install them with `apt install gcc python3-dev`, or set `compile: never`.",
    )


def folder_findings(folders: Mapping[str, Path], mounts: str) -> Iterator[Finding]:
    """Kind of file system, rename, clock and space of each folder.

    Args:
        folders: by name; those that exist.
        mounts: text of /proc/self/mountinfo.
    """
    for name, folder in folders.items():
        kind = file_system(folder.resolve(), mounts)
        where = f"{folder} ({kind}{', a network drive' if kind in REMOTE else ''})"
        try:
            skew_s = _probe(folder)
            free = shutil.disk_usage(folder).free
        except OSError as error:
            text = f"{where}: cannot write, sync and rename here: {error.strerror}. Check the mount and its rights."
            yield Finding(mark="FAIL", what=name, text=text, exit_code=ExitCode.FOLDERS_UNUSABLE)
            continue
        yield Finding(mark="ok", what=name, text=f"{where}: writing, syncing and renaming work.")
        if abs(skew_s) > CLOCK_SKEW_S:
            text = f"its clock differs by {skew_s:.0f} s: times in reports will mislead; turn on NTP on both sides."
            yield Finding(mark="warn", what=name, text=text)
        if free < LOW_SPACE_BYTES:
            yield Finding(mark="warn", what=name, text=f"{free / 1024**3:.1f} GiB free: make room before the night.")


def _probe(folder: Path) -> float:
    """Write, sync and rename a file.

    Returns:
        Seconds by which the folder's clock is ahead of ours.

    Raises:
        OSError: one of them does not work here.
    """
    probe = folder / f".zimage-worker-doctor-{os.getpid()}"
    with probe.open("xb") as file:
        file.write(b"probe")
        file.flush()
        os.fsync(file.fileno())
    skew_s = probe.stat().st_mtime - time.time()
    renamed = probe.rename(probe.with_name(probe.name + "-renamed"))
    renamed.unlink()
    return skew_s


def file_system(path: Path, mounts: str) -> str:
    """Type of the file system that holds a path, as the kernel names it.

    Args:
        path: absolute, without symbolic links.
        mounts: text of /proc/self/mountinfo (source: proc_pid_mountinfo(5)).
    """
    best, kind = "", "unknown"
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].encode().decode("unicode_escape")
        is_above = point == "/" or str(path) == point or str(path).startswith(point + "/")
        if is_above and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def setting_findings(values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Finding]:
    """Each setting that is not a default, and where it came from."""
    for name, value in values.items():
        if origins[name] != "default":
            yield Finding(mark="ok", what="setting", text=f"{name} = {value}  ({origins[name]})")
