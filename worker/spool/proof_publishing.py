"""Publishing a proof: it appears by one rename, and then its job waits and is nobody's claim.

Knows the order of both, so that whoever finds a claim between them goes on; `publishing` makes the folder whole.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from worker.disk.durable import is_listed, remove_tree
from worker.kept_records import Proof
from worker.records import Claim
from worker.spool.claim_files import folder_of, read_claim_record
from worker.spool.claims import Claims
from worker.spool.earlier_pictures import is_saved
from worker.spool.ended_receipts import tell_ended
from worker.spool.final_rename import appear
from worker.spool.folder_identity import Roots
from worker.spool.layout import Folders
from worker.spool.live_files import LiveFiles
from worker.spool.proof_notes import KEY, noted, proof_in, staged_in
from worker.spool.proofs import Proofs
from worker.spool.readers import Readers


class ProofPublishing:
    """Of one spool."""

    def __init__(
        self, folders: Folders, roots: Roots, *, claims: Claims, proofs: Proofs, live: LiveFiles, readers: Readers
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            claims: of this worker.
            proofs: where jobs wait.
            live: tells whoever has the live page open where its proof lies.
            readers: tells what the person reads who dropped a job.
        """
        self._folders = folders
        self._roots = roots
        self._claims = claims
        self._proofs = proofs
        self._live = live
        self._readers = readers

    def appear(self, claim: Claim, staged: Path, proof: Proof) -> None:
        """The rename, written down before it.

        Args:
            claim: of the job, proved.
            staged: its folder in the outbox, whole.
            proof: with the name that its folder gets unless that is taken.

        Raises:
            ClaimLost, OSError: as `Claims.note` and `final_rename.appear`.
        """

        def note(folder: Path, target: Path) -> None:
            self._claims.note(claim, {KEY: noted(replace(proof, folder=target.name), staged=folder)})

        # whatever lies there under its name is another proof: whether this one has appeared, its record says
        appear(staged, root=self._folders.outbox, name=proof.folder, job_id="", note=note)

    def has_appeared(self, claim: Claim) -> bool:
        """Whether its proof lies in the outbox, or lay there, and no person has said anything to it.

        Only the rename takes a staged folder away, and a person: of a proof that went just then the job waits too, and
        says that it is gone.

        Raises:
            OSError: the share failed.
        """
        record = read_claim_record(folder_of(claim))
        proof, staged = proof_in(record), staged_in(record)
        if proof is None or proof.decision is not None or not staged:
            return False
        self._roots.require()
        return not is_listed(self._folders.outbox / staged)

    def hold(self, claim: Claim, partials: Sequence[Path], *, went_on: Callable[[], None]) -> Path:
        """Let the job wait; folders of the claim go first whose pictures lie in the proof.

        Args:
            claim: whose proof has appeared.
            partials: its folders that are not whole.
            went_on: called while that takes long.

        Raises:
            OSError: the share failed; the call may be repeated.
        """
        path = self._folders.outbox / _folder_in(read_claim_record(folder_of(claim)))
        self._live.went(claim.job_id, path)
        language = self._readers.language_of(claim.dropped)
        tell_ended(self._folders, claim.dropped.name, path, language=language)
        for folder in partials:
            if is_saved(folder, path, went_on=went_on):
                remove_tree(folder, went_on=went_on)
        try:
            self._proofs.hold(claim)
        except FileNotFoundError as missing:  # else its pictures would be taken for lost, and made again
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), missing.filename) from missing
        return path


def _folder_in(record: Mapping[str, object]) -> str:
    proof = proof_in(record)
    if proof is None:
        raise FileNotFoundError("the record of a claim that went just then")
    return proof.folder
