"""A dropped job as bytes: its `job.yaml` and the files beside it, and nothing outside.

Knows how to open files so that links, pipes and huge files do no harm.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from worker.job.file_names import is_plain_file_name
from worker.translation import gettext
from worker.yaml_reader.document import Misread, clipped
from worker.yaml_reader.problems import did_you_mean

JOB_FILE = "job.yaml"

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""No link is followed, and opening a pipe does not wait for a writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An open job file or job folder."""

    is_folder: bool
    descriptor: int

    def job(self, max_bytes: int) -> bytes:
        """The job file's bytes, at most `max_bytes` + 1 of them.

        Raises:
            Misread: a folder without `job.yaml`.
        """
        if self.is_folder:
            return self.beside(JOB_FILE, max_bytes=max_bytes)
        return _content(self.descriptor, max_bytes)

    def beside(self, name: str, *, max_bytes: int) -> bytes:
        """The bytes of another file of the folder, at most `max_bytes` + 1 of them.

        Args:
            name: a plain name, without any folder.
            max_bytes: most bytes wanted.

        Raises:
            Misread: no such file, or not a regular one.
            OSError: the share failed.
        """
        try:
            descriptor = _open(name, folder=self.descriptor)
        except FileNotFoundError:
            present = os.listdir(self.descriptor)  # noqa: PTH208 - a Path cannot list a descriptor
            message = gettext(
                "There is no file `{name}` in the job's folder.{remedy}",
                name=clipped(name),
                remedy=_remedy(name, present),
            )
            raise Misread(message) from None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                message = gettext(
                    "`{name}` is not a regular file. Copy the file itself into the job's folder.", name=name
                )
                raise Misread(message)
            return _content(descriptor, max_bytes)
        finally:
            os.close(descriptor)


def _remedy(name: str, present: Sequence[str]) -> str:
    """What may have been meant by a name that is not among those present."""
    plain = sorted(filter(is_plain_file_name, present))
    jobs = [one for one in plain if one.lower().endswith((".yaml", ".yml"))]
    if name != JOB_FILE:
        return did_you_mean(name, plain)
    if len(jobs) == 1:
        return gettext(" Did you mean `{word}`?", word=jobs[0])
    return gettext(" Name the job file {name}.", name=JOB_FILE)


@contextmanager
def opened(path: Path) -> Iterator[Dropped]:
    """Open a dropped file or folder.

    Raises:
        Misread: neither a regular file nor a folder.
        OSError: it is gone, or the share failed.
    """
    descriptor = _open(str(path))
    try:
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise Misread(gettext("This is neither a file nor a folder. Drop a .yaml file or a folder with job.yaml."))
        yield Dropped(is_folder=stat.S_ISDIR(mode), descriptor=descriptor)
    finally:
        os.close(descriptor)


def _open(name: str, *, folder: int | None = None) -> int:
    try:
        return os.open(name, _FLAGS, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None
        if error.errno == errno.ELOOP:
            message = gettext("`{name}` is a link. Copy the file itself instead.", name=Path(name).name)
            raise Misread(message) from None
        if error.errno == errno.ENXIO:
            message = gettext("`{name}` is not a regular file. Copy the file itself instead.", name=Path(name).name)
            raise Misread(message) from None
        raise


def _content(descriptor: int, max_bytes: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read(max_bytes + 1)
