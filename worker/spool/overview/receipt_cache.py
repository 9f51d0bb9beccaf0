"""What receipts say, for an onlooker: each is read once, and again when it has changed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from worker.disk.record_fields import LONGEST
from worker.plain_names import is_litter
from worker.spool.layout import Folders
from worker.spool.receipts import ENDING, ReceiptText, read_receipt, receipt_name

MOST_READ = 1_000
"""Receipts that are opened at one look: on a share each takes some milliseconds. The rest is read at the next."""
PROBLEMS = re.compile(r"\d+ problems?[:,] |有 \d+ 个问题")
"""Begins the reason of a job that is invalid, in every language of receipts."""


class ReceiptCache:
    """The receipts of one spool, as far as they were read."""

    def __init__(self, folders: Folders) -> None:
        """Keep the place; nothing is read.

        Args:
            folders: of the spool.
        """
        self._folders = folders
        self._read: dict[str, tuple[tuple[int, int, int], ReceiptText]] = {}

    def look(self) -> Mapping[str, ReceiptText]:
        """What each says, by its file's name; a reason of one that was not read yet is empty.

        Raises:
            OSError: the share failed.
        """
        stamps = _stamps(self._folders.receipts)
        self._read = {file: held for file, held in self._read.items() if stamps.get(file) == held[0]}
        unread = [file for file in sorted(stamps) if file not in self._read]
        for file in unread[:MOST_READ]:
            self._read[file] = stamps[file], read_receipt(file, outbox=self._folders.outbox)
        told = {file: held[1] for file, held in self._read.items()}
        return told | {file: ReceiptText(file=file, why="", warnings=0) for file in unread[MOST_READ:]}


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(ENDING) and not is_litter(entry.name) and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found[entry.name] = status.st_ino, status.st_mtime_ns, status.st_size
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return found
    return found


def reason_for(name: str, told: Mapping[str, ReceiptText]) -> tuple[str, str | None, int]:
    """Why a name waits (empty where it only waits for its turn), its receipt's file, and how many warnings it has.

    Args:
        name: in the inbox, or as it was dropped.
        told: as `ReceiptCache.look` gave it.
    """
    said = told.get(receipt_name(name))
    if said is None:
        return "", None, 0
    return "" if said.warnings and not is_invalid(said.why) else said.why[:LONGEST], said.file, said.warnings


def is_invalid(why: str) -> bool:
    """Whether that is the reason of a job with problems."""
    return PROBLEMS.match(why) is not None
