"""Retries: a job that has ended becomes a new one, which keeps its finished pictures and makes the others.

Knows folders of jobs that have ended, and never changes one. The new job is copied under a hidden name; then the
control file is moved there, which one worker alone can do; then the job appears. Whoever finds such a folder goes on.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from worker.disk.content import NotAJob, files_of, pieces
from worker.disk.durable import make_folder, remove_tree, sync_folder, write_file, write_pieces
from worker.disk.json_records import read_head
from worker.disk.looks import is_folder, paths_in
from worker.disk.moves import move_to_free_name
from worker.disk.owners import Owners
from worker.disk.record_fields import moment_in
from worker.disk.returned_folder import JOB_FOLDER, MARKS, is_returned
from worker.disk.temporaries import hidden_copy_name, is_hidden_copy
from worker.kept_records import Place, Retry
from worker.plain_names import alike, composed, is_litter
from worker.records import JOB_FILE
from worker.spool.control_files import words_in
from worker.spool.known_jobs import is_in_hand
from worker.spool.layout import Folders
from worker.spool.names import is_junk, kind_of
from worker.spool.outcome import statuses_in
from worker.spool.retry_notes import NOTE_FILE, note_bytes, retry_in
from worker.spool.steering import READY, Control
from worker.translation import Text, gettext, ngettext, sentences

MISSING = frozenset({"missing", "缺失", "缺图"})
"""Words in a control file by which pictures that somebody has deleted are made again too."""
ASKED = ".asked"
"""The control file, where the job beside it may appear; no job is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A control file that has been obeyed."""

    answer: str
    folder: Path
    """Of the job that had ended."""
    is_new: bool
    """Whether there is a new job now: else nothing was to be made again."""


class Retries:
    """Of one spool."""

    def __init__(self, folders: Folders, *, owners: Owners, says_ready: bool) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            owners: of what lies in its inbox: whoever asks, the new job is theirs.
            says_ready: put `NAME.ready` beside a new job, for workers that wait for one.
        """
        self._folders = folders
        self._owners = owners
        self._says_ready = says_ready

    def make(self, control: Control, ended: Sequence[Path]) -> Retried | str | None:
        """Let a new job wait in the inbox.

        Args:
            control: the file by which that is asked.
            ended: folders that it may mean, at least one.

        Returns:
            What came of it; why it waits; or None where another worker was faster.

        Raises:
            OSError: nothing has changed, and the call may be repeated.
        """
        path = self._folders.inbox / control.name
        if is_folder(path) and os.listdir(path):
            return gettext("a folder with something in it asks for nothing: if it is a job, give it another name")
        words = words_in(path)
        folder = max(self._named(ended, words) or ended, key=_changed_ns)
        wish = self._wish(folder, makes_missing=not words.isdisjoint(MISSING))
        if not isinstance(wish, Wish):
            return Retried(answer=wish, folder=folder, is_new=False)
        job = _name_in_inbox(folder.name)
        if is_in_hand(wish.retry, job, self._folders):
            why = gettext("the job `{job}` does that already: nothing more is made.", job=job)
            return Retried(answer=why, folder=folder, is_new=False)
        waits = gettext("it waits until the job `{job}`, which lies in the inbox, is taken", job=job)
        if alike(job) in {alike(name) for name in os.listdir(self._folders.inbox)}:
            return waits
        try:
            hidden = self._prepared(folder, wish, job=job, control=path)
        except NotAJob as refusal:
            why = gettext("{why}: no job can be made of it.", why=refusal.why)
            return Retried(answer=why, folder=folder, is_new=False)
        if hidden is None:
            return None
        return Retried(answer=wish.answer, folder=folder, is_new=True) if self._appears(hidden, path.name) else waits

    def _prepared(self, folder: Path, wish: Wish, *, job: str, control: Path) -> Path | None:
        """The hidden folder with the new job, and the control file that lets it appear; None where that is gone.

        Raises:
            NotAJob, OSError: as `_copy`; there is no such folder.
        """
        hidden = self._folders.inbox / hidden_copy_name("retry")
        try:
            retry = replace(wish.retry, asked_by=self._who(control))
            _copy(folder, hidden / job, retry, below=self._folders.inbox)
            os.rename(control, hidden / ASKED)
        except (OSError, NotAJob):
            remove_tree(hidden)
            if not os.path.lexists(control):
                return None
            raise
        sync_folder(self._folders.inbox)
        return hidden

    def _who(self, control: Path) -> str | None:
        status = control.lstat()
        return self._owners.named(status.st_uid, device=status.st_dev)

    def finish_left(self, names: Iterable[str]) -> None:
        """Go on with what a worker that died in between has left.

        Args:
            names: of the inbox.
        """
        for name in names:
            if name.startswith(".retry.") and is_hidden_copy(name) and is_folder(self._folders.inbox / name):
                hidden = self._folders.inbox / name
                with suppress(OSError):  # anybody may put such a folder there, and keep it closed
                    if ASKED in os.listdir(hidden):
                        self._appears(hidden, f"{_made_of(hidden)}.retry")

    def _appears(self, hidden: Path, control: str) -> bool:
        """The job appears in the inbox; where its name was taken meanwhile, the control file is put back."""
        job, inbox = _job_in(hidden), self._folders.inbox
        with suppress(FileNotFoundError):  # another worker goes on with it too
            is_refused = job is not None and not move_to_free_name(hidden / job, inbox / job)
            if is_refused and job is not None and is_folder(hidden / job):  # else another worker has moved it just then
                if not os.path.lexists(inbox / control):
                    os.rename(hidden / ASKED, inbox / control)
                remove_tree(hidden)
                return False
            if job is not None and self._says_ready:
                write_file(inbox / f"{job}{READY}", b"", below=inbox)
        with suppress(FileNotFoundError):
            remove_tree(hidden)
        return True

    def _place(self, folder: Path) -> Place:
        return "outbox" if folder.parent == self._folders.outbox else "failed"

    def _named(self, ended: Sequence[Path], words: frozenset[str]) -> list[Path]:
        """Those in the root that the control file names, where it names one."""
        return [path for path in ended if self._place(path) in words]

    def _wish(self, folder: Path, *, makes_missing: bool) -> Wish | str:
        """What is to be made again of a folder, or why nothing is.

        Raises:
            OSError: it cannot be read.
        """
        names = os.listdir(folder)
        shown = f"{folder.parent.name}/{folder.name}"
        if not is_returned(names):
            return gettext("{folder} is no folder of a job that has ended, or its job.yaml is gone.", folder=shown)
        head = read_head(folder / "manifest.json")
        if head.get("status") == "proof":
            return _of_a_proof(shown)
        place, statuses = self._place(folder), statuses_in(folder)
        if statuses is None:
            answer = gettext("a new job is made of {folder}, and waits in the inbox: all of it is made.", folder=shown)
            return Wish(retry=Retry(place=place, folder=folder.name), answer=answer)
        there = {composed(name) for name in names}
        deleted = [file for file, status in statuses.items() if status == "ok" and composed(file) not in there]
        again = sum(status != "ok" for status in statuses.values())
        left_out = () if makes_missing else tuple(deleted)
        count = again + len(deleted) - len(left_out)
        kept = len(statuses) - again - len(deleted)
        more = _on_deleted(len(left_out), job=folder.name)
        if not count:
            why = gettext("every picture of {folder} is made: nothing is to be made again.", folder=shown)
            return sentences([why, more])
        answer = ngettext(
            "a new job is made of {folder}, and waits in the inbox: {count} picture is made again, {kept} are kept."
            " It ends in a new folder; this one stays as it is.",
            "a new job is made of {folder}, and waits in the inbox: {count} pictures are made again, {kept} are kept."
            " It ends in a new folder; this one stays as it is.",
            count,
            folder=shown,
            kept=kept,
        )
        approved_at = moment_in(head, "approved_at")
        wished = Retry(place=place, folder=folder.name, left_out=left_out, kept=kept, approved_at=approved_at)
        return Wish(retry=wished, answer=sentences([answer, more]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a new job keeps of the ended one, and how that is told."""

    retry: Retry
    answer: str


def _of_a_proof(folder: str) -> Text:
    return gettext("{folder} is a proof: approve or reject it. What could not be made of it is tried again once it is"
                   " approved.", folder=folder)  # fmt: skip


def _on_deleted(count: int, *, job: str) -> Text | None:
    if not count:
        return None
    return ngettext(
        "{count} picture that was made has been deleted since and is left out: to make it too, write the word"
        " `missing` into the file {file}, or call `zimage-worker retry {job} --missing`.",
        "{count} pictures that were made have been deleted since and are left out: to make them too, write the word"
        " `missing` into the file {file}, or call `zimage-worker retry {job} --missing`.",
        count,
        file=f"{job}.retry",
        job=job,
    )


def _changed_ns(path: Path) -> int:
    """When a job ended in it, as far as the share tells."""
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _job_in(hidden: Path) -> str | None:
    """Name of the job's folder in a hidden one; None once it has appeared."""
    folders = [path.name for path in paths_in(hidden) if is_folder(path) and not is_litter(path.name)]
    return next((name for name in folders if name != ASKED), None)


def _made_of(hidden: Path) -> str:
    """Name of the folder of which the job in a hidden one is made."""
    job = _job_in(hidden) or "job"
    retry = retry_in(hidden / job)
    return job if retry is None else retry.folder


def _name_in_inbox(name: str) -> str:
    """The folder's name, or one like it where that is no job's in an inbox; the job is shown under its own."""
    plain = re.sub(r"\W+", "-", name).strip("-")
    return next((one for one in (name, plain) if one and kind_of(one, is_folder=True) == "job"), "job")


def _copy(folder: Path, target: Path, retry: Retry, *, below: Path) -> None:
    """The job of an ended folder, as one that was dropped again.

    Raises:
        NotAJob: it is more than plain files.
        OSError: it cannot be read, or is just being changed, or the share failed.
    """
    copied = []
    name = next((said for mark in sorted(MARKS, reverse=True) if isinstance(said := _head(folder / mark), str)), None)
    make_folder(target, below=below)
    for inside, file in files_of(folder):
        if not is_junk(inside):
            place = target / (inside if inside == JOB_FILE else f"{JOB_FOLDER}/{inside}")
            make_folder(place.parent, below=below)
            write_pieces(place, pieces(file, below=folder.parent), below=below)
        copied.append(inside)
    if JOB_FILE not in copied or copied != [inside for inside, _ in files_of(folder)]:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))  # somebody is deleting it
    write_file(target / NOTE_FILE, note_bytes(retry, name=name or folder.name), below=below)


def _head(mark: Path) -> object:
    return read_head(mark).get("name")
