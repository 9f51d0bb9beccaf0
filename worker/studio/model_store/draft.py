"""The draft: the hidden folder beside a model to be, which keeps what is finished when somebody stops the work.

Knows which of its files are whole, and from which source each was made.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from worker.disk.beneath import plain_files_in, remove_file
from worker.disk.durable import make_folder, remove_tree, write_json
from worker.disk.json_records import read_record
from worker.disk.temporaries import remove_temporaries
from worker.errors import ModelAway, ModelInvalid, UsageError, WorkerError
from worker.studio.model_files.checking.one_pass import ReadFile, Stamp
from worker.studio.model_files.model_record import RecordedFile
from worker.studio.model_store.copy_plan import SourceFile
from worker.translation import gettext

DONE = "done.json"
"""Which source files were read, and what became of each; goes when the model is whole."""
ENDING = ".adding"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a person can only mend by making room, of which the draft holds some."""


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """While files of a copy are written.

    Args:
        target: the folder to be.

    Raises:
        UsageError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            gettext(
                "{target} cannot be written ({why}): check space and rights there.",
                target=str(target),
                why=error.strerror or str(error),
            )
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of a source file."""

    files: Mapping[str, RecordedFile]
    """By name in the copy."""
    read: ReadFile
    """The source file."""


class Draft:
    """A hidden folder that becomes the model's."""

    def __init__(self, target: Path) -> None:
        """Name it; nothing is made yet.

        Args:
            target: the folder to be, absolute.

        Raises:
            UsageError: something else lies in its place.
        """
        self.target = target
        self.folder = target.with_name(f".{target.name}{ENDING}")
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise UsageError(
                gettext(
                    "{folder}, where a copy is written until it is whole, is a link or a file: remove it.",
                    folder=str(self.folder),
                )
            )
        self._done: dict[str, Any] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, or take up the one that an earlier call has left; nobody else writes into it meanwhile.

        Raises:
            UsageError: somebody does, or it cannot be made.
        """
        with writing(self.target):
            make_folder(self.folder)
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            self._lock(descriptor)
            with writing(self.target):
                remove_temporaries(self.folder, but=())
                self._done = read_record(self.folder / DONE)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise UsageError(
                    gettext("{target} is just being written by another call: wait for it.", target=str(self.target))
                ) from error
            # a share without such locks: two calls at once are a person's own doing

    def kept(self, source: SourceFile) -> Made | None:
        """What an earlier call made of a source file, or None where it must be read.

        Raises:
            OSError: the source cannot be looked at.
        """
        entry = self._done.get(str(source.path), {})
        try:
            if Stamp(**entry["stamp"]) != Stamp.of(source.path.stat()):
                return None
            files = {
                name: RecordedFile(sha256=one["sha256"], stamp=Stamp(**one["stamp"]))
                for name, one in entry["files"].items()
            }
            expected = {target.name: target.whole_bytes for target in source.targets}
            if {name: one.stamp.size for name, one in files.items()} != expected:
                return None
            read = ReadFile(stamp=Stamp(**entry["stamp"]), **entry["hashes"])
            is_there = all(one.holds(self.folder / name) for name, one in files.items())
            return Made(files=files, read=read) if is_there else None
        except (TypeError, KeyError, AttributeError, FileNotFoundError, NotADirectoryError):
            return None

    def keep(self, source: SourceFile, made: Made) -> None:
        """Remember what became of a source file.

        Args:
            source: whose bytes were read.
            made: of it.

        Raises:
            OSError: it cannot be written.
        """
        files = {name: {"sha256": one.sha256, "stamp": asdict(one.stamp)} for name, one in made.files.items()}
        hashes = {name: getattr(made.read, name) for name in ("sha256", "git_sha1", "md5")}
        self._done[str(source.path)] = {"stamp": asdict(made.read.stamp), "hashes": hashes, "files": files}
        write_json(self.folder / DONE, self._done, below=self.folder)

    def clear(self, *, but: Collection[str]) -> None:
        """Remove what an earlier call made of something else.

        Args:
            but: names of the files that belong here.

        Raises:
            OSError: one cannot be removed.
        """
        for name in plain_files_in(self.folder):
            if name not in but and name != DONE:
                remove_file(self.folder / name, below=self.folder)

    @contextmanager
    def finished(self) -> Iterator[None]:
        """Forget how it came about, while it gets its name; remember it where it does not.

        Raises:
            OSError: what tells it cannot be removed.
        """
        is_named = False
        try:
            (self.folder / DONE).unlink(missing_ok=True)
            yield
            is_named = True
        finally:
            if not is_named:
                with suppress(OSError):
                    write_json(self.folder / DONE, self._done, below=self.folder)

    def given_up(self, error: WorkerError) -> WorkerError:
        """Give its room back where the next call could not go on with it; what cannot be removed stays.

        Args:
            error: for which nothing more is written.

        Returns:
            The same, with what was kept where its own words do not say it.
        """
        cause = error.__cause__
        is_unwritten = isinstance(error, UsageError) and isinstance(cause, OSError)
        is_full = is_unwritten and isinstance(cause, OSError) and cause.errno in FULL
        if (is_full or isinstance(error, ModelInvalid)) and not isinstance(error, ModelAway):
            is_gone = self._removed()
            return UsageError(gettext("{error} Nothing of it was kept.", error=error)) if is_full and is_gone else error
        if is_unwritten:
            return UsageError(gettext("{error} What is finished is kept: the same call goes on after it.", error=error))
        return error

    def _removed(self) -> bool:
        try:
            remove_tree(self.folder)
        except OSError:
            return False
        return True
