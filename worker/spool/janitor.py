"""The janitor: removes what belongs to nobody any more, and keeps finished pictures where a person finds them.

Knows partial folders, notes, temporary files and the records of workers. Whose a job is, the claims say; what was seen
to belong to nobody only once is left alone, and so is everything while one claim cannot be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from worker.disk.beneath import remove_file
from worker.disk.durable import remove_tree
from worker.disk.json_records import read_record
from worker.disk.looks import is_folder, paths_in
from worker.disk.temporaries import is_hidden_copy, is_temporary
from worker.live_records import LIVE
from worker.spool.claim_files import folders_in, read_claim_record, spool_key, texts
from worker.spool.earlier_pictures import is_saved, jobs_of_pictures
from worker.spool.folder_identity import Roots
from worker.spool.layout import ENDED, PARTIAL, Folders, note_name
from worker.spool.live_files import LiveFiles
from worker.spool.readers import Readers
from worker.spool.rescue import finished_under, has_appeared, move_to_failed
from worker.spool.sightings import Sighting, Sightings
from worker.spool.submit_notes import SUBMITTED

log = structlog.get_logger()

EVERY_S = 600.0
"""Between two looks."""
ALONE_S = 3600.0
"""For so long something must belong to nobody and stay as it is, by this machine's own clock: nobody writes for longer
without a sign, and a person who mends a job that was given back needs less."""
LOOKED_AT_S = 86_400.0
"""So long stays what was only for looking: where a job went that has ended, and how it did."""
SILENT_S = 14 * 86_400.0
"""After this a worker's records go: `status` shows who stopped before a holiday."""
MOST = 50
"""Removed in one look; the next ones do the rest."""
RECORDS = re.compile(r"(\.speed)?\.json$|\.beat$|\.nights$")
CLAIM_ID = r"\.{worker}-\d+-{key}[0-9a-f]{{8}}\.partial$"
"""The end of a partial folder's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something that belongs to nobody, as one look saw it."""

    kind: str
    """partial, note, temporary or records."""
    path: Path
    stamp: str
    """Differs whenever somebody has worked on it."""
    after_s: float = ALONE_S
    files: tuple[Path, ...] = field(default=(), compare=False)
    """Of the records of one worker."""

    @property
    def sighting(self) -> Sighting:
        """What is remembered of it."""
        return self.kind, str(self.path), self.stamp


