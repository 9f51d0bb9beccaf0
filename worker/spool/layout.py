"""Where everything lies in the three folders.

Every path of the spool:

    inbox/NAME.yaml, inbox/NAME/                    jobs to come
    inbox/.zimage-worker/spool.json                 this spool's random id
    inbox/.zimage-worker/claims/WORKER/JOB_ID/      one claim: claim.json and dropped/NAME.yaml or dropped/NAME/;
                                                    in_work.json names the pictures in work; `ended`: it has appeared
    inbox/.zimage-worker/proofs/JOB_ID/             a job whose proof waits for approval, as it lay in its claim
    inbox/.zimage-worker/returned/HASH.json         what a job that was given back keeps: id, attempts, former claims
    inbox/.zimage-worker/submitted/HASH.json        the fingerprint of a job that `submit` put there whole
    inbox/.zimage-worker/obeyed/HASH.json           a control file that was obeyed and may not be removed
    inbox/.zimage-worker/copies/HASH.json           a conflict copy whose original lay beside it
    inbox/.zimage-worker/workers/WORKER.json        what a worker says about itself; WORKER.speed.json: how fast it is
    inbox/.zimage-worker/workers/WORKER.beat        its heartbeat
    inbox/.zimage-worker/workers/WORKER.nights      when it worked, waited and died, night by night
    outbox/NAME.CLAIM.partial/, failed/...          being written, by one claim only
    outbox/NAME/, failed/NAME/                      whole
    outbox/receipts/NAME.txt                        why NAME is not taken, or rests; when its turn comes, or how it goes
    outbox/receipts/ended/NAME.txt                  how NAME ended, and where it lies; for a day
    outbox/index.html, outbox/status.json           everything, for people and for programs: workers, jobs, nights
    outbox/_overview/                               pages of nights that are over, and news for open pages
    outbox/_reports/                                what each night came to: a page and a JSON file, by its first day
    outbox/_overview/live/JOB_ID.js                 by which an open live page goes on, and learns where the job went
    outbox/.zimage-worker-retired/, failed/...      an old folder that is leaving (`retention/holders.py`); empty else
    outbox/.zimage-worker-root.json, failed/...     the mark by which the folder is known again
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

HIDDEN = ".zimage-worker"
COPIES = f"{HIDDEN}/copies"
PARTIAL = ".partial"
CLAIM_FILE = "claim.json"
NOTE_FILE = "note.json"
WORK_FILE = "in_work.json"
"""A file of its own: it is written for every picture, and no other worker reads it meanwhile."""
ENDED_FILE = "ended"
"""An empty file: the job has appeared, and only the claim is left."""
DROPPED = "dropped"
RECEIPTS = "receipts"
ENDED = f"{RECEIPTS}/ended"
OVERVIEW = "_overview"
REPORTS = "_reports"
OURS = frozenset({RECEIPTS, OVERVIEW, REPORTS})
"""Folders in the outbox that are never a job's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The three folders of a spool, known to be usable."""

    inbox: Path
    outbox: Path
    failed: Path

    @property
    def hidden(self) -> Path:
        """The workers' own bookkeeping."""
        return self.inbox / HIDDEN

    @property
    def claims(self) -> Path:
        """A folder per worker, in it a folder per claim."""
        return self.hidden / "claims"

    @property
    def proofs(self) -> Path:
        """A folder per job whose proof waits for approval: nobody's claim."""
        return self.hidden / "proofs"

    @property
    def returned(self) -> Path:
        """Notes on jobs that were given back."""
        return self.hidden / "returned"

    @property
    def obeyed(self) -> Path:
        """Notes on cancel files that mean nothing any more."""
        return self.hidden / "obeyed"

    @property
    def workers(self) -> Path:
        """What workers say about themselves."""
        return self.hidden / "workers"

    @property
    def receipts(self) -> Path:
        """What people are told of what is not done."""
        return self.outbox / RECEIPTS

    @property
    def overview(self) -> Path:
        """Pages of nights; the page of everything lies beside it."""
        return self.outbox / OVERVIEW

    @property
    def reports(self) -> Path:
        """What nights came to."""
        return self.outbox / REPORTS

    @property
    def spool_file(self) -> Path:
        """Holds the spool's id."""
        return self.hidden / "spool.json"


def partial_name(name: str, claim_id: str) -> str:
    """Name of the folder in which a claim stages a job.

    Args:
        name: of the finished folder.
        claim_id: of the claim; a new one for every attempt.
    """
    return f"{name}.{claim_id}{PARTIAL}"


def numbered(name: str, number: int) -> str:
    """`mugs`, `mugs.2`, `mugs.3`, ...

    Args:
        name: of the job.
        number: from 1, which adds nothing.
    """
    return name if number == 1 else f"{name}.{number}"


def note_name(name: str) -> str:
    """Name of the note on a name in the inbox, which may be as long as the share allows.

    Args:
        name: of a file or folder.
    """
    return f"{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.json"
