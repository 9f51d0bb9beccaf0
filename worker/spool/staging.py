"""The folder a claim writes into until it is whole.

Knows one folder with one writer, and what that writer put there. Must not know what the files mean.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from worker.records import StagedFile
from worker.spool.durable import make_folder, write_file
from worker.spool.layout import PARTIAL, partial_name


class FolderStaging:
    """Satisfies `ports.Staging`."""

    def __init__(self, path: Path, *, earlier: tuple[Path, ...] = ()) -> None:
        """Make the folder, or find it again.

        Args:
            path: `.../NAME.<claim>.partial`.
            earlier: folders of the job's former claims, newest first.
        """
        self.path = path
        self.earlier_paths = earlier
        self.hashes: dict[str, str] = {}
        """SHA-256 by name of everything written through this object."""
        make_folder(path)

    def write(self, file: StagedFile) -> None:
        """Write whole or not at all; durable when it returns."""
        target = self.path / file.name
        make_folder(target.parent)
        write_file(target, file.data)
        self.hashes[file.name] = hashlib.sha256(file.data).hexdigest()

    def read(self, name: str) -> bytes:
        """The bytes of a staged file, through a fresh open."""
        return (self.path / name).read_bytes()

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in the newest former claim's folder that has it, or None."""
        for folder in self.earlier_paths:
            try:
                return (folder / name).read_bytes()
            except FileNotFoundError:
                continue
        return None


def partials_of(root: Path, claim_ids: tuple[str, ...]) -> tuple[Path, ...]:
    """Staging folders of these claims that are there, in the order of the claims."""
    names = [path.name for path in root.iterdir() if path.name.endswith(PARTIAL)]
    return tuple(root / name for claim_id in claim_ids for name in names if name.endswith(partial_name("", claim_id)))
