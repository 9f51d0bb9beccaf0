"""Which names in an inbox are jobs.

Knows the temporary names of copiers, editors and NAS systems. Source of the lists: the exclusion lists of Nextcloud,
Syncthing, paperless-ngx and immich.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from worker.translation import Text, gettext

DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, with any extension."""
SUFFIXES = (".yaml", ".yml")
JUNK_FOLDERS = {
    "@eadir",
    "#recycle",
    "#snapshot",
    "lost+found",
    "__macosx",
    "$recycle.bin",
    "system volume information",
}
CONFLICT = re.compile(r"\.sync-conflict-|_conflict-|conflicted copy", re.IGNORECASE)
STEERING = re.compile(r"^PAUSE(\.txt)?$|\.cancel(\.txt)?$|\.ready$", re.IGNORECASE)

ALMOST: Mapping[re.Pattern[str], Text] = {
    re.compile(r"\.ya?ml\.txt$", re.IGNORECASE): gettext(
        "an editor added .txt to the name: rename it so that it ends in .yaml"
    ),
    re.compile(r"\.csv$", re.IGNORECASE): gettext(
        "a product table is no job by itself: put it into a folder with a job.yaml"
    ),
    re.compile(r"\.json$", re.IGNORECASE): gettext(
        "not the name of a job: a job is a .yaml file, or a folder with a job.yaml"
    ),
}
"""Ends of names of files that were meant as jobs, and what to do about each."""

Kind = Literal["job", "conflict", "almost", "other"]


@lru_cache(maxsize=65_536)
def kind_of(name: str, *, is_folder: bool) -> Kind:
    """What a name in the inbox stands for.

    Args:
        name: without its folder.
        is_folder: whether it is one.

    Returns:
        `job`; `conflict` for a copy that a synchroniser made of somebody's job; `almost` for a file that was meant as
        one and has another ending; `other` for all else.
    """
    if name.startswith((".", "~")) or name.endswith("~") or STEERING.search(name):
        return "other"
    if is_folder:
        kind = "other" if name.lower() in JUNK_FOLDERS else "job"
    else:
        kind = "job" if name.lower().endswith(SUFFIXES) else "almost" if remedy_for(name) else "other"
    return "conflict" if kind == "job" and CONFLICT.search(name) else kind  # type: ignore[return-value]


def remedy_for(name: str) -> str | None:
    """What to do about a file that was meant as a job and is not named like one; None for any other."""
    return next((remedy for ending, remedy in ALMOST.items() if ending.search(name)), None)


@lru_cache(maxsize=65_536)
def stem_of(name: str, *, is_folder: bool) -> str:
    """The stem of a job's name: without `.yaml`, in a form that every share takes.

    Undecodable bytes, control characters and what Windows forbids become `_`; at most 150 bytes of UTF-8. A name that
    Windows takes for a device gets `job-` before it, and none ends like a folder that is not yet whole.

    Args:
        name: without its folder.
        is_folder: whether it is one, which has no ending to lose.

    Returns:
        `job` where nothing else is left.
    """
    stem = name if is_folder else name.rpartition(".")[0]
    safe = re.sub(r'[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069<>:"/\\|?*\ud800-\udfff]', "_", stem).strip(" .")
    short = safe.encode()[:150].decode(errors="ignore").rstrip(" .") or "job"
    whole = re.sub(r"\.(partial)$", r"-\1", short, flags=re.IGNORECASE)
    return f"job-{whole}" if DEVICE.fullmatch(whole) else whole
