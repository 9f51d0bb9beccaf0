"""What lies in the three folders by name: one listing each, nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from worker.disk.lone_table import is_table, is_templates, template_among
from worker.plain_names import alike, is_litter
from worker.spool.conflict_copies import is_copy_among, may_be_copy, original_of, other_spellings
from worker.spool.control_files import ready_job
from worker.spool.known_copies import notes_in
from worker.spool.layout import PARTIAL, note_name
from worker.spool.names import CONFLICT_REMEDY, SPELLING_REMEDY, kind_of, remedy_for, stem_of
from worker.translation import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name in the inbox that is neither junk nor there to steer."""

    name: str
    path: Path
    stem: str
    remedy: Text | None = None
    """Of what is no job's name: what to do about it."""
    is_folder: bool = False
    is_ready: bool = True
    """False where `NAME.ready` is waited for."""


RECENT_S = 1.0
"""So old a listing may be from which cancel files are read: several parts ask one after the other."""


class InboxNames:
    """The names in an inbox, and which of them are folders: on a share the listing of a long one takes its time."""

    def __init__(self, inbox: Path, *, clock: Callable[[], float]) -> None:
        """Keep the place; nothing is listed.

        Args:
            inbox: where jobs wait.
            clock: monotonic seconds.
        """
        self.inbox = inbox
        self._clock = clock
        self._listed: dict[str, bool | None] = {}
        self._inodes: dict[str, int] = {}
        self._listed_s = float("-inf")

    def now(self) -> Mapping[str, bool | None]:
        """Whether each name is a folder's, None where the share did not say; one listing.

        Raises:
            OSError: the share failed.
        """
        now_s, listed, inodes = self._clock(), dict[str, bool | None](), dict[str, int]()
        with os.scandir(self.inbox) as entries:
            for entry in entries:
                name, inode = entry.name, entry.inode()
                # NFS may list names only, and then each question is one for the server
                is_known = self._inodes.get(name) == inode
                kind = listed[name] = self._listed[name] if is_known else _is_folder(entry)
                if kind is not None:  # else the next listing may tell
                    inodes[name] = inode
        self._listed, self._inodes, self._listed_s = listed, inodes, now_s
        return listed

    def forget(self) -> None:
        """Something was removed there: whoever asks next is told without it."""
        self._listed_s = float("-inf")

    def recent(self) -> Mapping[str, bool | None]:
        """The same, at most a second old.

        Raises:
            OSError: the share failed.
        """
        return self._listed if self._clock() - self._listed_s < RECENT_S else self.now()


def find(inbox: Path, *, needs_ready: bool = False) -> list[Found]:
    """All names that may be jobs; one listing, nothing is opened.

    Args:
        inbox: where to look.
        needs_ready: only those beside which `NAME.ready` lies.

    Raises:
        OSError: the share failed.
    """
    return [one for one in meant_in(inbox, needs_ready=needs_ready) if one.remedy is None and one.is_ready]


def meant_in(inbox: Path, *, needs_ready: bool = False) -> list[Found]:
    """The same with all that people may have meant as a job.

    Args:
        inbox: likewise.
        needs_ready: likewise.

    Raises:
        OSError: the share failed.
    """
    with os.scandir(inbox) as entries:
        listed = {entry.name: _is_folder(entry) for entry in entries}
    return found_in(inbox, listed, needs_ready=needs_ready)


def found_in(inbox: Path, listed: Mapping[str, bool | None], *, needs_ready: bool) -> list[Found]:
    """The same of a listing that is there.

    Args:
        inbox: that was listed.
        listed: as `InboxNames` gives it.
        needs_ready: a job is ready only once `NAME.ready` lies beside it.
    """
    found, ready = [], set()
    templates = _templates(inbox, listed)
    known = notes_in(inbox) if any(map(may_be_copy, listed)) else frozenset()
    others = other_spellings(listed)
    for name, is_folder in listed.items():
        has_template = bool(templates) and is_table(name) and template_among(name, templates) is not None
        one = None if is_folder is None else _found(inbox, name, is_folder, has_template)
        if one is not None and one.remedy is None:
            one = replace(one, remedy=_copy_remedy(name, listed, others=others, known=known))
        if one is not None:
            found.append(one)
        elif (said := ready_job(name)) is not None:
            ready.add(said)
    if not needs_ready:
        return found
    return [one if alike(one.name) in ready or one.remedy else replace(one, is_ready=False) for one in found]


def finished_in(root: Path) -> list[Path]:
    """Folders of jobs that have ended: what is still being written is none.

    Args:
        root: `outbox` or `failed`.

    Raises:
        OSError: the share failed.
    """
    with os.scandir(root) as entries:  # which know what they are: a share is not asked of each
        ours = (entry for entry in entries if not (entry.name.endswith(PARTIAL) or is_litter(entry.name)))
        return [root / entry.name for entry in ours if _leads_to_folder(entry)]


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a circle
        return False


def _copy_remedy(name: str, listed: Container[str], *, others: Container[str], known: Collection[str]) -> Text | None:
    """What to do about a copy of another file, whether that lies beside it or did when it was first seen."""
    if is_copy_among(name, listed):
        return CONFLICT_REMEDY
    if name in others:
        return SPELLING_REMEDY
    if known and note_name(name) in known:
        return CONFLICT_REMEDY if original_of(name) else SPELLING_REMEDY
    return None


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """None where the share did not say."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return None


def _templates(inbox: Path, listed: Mapping[str, bool | None]) -> frozenset[str]:
    """Names in the folder of templates, where a table is there for which they are wanted."""
    folder = next((name for name, is_folder in listed.items() if is_folder and is_templates(name)), None)
    if folder is None or not any(is_folder is False and is_table(name) for name, is_folder in listed.items()):
        return frozenset()
    with suppress(OSError):  # a share that is away shows in the listing of the inbox: this is nobody else's trouble
        return frozenset(os.listdir(inbox / folder))
    return frozenset()


@lru_cache(maxsize=65_536)
def _found(inbox: Path, name: str, is_folder: bool, has_template: bool) -> Found | None:
    """What a name stands for; remembered, as thousands may wait all night."""
    kind = kind_of(name, is_folder=is_folder)
    if kind in ("other", "templates"):
        return None
    return Found(
        name=name,
        path=inbox / name,
        stem=stem_of(name, is_folder=is_folder),
        remedy=None if kind == "table" and has_template else remedy_for(name, is_folder=is_folder),
        is_folder=is_folder,
    )
