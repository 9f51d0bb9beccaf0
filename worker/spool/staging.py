"""The folder a claim writes into until it is whole."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.content import PIECE_BYTES, NotAJob, file_hash, pieces
from worker.disk.durable import make_folder, write_pieces
from worker.disk.looks import is_folder
from worker.disk.moves import is_linked
from worker.publishing_ports import NotAsWritten, NotStaged
from worker.records import StagedFile
from worker.spool.layout import PARTIAL, partial_name
from worker.spool.space import Shortfall
from worker.translation import gettext

STAGED_BYTES = 512 * 1024 * 1024
"""Of a file that is read whole, a picture or its sidecar; more is none of ours."""


class FolderStaging:
    """Satisfies `spool_ports.Staging`."""

    def __init__(
        self,
        path: Path,
        *,
        earlier: tuple[Path, ...] = (),
        sources: Sequence[Path] = (),
        shortfall: Shortfall | None = None,
        went_on: Callable[[], None] = lambda: None,
    ) -> None:
        """Make the folder, or find it again.

        Args:
            path: `.../NAME.<claim>.partial`.
            earlier: folders of the job's former claims, newest first.
            sources: folders of finished pictures that the job keeps: its proof's, and of a job that is made again
                that in which it had ended; each may be gone.
            shortfall: hears of writes that fail for want of room.
            went_on: called after every file, and piece of one, that was written or read.
        """
        self._path = path
        self.earlier_paths = earlier
        self._sources = sources
        self._shortfall = shortfall or Shortfall()
        self._went_on = went_on
        self._hashes: dict[str, str] = {}
        self._make(path)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._path

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 by name of everything written or read through this object."""
        return self._hashes

    def write(self, file: StagedFile) -> None:
        """Write whole or not at all; durable when it returns."""
        self.copy(file.name, lambda: (file.data,))

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Likewise, a piece at a time.

        Args:
            name: relative to the folder, with `/`.
            pieces: makes the file's bytes.
        """
        target = self.path / name
        with self._shortfall.watching(pieces()) as counted:
            self._make(target.parent)
            self._hashes[name] = write_pieces(target, self._told(counted), below=self.path.parent)

    def _told(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._went_on()
            yield piece

    def _make(self, folder: Path) -> None:
        """Make a folder of this claim's alone: a link that somebody put in its place goes.

        The root is never made: what is missing is a share that went away, not a folder to fill.
        """
        make_folder(folder, below=self.path.parent, over_links=True)

    def read(self, name: str) -> bytes:
        """The bytes of a staged file, through a fresh open.

        Raises:
            NotStaged: there is no such file, or something else in its place.
            FileNotFoundError: the folder itself is gone.
        """
        try:
            data = _read(self.path / name, below=self.path.parent)
        except FileNotFoundError as error:
            if not self.path.is_dir():
                raise
            raise NotStaged(*error.args) from error
        self._went_on()
        self._hashes.setdefault(name, hashlib.sha256(data).hexdigest())  # it stays, so it must read back like this
        return data

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex, through a fresh open."""
        self._went_on()
        try:
            return file_hash(self.path / name, below=self.path.parent)
        except NotAJob as refusal:
            raise FileNotFoundError(errno.ENOENT, refusal.why, str(self.path / name)) from refusal

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in the newest former claim's folder that has it, or None.

        Raises:
            FileNotFoundError: a folder is gone that was there: the share may be away.
        """
        self._went_on()
        for folder in self.earlier_paths:
            try:
                return _read(folder / name, below=folder.parent)
            except FileNotFoundError:
                if not folder.is_dir():
                    raise
        return None

    def finished(self, name: str) -> bytes | None:
        """The bytes of that file in a folder of finished pictures that the job keeps, or None."""
        self._went_on()
        for source in self._sources:
            with suppress(FileNotFoundError, PermissionError):
                return _read(source / name, below=source.parent)
        return None

    def keep(self, files: Sequence[StagedFile]) -> None:
        """Take over files that `earlier` gave: by a second name, else by a copy; only then they leave their place."""
        sources = [(file, self._earlier_path(file.name)) for file in files]
        for file, source in sources:
            target = self.path / file.name
            self._make(target.parent)
            if source is not None and is_linked(source, target, below=self.path.parent):
                self._hashes[file.name] = hashlib.sha256(file.data).hexdigest()
                continue
            self.write(file)
            if self.read_hash(file.name) != self._hashes[file.name]:
                raise NotAsWritten(errno.EIO, gettext("does not read back as it was written"), str(target))
        for _, source in reversed(sources):  # the sidecar first: what is left of a picture is none
            if source is not None:
                remove_file(source, below=self.path.parent)
        self._went_on()

    def _earlier_path(self, name: str) -> Path | None:
        """Where `earlier` has found it."""
        return next((folder / name for folder in self.earlier_paths if (folder / name).is_file()), None)


def _read(path: Path, *, below: Path) -> bytes:
    try:
        data = b"".join(islice(pieces(path, below=below), STAGED_BYTES // PIECE_BYTES + 1))
    except (NotAJob, IsADirectoryError) as refusal:
        raise FileNotFoundError(errno.ENOENT, str(refusal), str(path)) from refusal
    if len(data) > STAGED_BYTES:
        raise FileNotFoundError(errno.ENOENT, gettext("larger than any file of a picture"), str(path))
    return data


def partials_of(root: Path, claim_ids: tuple[str, ...]) -> tuple[Path, ...]:
    """Staging folders of these claims that are there, in the order of the claims.

    Args:
        root: `outbox` or `failed`.
        claim_ids: of the claims; an id that has no folder is passed over, and so is a link or a file in its place.

    Raises:
        OSError: the share failed.
    """
    if not claim_ids:  # thousands may lie there
        return ()
    names = [path.name for path in root.iterdir() if path.name.endswith(PARTIAL)]
    found = [root / name for claim_id in claim_ids for name in names if name.endswith(partial_name("", claim_id))]
    return tuple(path for path in found if is_folder(path))
