"""Jobs that wait in the inbox again since a person has judged their proof: what is left of each to be made, if any.

Knows the notes that such jobs keep; each is read once.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from worker.kept_records import Proof
from worker.records import Candidate
from worker.spool.layout import Folders, note_name
from worker.spool.notes import Notes
from worker.spool.proof_notes import proof_in


class JudgedJobs:
    """Of one inbox."""

    def __init__(self, folders: Folders) -> None:
        """Keep the place; nothing is touched.

        Args:
            folders: of the spool.
        """
        self._folders = folders
        self._notes = Notes(folders)
        self._known: dict[tuple[str, str], Proof | None] = {}
        """By name and fingerprint, of all that lie there."""

    def among(self, candidates: Collection[Candidate]) -> tuple[Candidate, ...]:
        """The same, each with what a person has said of its proof.

        Args:
            candidates: as the scan found them.
        """
        keys = {(one.path.name, one.fingerprint) for one in candidates}
        self._known = {key: proof for key, proof in self._known.items() if key in keys}
        if new := keys - self._known.keys():
            self._read(new)
        return tuple(_judged(one, self._known.get((one.path.name, one.fingerprint))) for one in candidates)

    def _read(self, new: Iterable[tuple[str, str]]) -> None:
        """What cannot be read now is read at the next look."""
        with suppress(OSError):
            there = _listed(self._folders)
            for name, fingerprint in new:
                note = self._notes.read(name) if note_name(name) in there else None
                is_its = note is not None and note["fingerprint"] == fingerprint
                self._known[name, fingerprint] = proof_in(note) if note is not None and is_its else None


def _judged(candidate: Candidate, proof: Proof | None) -> Candidate:
    if proof is None or proof.decision is None:
        return candidate
    return replace(candidate, kept=proof.pictures, is_approved=proof.is_approved, ended_by=proof.ended_by)


def _listed(folders: Folders) -> Collection[str]:
    try:
        return frozenset(os.listdir(folders.returned))
    except FileNotFoundError:
        return ()
