"""A dropped job as bytes: its `job.yaml` and the files beside it, and nothing outside.

`disk.content` opens files so that links and pipes do no harm; here each refusal gets the remedy its author needs.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from worker.disk import content
from worker.disk.content import NotAJob
from worker.disk.json_records import read_head
from worker.disk.lone_table import is_table
from worker.disk.returned_folder import JOB_FOLDER, MARKS, is_returned, name_in_job
from worker.plain_names import YAML_ENDINGS, composed, is_litter, is_plain_file_name
from worker.problem import EXAMPLES, Problem, legible
from worker.records import JOB_FILE
from worker.translation import Text, gettext
from worker.yaml_reader.document import Misread, clipped
from worker.yaml_reader.problems import did_you_mean

BACKUPS = ("~", ".bak", ".tmp", ".swp", ".orig")
"""Endings of what editors leave beside a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An open job file or job folder."""

    is_folder: bool
    descriptor: int
    is_returned: bool = False
    """A finished or failed folder of ours: the job's other files lie in its `job/`."""

    def job(self, max_bytes: int) -> bytes:
        """The job file's bytes, at most `max_bytes` + 1 of them.

        Raises:
            Misread: a folder without `job.yaml`.
        """
        if self.is_folder:
            return self.beside(JOB_FILE, max_bytes=max_bytes)
        with open(self.descriptor, "rb", closefd=False) as file:
            return file.read(max_bytes + 1)

    def beside(self, name: str, *, max_bytes: int) -> bytes:
        """The bytes of another file of the folder, at most `max_bytes` + 1 of them.

        Args:
            name: a plain name, without any folder.
            max_bytes: most bytes wanted.

        Raises:
            Misread: no such file, or not a regular one.
            OSError: the share failed.
        """
        present = self._present() if name != JOB_FILE else ()
        spellings = {one for one in present if composed(one) == composed(name)} or {name}
        if len(spellings) > 1:
            raise Misread(_two_spellings(name))
        try:
            with told(name), self._opened(spellings.pop()) as file:
                return file.read(max_bytes + 1)
        except FileNotFoundError:
            present = self._present()
            message = gettext(
                "There is no file `{name}` in the job's folder.{remedy}",
                name=clipped(name),
                remedy=_remedy(name, present),
            )
            raise Misread(message) from None
        except (NotAJob, IsADirectoryError):
            message = gettext("`{name}` is not a regular file. Copy the file itself into the job's folder.", name=name)
            raise Misread(message) from None

    def recorded_name(self) -> str | None:
        """The job's name as our manifest or error.json has it; None in any other folder.

        Raises:
            OSError: the share failed.
        """
        marks = sorted(MARKS, reverse=True) if self.is_returned else []  # a refused job has no manifest
        names = (read_head(mark, folder=self.descriptor).get("name") for mark in marks)
        return next((legible(name) for name in names if isinstance(name, str)), None)

    def job_file(self, folder: str, *, shown: str) -> str:
        """How problems call the job file.

        Args:
            folder: how they call the folder, if that is what was dropped.
            shown: how they call the file, if it is one.
        """
        return f"{folder}/{JOB_FILE}" if self.is_folder else shown

    def file_beside(self, name: str, *, job_file: str) -> str:
        """How problems call another file of the job.

        Args:
            name: of the file.
            job_file: how they call the job file.
        """
        return f"{job_file.rpartition('/')[0]}/{name}"

    @property
    def is_lone_table(self) -> bool:
        """Whether it is a table by itself: then that is its products, whatever its template says."""
        return False

    def only_table(self) -> str | None:
        """Name of the only table among the job's files; None where there is none, or several."""
        present = self._present() if self.is_folder else ()
        tables = {name for name in present if is_table(name) and is_plain_file_name(name) and not is_litter(name)}
        return tables.pop() if len(tables) == 1 else None

    def unused(self, table: str, *, job: str) -> list[Problem]:
        """A warning, if there are files in the folder that the job does not use.

        Args:
            table: name of the products' file, which is used; empty for none.
            job: how problems call the job file.

        Raises:
            OSError: the share failed.
        """
        used = {JOB_FILE, composed(table)}
        names = self._beside_job() if self.is_folder else ()
        idle = sorted(legible(name) for name in names if composed(name) not in used and not _is_left_over(name))
        if not idle:
            return []
        message = gettext("`{name}` lies in the job's folder, and nothing uses it.", name=clipped(idle[0]))
        remedy = gettext("Name a table under the key `products`; take out what is not of this job.")
        return [
            Problem(
                file=job,
                line=0,
                column=0,
                where="",
                message=message,
                is_warning=True,
                rule="job.unused_file",
                remedy=remedy,
                count=len(idle),
                examples=tuple(clipped(name) for name in idle[:EXAMPLES]) if len(idle) > 1 else (),
            )
        ]

    def _beside_job(self) -> list[str]:
        """Names beside the job file; in a folder of ours those below `job/`."""
        if not self.is_returned:
            return os.listdir(self.descriptor)  # noqa: PTH208 - a Path cannot list a descriptor
        with suppress(OSError, NotAJob), content.opened_either(JOB_FOLDER, folder=self.descriptor) as folder:
            return os.listdir(folder)  # noqa: PTH208 - likewise
        return []

    @contextmanager
    def _opened(self, name: str) -> Iterator[BufferedReader]:
        """A file of the job: below `job/` first, in a folder of ours."""
        with ExitStack() as held:
            found = None
            if self.is_returned and name != JOB_FILE:
                with suppress(FileNotFoundError, NotADirectoryError):
                    folder = held.enter_context(content.opened_either(JOB_FOLDER, folder=self.descriptor))
                    found = held.enter_context(content.opened(name, folder=folder))
            yield found or held.enter_context(content.opened(name, folder=self.descriptor))

    def _present(self) -> list[str]:
        """Names of the job's files."""
        if not self.is_returned:
            return self._beside_job()
        names = os.listdir(self.descriptor)  # noqa: PTH208 - a Path cannot list a descriptor
        return [*(name for name in names if name_in_job(name) is not None), *self._beside_job()]


