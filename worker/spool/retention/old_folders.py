"""Finished folders that are old enough to go, as the heads of their manifests say.

Knows the rules; whether a folder is as a worker left it, `content` tells.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.disk.json_records import read_head
from worker.disk.record_fields import moment_in, text_in
from worker.plain_names import is_litter
from worker.spool.layout import OURS, PARTIAL, Folders
from worker.spool.overview.ended import HEAD_BYTES
from worker.spool.retention import due


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What goes."""

    after_days: int
    which: frozenset[str]
    """Statuses of jobs."""
    archive: Path | None
    """None: it is deleted."""


def folders_due(folders: Folders, rules: Rules, *, now_s: float) -> list[Path]:
    """Those of outbox and failed whose jobs ended long enough ago.

    Args:
        folders: of the spool.
        rules: what goes.
        now_s: seconds since 1970.

    Raises:
        OSError: the share failed.
    """
    found = []
    for root in (folders.outbox, folders.failed):
        with os.scandir(root) as entries:
            names = [one.name for one in entries if _may_be_due(one, rules, now_s=now_s)]
        for name in names:
            head = read_head(root / name / "manifest.json", below=root, most_bytes=HEAD_BYTES)
            ended = moment_in(head, "finished_at")
            ended_s = None if ended is None else datetime.fromisoformat(ended).timestamp()
            is_due = due.is_due(ended_s, after_days=rules.after_days, now_s=now_s)
            if is_due and text_in(head, "status") in rules.which:
                found.append(root / name)
    return found


def _may_be_due(entry: os.DirEntry[str], rules: Rules, *, now_s: float) -> bool:
    """Without opening it: what was put into one, or taken out, changed the folder itself."""
    if is_litter(entry.name) or entry.name in OURS or entry.name.endswith(PARTIAL):
        return False
    with suppress(OSError):
        changed_s = entry.stat(follow_symlinks=False).st_mtime
        is_old = due.is_due(changed_s, after_days=rules.after_days - 1, now_s=now_s)
        return entry.is_dir(follow_symlinks=False) and is_old
    return False
