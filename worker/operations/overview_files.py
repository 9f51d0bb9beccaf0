"""The files of the overview in the outbox: each written whole by rename, and nobody else's file replaced."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import remove_file
from worker.disk.content import NO_PLAIN_FILE, NotAJob, opened
from worker.disk.durable import make_folder, replace_pieces
from worker.disk.returned_folder import MARKS as JOB_MARKS
from worker.operations.overview_turns import Marks, marks_in
from worker.translation import Text, gettext

HEAD_BYTES = 1024
"""Of a page: its marks stand there."""
_MARKS = re.compile(rb'<meta name="zimage-worker" content="([ -~]{1,200}?)">')
PAGE_ENDING = ".html"


class NotOurs(OSError):
    """Raised where a file or folder lies in the place of one of these that no worker has made; move it away."""

    def __init__(self, why: Text) -> None:
        """Keep the reason, for a person."""
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        """The reason alone."""
        return self.why


class OverviewFiles:
    """Those of one outbox."""

    def __init__(self, outbox: Path, *, folder: str, front: str = "index.html") -> None:
        """Keep the places; nothing is touched.

        Args:
            outbox: of the spool.
            folder: name of the folder in it that holds all but the front page.
            front: name of the front page.
        """
        self._outbox = outbox
        self._folder = outbox / folder
        self._front = outbox / front
        self._known: dict[str, str] = {}
        """Digests of the night pages that are known to have been there, by name."""
        self._present: set[str] = set()
        """Names in the folder, as it was last listed."""

    def standing(self) -> Marks | None:
        """The marks of the front page that is there; None where none is.

        Raises:
            NotOurs: somebody else's file lies there.
            OSError: the share failed.
        """
        return self._marks_of(self._front)

    def has_folder(self) -> bool:
        """Whether the folder is there, or can be made: no job's finished folder lies there, no link, no file.

        Raises:
            OSError: the share failed.
        """
        try:
            is_folder = stat.S_ISDIR(os.lstat(self._folder).st_mode)
            self._present = {path.name for path in self._folder.iterdir()} if is_folder else set()
        except FileNotFoundError:
            self._present = set()
            return True
        return is_folder and JOB_MARKS.isdisjoint(self._present)

    @property
    def present(self) -> frozenset[str]:
        """Names of pages in the folder, as it was last listed."""
        return frozenset(name for name in self._present if name.endswith(PAGE_ENDING))

    def write_front(self, pieces: Iterable[bytes]) -> int:
        """Replace the front page; its size in bytes.

        Args:
            pieces: of it.

        Raises:
            OSError: it could not be written; the former one stands.
        """
        return replace_pieces(self._front, pieces, below=self._outbox)

    def stamp_of(self, name: str) -> tuple[int, int] | None:
        """Differs whenever somebody has replaced that file; None where there is none.

        Args:
            name: relative to the outbox.

        Raises:
            OSError: the share failed.
        """
        try:
            status = os.lstat(self._outbox / name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_ino, status.st_mtime_ns

    def front_bytes(self) -> int:
        """The size of the front page that is there, whoever has written it; 0 where none is.

        Raises:
            OSError: the share failed.
        """
        try:
            return os.lstat(self._front).st_size
        except FileNotFoundError:
            return 0

    def write_news(self, name: str, *, at: str, page: str) -> None:
        """Tell open pages when everything was looked at, and which page is the newest.

        Args:
            name: of the file, relative to the outbox.
            at: ISO 8601, UTC.
            page: marks of the newest page.

        Raises:
            OSError: it could not be written.
        """
        make_folder(self._folder, below=self._outbox)
        told = json.dumps({"at": at, "page": page})
        replace_pieces(self._outbox / name, [f"zimageWorkerNews({told});\n".encode()], below=self._outbox)

    def write_beside(self, name: str, data: bytes) -> None:
        """Replace another file of the outbox that says the same as the front page.

        Args:
            name: of the file.
            data: all of it.

        Raises:
            OSError: it could not be written; the former one stands.
        """
        replace_pieces(self._outbox / name, [data], below=self._outbox)

    def has_night(self, name: str, digest: str) -> bool:
        """Whether that page is there and says what it should.

        Args:
            name: of the page, relative to the outbox.
            digest: of what it should say.

        Raises:
            NotOurs: somebody else's file lies there.
            OSError: the share failed.
        """
        if name.rpartition("/")[2] not in self._present:
            return False
        if self._known.get(name) == digest:
            return True
        marks = self._marks_of(self._outbox / name)
        if marks is not None:
            self._known[name] = marks.state
        return marks is not None and marks.state == digest

    def write_night(self, name: str, digest: str, pieces: Iterable[bytes]) -> int:
        """Replace a page of a night; its size in bytes.

        Args:
            name: of the page, relative to the outbox.
            digest: of what it says.
            pieces: of it.

        Raises:
            OSError: it could not be written; the former one stands.
        """
        make_folder(self._folder, below=self._outbox)
        size_bytes = replace_pieces(self._outbox / name, pieces, below=self._outbox)
        self._known[name] = digest
        return size_bytes

    def keep_nights(self, wanted: Collection[str]) -> None:
        """Remove pages of nights of which no job is left.

        Args:
            wanted: names of all that are to stay, relative to the outbox.

        Raises:
            OSError: the share failed.
        """
        for file in self._present:
            if file.endswith(PAGE_ENDING) and f"{self._folder.name}/{file}" not in wanted:
                with suppress(NotOurs):
                    if self._marks_of(self._folder / file) is not None:
                        remove_file(self._folder / file, below=self._outbox)
        self._known = {name: digest for name, digest in self._known.items() if name in wanted}

    def _marks_of(self, path: Path) -> Marks | None:
        try:
            with opened(path, below=self._outbox) as file:
                head = file.read(HEAD_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (IsADirectoryError, NotAJob):
            raise _not_ours(path) from None
        except OSError as error:
            if error.errno in NO_PLAIN_FILE:
                raise _not_ours(path) from None
            raise
        if not head.strip(b"\0"):  # cut off by a power failure before its bytes were there
            return None
        found = _MARKS.search(head)
        marks = marks_in(found[1].decode()) if found else None
        if marks is None:
            raise _not_ours(path)
        return marks


def _not_ours(path: Path) -> NotOurs:
    return NotOurs(
        gettext("{path} was not made by zimage-worker: move it away, and the overview stands there.", path=path)
    )