def _is_left_over(name: str) -> bool:
    """Whether a system, a copier or an editor has left it there."""
    return is_litter(name) or name.lower().endswith(BACKUPS)


def _two_spellings(name: str) -> Text:
    return gettext(
        "Two files in the job's folder are called `{name}`: one in composed letters, as Windows writes them, one in"
        " decomposed ones, as a Mac does. Keep the right one, and delete the other.",
        name=clipped(name),
    )


def _remedy(name: str, present: Sequence[str]) -> str:
    """What may have been meant by a name that is not among those present."""
    plain = sorted(filter(is_plain_file_name, present))
    jobs = [one for one in plain if one.lower().endswith(YAML_ENDINGS)]
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
    with ExitStack() as held:
        try:
            with told(path.name):
                descriptor = held.enter_context(content.opened_either(path))
        except NotAJob:
            message = gettext("This is neither a file nor a folder. Drop a .yaml file or a folder with job.yaml.")
            raise Misread(message) from None
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        names = os.listdir(descriptor) if is_folder else []  # noqa: PTH208 - a Path cannot list a descriptor
        yield Dropped(is_folder=is_folder, descriptor=descriptor, is_returned=is_returned(names))


@contextmanager
def told(name: str) -> Iterator[None]:
    """What an author can do about a file that cannot be opened.

    Args:
        name: of the file.

    Raises:
        Misread: it is a link or a socket.
        FileNotFoundError: likewise for a name that is too long for any file.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None
        if error.errno == errno.ELOOP:
            raise Misread(gettext("`{name}` is a link. Copy the file itself instead.", name=name)) from None
        if error.errno == errno.ENXIO:
            message = gettext("`{name}` is not a regular file. Copy the file itself instead.", name=name)
            raise Misread(message) from None
        raise
