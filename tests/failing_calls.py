"""File-system calls that fail where a test says so, with real files below them.

Every call of `os` and `io.open` that the worker's rooms make on paths is met; one by descriptor is known by its path.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

CALLS = (
    "open", "stat", "lstat", "listdir", "scandir", "rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir",
    "fsync", "fstat", "statvfs",
)  # fmt: skip
"""Of the module `os`. Besides: `read`, `write` and `close` of files opened by `open` or `io.open`."""
EVERY = (*CALLS, "read", "write", "close")
TWO_PATHS = ("rename", "replace", "link")
CHANGING = (*TWO_PATHS, "unlink", "mkdir", "rmdir")

Fails = Callable[[str, str], int | None]
"""Given the call and the path, which error it meets, or None; negative where the call is done and reports it all the
same, as a share whose reply was lost: only of CHANGING."""

_readlink = os.readlink


class FailingCalls:
    """Asks `fails` before each call."""

    def __init__(self, fails: Fails) -> None:
        self._fails = fails
        self._is_asking = False
        self.met: list[tuple[str, str]] = []
        """Calls that failed, with their paths."""

    def meet(self, call: str, path: object, folder: int | None = None) -> OSError | None:
        """The error that the call reports once it is done, if there is one.

        Raises:
            OSError: it fails before.
        """
        if self._is_asking:
            return None
        self._is_asking = True
        try:
            name = _path_of(path, folder)
            error = None if name is None else self._fails(call, name)
        finally:
            self._is_asking = False
        if error is None:
            return None
        self.met.append((call, name or ""))
        failure = OSError(abs(error), os.strerror(abs(error)), name)
        if error > 0:
            raise failure
        return failure

    @contextmanager
    def installed(self) -> Iterator[FailingCalls]:
        with pytest.MonkeyPatch.context() as patch:
            opening = self._opening(io.open)
            asked = [(os, name, self._asked(name, getattr(os, name))) for name in CALLS]
            for module, name, call in (*asked, (io, "open", opening), (builtins, "open", opening)):
                patch.setattr(module, name, call)
            yield self

    def _asked(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        keys = ("src_dir_fd", "dst_dir_fd") if name in TWO_PATHS else ("dir_fd",)

        def asked(*args: object, **named: object) -> object:
            late = [self.meet(name, path, named.get(key)) for path, key in zip(args, keys, strict=False)]
            done = call(*args, **named)
            for failure in late:
                if failure is not None:
                    raise failure
            return done

        return asked

    def _opening(self, usual: Callable[..., object]) -> Callable[..., object]:
        def opening(file: object, mode: str = "r", *args: object, **named: object) -> object:
            if not isinstance(file, int):
                self.meet("open", file)
            if "b" not in mode or "+" in mode or named.get("opener"):
                return usual(file, mode, *args, **named)
            raw = FailingFile(file, mode.replace("b", ""), closefd=bool(named.get("closefd", True)), calls=self)
            return io.BufferedReader(raw) if raw.readable() else io.BufferedWriter(raw)

        return opening


class FailingFile(io.FileIO):
    """A file whose reads, writes and close are met."""

    def __init__(self, file: object, mode: str, *, closefd: bool, calls: FailingCalls) -> None:
        super().__init__(file, mode, closefd=closefd)  # type: ignore[arg-type]
        self._calls = calls

    def readinto(self, buffer: object) -> int | None:
        self._calls.meet("read", self.fileno())
        return super().readinto(buffer)  # type: ignore[arg-type]

    def readall(self) -> bytes:
        self._calls.meet("read", self.fileno())
        return super().readall()

    def write(self, data: object) -> int | None:
        self._calls.meet("write", self.fileno())
        return super().write(data)  # type: ignore[arg-type]

    def close(self) -> None:
        path = None if self.closed else _path_of(self.fileno())
        super().close()
        if path is not None:
            self._calls.meet("close", path)


def _path_of(path: object, folder: object = None) -> str | None:
    """The whole path, also of an open file, or of a name that counts from an open folder."""
    if isinstance(path, int):
        try:
            return _readlink(f"/proc/self/fd/{path}")
        except OSError:
            return None
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    name = os.fsdecode(path)
    above = _path_of(folder) if isinstance(folder, int) and not name.startswith("/") else None
    return name if above is None else f"{above}/{name}"
