"""Jobs whose proof waits for a person, as one worker sees them: it lets them wait, hears what is said, lets them go on.

Knows `proofs/JOB_ID/`, which is a claim's folder that is nobody's claim. Whatever moves one is a rename, which one
worker alone can do; what a person said is written down before it, so that whoever finds it goes on.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from worker.clocks import utc_now
from worker.disk.durable import is_listed, make_mark, sync_folder, write_file, write_json
from worker.disk.lone_table import is_table
from worker.disk.moves import move_to_free_name
from worker.kept_records import Decision
from worker.records import Claim
from worker.spool.claim_files import (
    dropped_in,
    folder_of,
    folders_in,
    read_claim_record,
    remove_empty_claim,
)
from worker.spool.held_jobs import Held, held_at
from worker.spool.layout import CLAIM_FILE, WORK_FILE, Folders
from worker.spool.notes import Notes
from worker.spool.private_claims import make_claim_folder, make_proofs_folder
from worker.spool.proof_notes import KEY, noted, proof_in, staged_in
from worker.spool.steering import READY

log = structlog.get_logger()

LOOK_S = 5.0
"""Between two listings, where nobody asks."""
READ_AGAIN_S = 60.0
"""Between two readings of a record, which changes only where a worker dies that has heard a person."""
DAY_S = 86_400.0
"""Between two reminders of a proof."""
REMINDED = re.compile(r"reminded-\d{1,9}")
"""Empty files: who makes one has the word."""


class Proofs:
    """Those of one spool, as one worker sees them."""

    def __init__(
        self,
        folders: Folders,
        *,
        worker_id: str,
        clock: Callable[[], float],
        says_ready: bool = False,
        now: Callable[[], str] = utc_now,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            worker_id: of this worker.
            clock: monotonic seconds.
            says_ready: put `NAME.ready` beside a job that goes on, for workers that wait for one.
            now: ISO 8601, UTC.
        """
        self._says_ready = says_ready
        self._folders = folders
        self._mine = folders.claims / worker_id
        self._clock = clock
        self._now = now
        self._held: dict[str, tuple[float, Held]] = {}
        """When each was read, and what."""
        self._look_at_s = float("-inf")
        self._reminded: dict[str, int] = {}
        self._told: dict[Path, str] = {}
        """What the log was told of."""

    def hold(self, claim: Claim) -> None:
        """Let a job wait whose proof has appeared: it is nobody's claim any more.

        Raises:
            OSError: the share failed; the call may be repeated.
        """
        folder, target = folder_of(claim), self._folders.proofs / claim.job_id
        make_proofs_folder(self._folders)
        record = read_claim_record(folder)
        if proof_in(record) is None:  # else nobody would find it there
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder / CLAIM_FILE))
        write_json(folder / CLAIM_FILE, {**record, "attempt": 0, "earlier": [], "life": None, "silent": None})
        (folder / WORK_FILE).unlink(missing_ok=True)
        _moved(folder, target)
        self._look_at_s = float("-inf")

    def look(self, *, at_once: bool = False) -> list[Held]:
        """Look, if it is time; let those go on of which a dead worker had heard a person. Never raises.

        Args:
            at_once: whether to look now, as somebody asks for something.

        Returns:
            As `waiting`.
        """
        now_s = self._clock()
        if at_once or now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_S
            with self._passing_over(self._folders.proofs):
                self._read(now_s)
            self.go_on()
            self._remind()
        return self.waiting()

    def _read(self, now_s: float) -> None:
        known, self._held = self._held, {}
        with suppress(PermissionError):  # another account's
            for folder in folders_in(self._folders.proofs):
                read_s, held = known.get(folder.name, (float("-inf"), None))
                if held is None or now_s - read_s >= READ_AGAIN_S:
                    with suppress(OSError):
                        read_s, held = now_s, held_at(folder, self._folders)
                        if held is None:
                            self._take_back(folder)
                if held is not None:
                    self._held[folder.name] = read_s, held

    @contextmanager
    def _passing_over(self, folder: Path) -> Iterator[None]:
        """What fails about these jobs is their own trouble, and keeps no other from being done; it is said once."""
        try:
            yield
        except FileNotFoundError:  # another worker was faster
            self._held.pop(folder.name, None)
        except OSError as error:
            if self._told.get(folder) != str(error):
                self._told[folder] = str(error)
                log.error("claim.passed_over", folder=str(folder), error=str(error))

    def waiting(self) -> list[Held]:
        """The jobs that wait and of which nobody has said anything, the longest first; as of the last look."""
        undecided = (held for _, held in self._held.values() if held.proof.decision is None)
        return sorted(undecided, key=lambda one: (one.proof.since, one.folder.name))

    def decide(self, held: Held, decision: Decision, *, by: str) -> None:
        """Write down what a person said; `go_on` makes it true.

        Args:
            held: a job that waits.
            decision: about it.
            by: name of the file that says so.

        Raises:
            FileNotFoundError: somebody has said something before, and a worker has heard it.
            OSError: the share failed; nothing has changed.
        """
        record = read_claim_record(held.folder)
        proof = proof_in(record)
        if proof is None or proof.decision is not None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(held.folder))
        said = replace(proof, decision=decision, by=by, decided_at=self._now())
        write_json(held.folder / CLAIM_FILE, {**record, KEY: noted(said, staged=Path(staged_in(record)))})
        self._held[held.folder.name] = self._clock(), replace(held, proof=said)
        if decision == "approved":
            log.info("proof.approved", job=proof.name, folder=proof.folder, by=by, left=proof.of - proof.pictures)
        elif decision == "rejected":
            log.warning("proof.rejected", job=proof.name, folder=proof.folder, by=by)

    def go_on(self) -> None:
        """Put every job of which a person has said something back into the inbox, with what its note keeps.

        One whose name is taken there or whose record cannot be read now, and a lone table, whose template may have been
        changed, is this worker's claim.
        Never raises: what fails is tried again at the next look.
        """
        for _, held in [*self._held.values()]:
            if held.proof.decision is not None:
                with self._passing_over(held.folder):
                    self._take_up(held)
                    self._held.pop(held.folder.name, None)

    def _take_back(self, folder: Path) -> None:
        """A job whose record is damaged, or is gone, is this worker's claim again: it is mended there, and goes on.

        Raises:
            OSError: another worker has taken the job up, or the share failed.
        """
        make_claim_folder(self._mine, self._folders)
        _moved(folder, self._mine / folder.name)
        log.warning("record.damaged", file=str(folder / CLAIM_FILE))

    def _take_up(self, held: Held) -> None:
        mine = self._mine / held.folder.name
        make_claim_folder(self._mine, self._folders)
        _moved(held.folder, mine)
        for name in filter(REMINDED.fullmatch, os.listdir(mine)):
            (mine / name).unlink(missing_ok=True)
        record = read_claim_record(mine)
        dropped = dropped_in(mine, record)
        is_free = dropped is not None and not os.path.lexists(self._folders.inbox / dropped.name)
        if not record or dropped is None or is_table(dropped.name) or not is_free:
            return
        notes = Notes(self._folders)
        notes.write(dropped.name, record, claim=mine)
        if move_to_free_name(dropped, self._folders.inbox / dropped.name):
            if self._says_ready:
                write_file(self._folders.inbox / f"{dropped.name}{READY}", b"", below=self._folders.inbox)
            remove_empty_claim(mine)
        else:
            notes.forget(dropped.name, job_id=held.folder.name)

    def _remind(self) -> None:
        """Say once a day of each that it waits, whichever worker comes first. Never raises."""
        for name, (_, held) in self._held.items():
            days = int(_age_s(held.proof.since, self._now()) // DAY_S)
            if days > 0 and self._reminded.get(name) != days:
                self._reminded[name] = days
                with suppress(OSError):  # another worker has said it, or has taken the job up
                    if _is_first_to_remind(held.folder, days):
                        log.warning("proof.waiting", job=held.proof.name, folder=held.proof.folder, days=days,
                                    since=held.proof.since)  # fmt: skip
        self._reminded = {name: days for name, days in self._reminded.items() if name in self._held}


def _is_first_to_remind(folder: Path, days: int) -> bool:
    """Whether no worker has said that it waits for so many days, or more; of former days nothing is kept.

    Raises:
        OSError: another worker has taken the job up, or the share failed.
    """
    former = {name: int(name.partition("-")[2]) for name in filter(REMINDED.fullmatch, os.listdir(folder))}
    if any(said >= days for said in former.values()):
        return False
    if not make_mark(folder / f"reminded-{days}"):
        return False
    for name in former:
        (folder / name).unlink(missing_ok=True)
    return True


def _moved(folder: Path, target: Path) -> None:
    """Rename; an error is resolved by looking, as a share may rename and report a failure.

    Raises:
        FileNotFoundError: it is not there, and nor is the target.
        OSError: it was not moved, or the share failed.
    """
    try:
        os.rename(folder, target)
    except OSError:
        if is_listed(folder) or not is_listed(target):
            raise
    sync_folder(target.parent)
    sync_folder(folder.parent)


def _age_s(moment: str, now: str) -> float:
    """Seconds since then; 0 for what is no time."""
    try:
        return (datetime.fromisoformat(now) - datetime.fromisoformat(moment)).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return 0.0