class Janitor:
    """Of one worker; several may sweep one spool at once."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        *,
        worker_id: str,
        clock: Callable[[], float],
        sightings: Sightings,
        readers: Readers,
        live: LiveFiles,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            worker_id: of this worker, whose records are its own matter.
            clock: seconds that no one sets; counts suspended time.
            sightings: since when what belongs to nobody has done so.
            readers: tells what the person reads whose pictures are left.
            live: tells whoever has its page open where a job has gone.
        """
        self._live = live
        self._readers = readers
        self._folders = folders
        self._roots = roots
        self._worker_id = worker_id
        self._clock = clock
        self._sightings = sightings
        self._look_at_s = float("-inf")
        self._told: set[Path] = set()

    def sweep(self) -> None:
        """Look, if it is time, and end what has belonged to nobody for long enough. Never raises; costs little."""
        now_s = self._clock()
        if now_s < self._look_at_s:
            return
        self._look_at_s = now_s + EVERY_S
        with suppress(OSError):  # a share that is away is found out elsewhere; nothing is known, so nothing is done
            self._roots.require()
            leftovers = [*self._leftovers()]
            self._sightings.see(one.sighting for one in leftovers)
            due = [one for one in leftovers if self._sightings.alone_s(one.sighting) >= one.after_s]
            still = set(self._leftovers()) if due else set()  # a claim that was on its way from one to another
            for leftover in due[:MOST]:
                if leftover in still:
                    self._end(leftover)

    def _end(self, leftover: Leftover) -> None:
        try:
            if leftover.kind == "partial":
                self._end_partial(leftover.path)
                return
            for path in leftover.files or (leftover.path,):
                self._remove(path)
            log.info("leftover.removed", kind=leftover.kind, name=leftover.path.name)
        except FileNotFoundError:
            return  # another worker's janitor was faster
        except OSError as error:
            if leftover.path not in self._told:
                self._told.add(leftover.path)
                log.warning("leftover.refused", name=leftover.path.name, error=error.strerror or str(error))

    def _remove(self, path: Path) -> None:
        """A file; a copy of a job folder that `submit` did not end; a claims folder only while it is empty."""
        if not is_folder(path):
            roots = (self._folders.inbox, self._folders.outbox)
            remove_file(path, below=next((root for root in roots if path.is_relative_to(root)), path.parent))
        elif is_hidden_copy(path.name):
            remove_tree(path)
        else:
            path.rmdir()

    def _end_partial(self, path: Path) -> None:
        """Finished pictures go where a person finds them, unless their job has appeared with its own."""
        workers = {_worker_of(one) for one in paths_in(self._folders.workers)} | {self._worker_id}
        name, jobs = _name_of(path.name, workers), jobs_of_pictures(path)
        outbox, failed = self._folders.outbox, self._folders.failed
        lost = [job for job in jobs if not has_appeared(job, name=name, root=outbox)]
        if not lost or _is_kept(path, name, failed):
            remove_tree(path)
            log.info("leftover.removed", kind="partial", name=path.name)
        else:
            kept = move_to_failed(path, name=name, failed=failed, language=self._readers.language_of(Path(name)))
            for job in lost:
                self._live.went(job, kept)
            log.warning("leftover.rescued", name=path.name, folder=kept.name)

    def _leftovers(self) -> Iterator[Leftover]:
        """Everything that belongs to nobody now.

        Raises:
            OSError: the share failed.
        """
        waiting = {note_name(name) for name in os.listdir(self._folders.inbox)}
        with suppress(PermissionError):  # another account's claims: whose pictures those are is not known
            yield from self._partials(waiting)
        for path in (*paths_in(self._folders.returned), *paths_in(self._folders.inbox / SUBMITTED)):
            if path.suffix == ".json" and path.name not in waiting:
                yield Leftover(kind="note", path=path, stamp=_stamp(path))
        yield from self._records()
        looked_at = [(self._folders.outbox / LIVE, ".js"), (self._folders.outbox / ENDED, ".txt")]
        for folder, ending in looked_at:
            for path in paths_in(folder, ending=ending) if is_folder(folder) else ():
                yield Leftover(kind="note", path=path, stamp=_stamp(path), after_s=LOOKED_AT_S)
        hidden = self._folders.hidden
        pages = [one for one in (self._folders.overview, self._folders.reports) if is_folder(one)]
        for folder in (self._folders.inbox, self._folders.outbox, self._folders.failed, hidden, *pages,
                       self._folders.returned, self._folders.obeyed, self._folders.workers,
                       self._folders.inbox / SUBMITTED):  # fmt: skip
            for path in paths_in(folder):
                if is_temporary(path.name) or is_hidden_copy(path.name):
                    yield Leftover(kind="temporary", path=path, stamp=_stamp(path))

    def _partials(self, waiting: Iterable[str]) -> Iterator[Leftover]:
        """Partial folders of this spool that no claim and no waiting job's note names."""
        roots = (self._folders.outbox, self._folders.failed)
        partials = [path for root in roots for path in paths_in(root) if path.name.endswith(PARTIAL)]
        if not partials:
            return
        ours = re.compile(CLAIM_ID.format(worker="[A-Za-z0-9][A-Za-z0-9._-]*", key=spool_key(self._folders.spool_file)))
        claims = [folder for worker in folders_in(self._folders.claims) for folder in folders_in(worker)]
        records = [read_claim_record(folder) for folder in claims]
        if not all(records):
            return  # just being made, or damaged: whose pictures those are is not known
        notes = [read_record(path) for path in paths_in(self._folders.returned) if path.name in waiting]
        owned = {str(record["id"]) for record in records}
        owned |= {one for record in (*records, *notes) for one in texts(record.get("earlier"))}
        for path in partials:  # listed before the claims were: a claim is there before its folder is
            is_ours = ours.search(path.name) is not None and is_folder(path)
            if is_ours and not _ends(path.name, owned):
                yield Leftover(kind="partial", path=path, stamp=_stamp(path))

    def _records(self) -> Iterator[Leftover]:
        """What workers without a claim say of themselves; a living one changes it every few seconds."""
        files: dict[str, list[Path]] = {}
        for path in (*paths_in(self._folders.workers), *folders_in(self._folders.claims)):
            if path.parent == self._folders.claims or (RECORDS.search(path.name) and not is_temporary(path.name)):
                files.setdefault(_worker_of(path), []).append(path)
        for worker, paths in sorted(files.items()):
            if worker != self._worker_id and not self._has_claims(worker):
                stamp = "\n".join(map(_stamp, paths))
                path = self._folders.workers / worker
                yield Leftover(kind="records", path=path, stamp=stamp, after_s=SILENT_S, files=tuple(paths))

    def _has_claims(self, worker: str) -> bool:
        """Whether a worker has claims, or those of another account, which nobody else may see."""
        try:
            return bool(folders_in(self._folders.claims / worker))
        except PermissionError:
            return True


def _is_kept(partial: Path, name: str, failed: Path) -> bool:
    """Whether its pictures lie in `failed`, where a janitor was killed that copied them there from another disk."""
    copies = finished_under(failed, name) if is_folder(failed) else []
    return any(is_saved(partial, path, went_on=lambda: None) for path in copies)


def _stamp(path: Path) -> str:
    """Whatever is written into a folder of ours is renamed there, which the folder's own time shows."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return ""
    return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"


def _worker_of(path: Path) -> str:
    return RECORDS.sub("", path.name)


def _ends(name: str, owned: set[str]) -> bool:
    """Whether it is the partial folder of one of these claims; both a job's name and a worker's may hold dots."""
    rest = name.removesuffix(PARTIAL)
    return any(rest[place + 1 :] in owned for place, letter in enumerate(rest) if letter == ".")


def _name_of(name: str, workers: Iterable[str]) -> str:
    """The job's name in that of its partial folder."""
    for worker in sorted(workers, key=len, reverse=True):
        name = re.sub(CLAIM_ID.format(worker=re.escape(worker), key="[0-9a-f]{8}"), "", name)
    return re.sub(CLAIM_ID.format(worker="[^.]+", key="[0-9a-f]{8}"), "", name)
