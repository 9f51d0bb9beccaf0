"""Publishing: a claimed job is staged, verified, and appears under its final name by one rename.

Knows staging folders and endings. Whose a claim is, `ownership` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import get_args

import structlog

from worker.disk.beneath import plain_files_in
from worker.disk.content import pieces
from worker.disk.durable import is_listed, remove_tree, sync_folder
from worker.disk.json_records import read_head
from worker.disk.looks import is_folder
from worker.disk.returned_folder import MARKS
from worker.errors import JobChanged
from worker.kept_records import Proof
from worker.live_records import Shown
from worker.manifest_records import JobStatus
from worker.plain_names import is_litter
from worker.records import Claim, StagedFile
from worker.spool.alive.liveness import Liveness
from worker.spool.answers import Answers
from worker.spool.claims import Claims
from worker.spool.earlier_pictures import is_saved, take_along
from worker.spool.ended_receipts import tell_ended
from worker.spool.endings import ending, forget_ending, has_ended, note_ended, require_unchanged
from worker.spool.final_rename import Staged, add_dropped, appear, job_of, verify
from worker.spool.folder_identity import Roots
from worker.spool.layout import Folders, partial_name
from worker.spool.live_files import LiveFiles
from worker.spool.obeyed import Obeyed
from worker.spool.proof_publishing import ProofPublishing
from worker.spool.readers import Readers
from worker.spool.rescue import gone_after_its_end
from worker.spool.staging import FolderStaging, partials_of
from worker.translation import Text, gettext

log = structlog.get_logger()


class FolderPublishing:
    """Satisfies `spool_ports.Publishing` with nothing but folders."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        *,
        claims: Claims,
        liveness: Liveness,
        obeyed: Obeyed,
        answers: Answers,
        readers: Readers,
        live: LiveFiles,
        proofs: ProofPublishing,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            claims: of this worker.
            liveness: of this worker.
            obeyed: ends the cancel files of what has ended.
            answers: say what came of these.
            readers: tells what the person reads who dropped a job.
            live: where people see how a job goes, and where it went.
            proofs: lets proofs appear, and their jobs wait.
        """
        self._proofs = proofs
        self._live = live
        self._readers = readers
        self._folders = folders
        self._roots = roots
        self._claims = claims
        self._liveness = liveness
        self._obeyed = obeyed
        self._answers = answers
        self._unswept: dict[str, tuple[Claim, Path]] = {}
        """What ended and could not be swept, by job id: its claim, and the folder that appeared."""
        self._staged: dict[str, set[Path]] = {}
        """Folders that were made here, by the claim's id: an outbox of thousands need not be listed to find them."""

    def stage(self, claim: Claim, *, name: str) -> FolderStaging:
        """The claim's folder in the outbox."""
        self._roots.require()
        proof, retry = claim.proof, claim.retry
        sources = [self._folders.outbox / proof.folder] if proof is not None else []
        sources += [self._root(retry.place) / retry.folder] if retry is not None else []
        earlier = partials_of(self._folders.outbox, claim.earlier)
        return self._staging(claim, "outbox", name=name, earlier=earlier, sources=sources)

    def _staging(
        self, claim: Claim, place: str, *, name: str, earlier: tuple[Path, ...] = (), sources: Sequence[Path] = ()
    ) -> FolderStaging:
        path, shortfall = self._root(place) / partial_name(name, claim.id), self._roots.shortfalls[place]
        self._staged.setdefault(claim.id, set()).add(path)
        return FolderStaging(path, earlier=earlier, sources=sources, shortfall=shortfall, went_on=self._liveness.go_on)

    def show(self, claim: Claim, shown: Shown, *, name: str) -> None:
        """Let people see how the job goes."""
        self._live.show(claim.job_id, shown, partial=self._folders.outbox / partial_name(name, claim.id))

    def publish(self, claim: Claim, staging: Staged, *, name: str) -> Path:
        """Add the job, verify, rename to `outbox/NAME`, end the claim."""
        return self._ended(claim) or self._finish(claim, staging, root=self._folders.outbox, name=name)

    def publish_proof(self, claim: Claim, staging: Staged, *, proof: Proof) -> Path:
        """Likewise rename to the proof's name; the job waits, nobody's claim, until a person has said something."""
        if not self._proofs.has_appeared(claim):
            self._make_whole(claim, staging)
            self._prove(claim)  # copying may have taken long
            self._proofs.appear(claim, staging.path, proof)
        return self._hold(claim)

    def _hold(self, claim: Claim) -> Path:
        path = self._proofs.hold(claim, self._partials_of(claim), went_on=self._liveness.go_on)
        self._staged.pop(claim.id, None)
        return path

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: Staged | None) -> Path:
        """Publish into `failed/`; what `staging` holds goes along."""
        if (path := self._ended(claim)) is not None:
            return path
        self._roots.require()
        target = self._staging(claim, "failed", name=name)
        if staging is not None:
            verify(staging)
            for inside in plain_files_in(staging.path):
                if not any(is_litter(part) for part in inside.split("/")):
                    target.copy(inside, partial(pieces, staging.path / inside, below=staging.path.parent))
        for file in files:
            target.write(file)
        try:
            return self._finish(claim, target, root=self._folders.failed, name=name)
        except JobChanged:
            # first: with its end written down, a staged folder that goes means that it has appeared
            forget_ending(claim, place="failed", staged=target.path)
            remove_tree(target.path)  # copies: the job may end elsewhere now
            raise

    def ended(self, claim: Claim) -> JobStatus | None:
        """How a job ended whose last rename had happened before something failed; None when it had not."""
        if self._proofs.has_appeared(claim):
            self._hold(claim)
            return "proof"
        path = self._ended(claim)
        if path is None:
            return None
        if not path.exists():
            return "complete"
        said = [read_head(path / name).get("status") for name in ("manifest.json", "error.json")]
        return next((status for status in get_args(JobStatus) if status in said), "failed")

    def sweep_again(self) -> None:
        """Sweep what a failing share had kept from being swept."""
        for claim, path in [*self._unswept.values()]:
            self._sweep(claim, path)

    def _finish(self, claim: Claim, staging: Staged, *, root: Path, name: str) -> Path:
        self._make_whole(claim, staging)

        def note(staged: Path, target: Path) -> None:
            self._claims.note(claim, {"ending": [self._place(root), staged.name, target.name]})

        return self._appear(claim, staging, root=root, name=name, note=note)

    def _make_whole(self, claim: Claim, staging: Staged) -> None:
        self._prove(claim)
        others = [folder for folder in self._partials_of(claim) if folder != staging.path]
        take_along(others, staging, went_on=self._liveness.go_on)
        add_dropped(staging, claim.dropped)
        verify(staging)
        require_unchanged(claim)

    def _appear(
        self, claim: Claim, staging: Staged, *, root: Path, name: str, note: Callable[[Path, Path], None]
    ) -> Path:
        """The last rename, written down before and after it; then the sweep."""
        self._prove(claim)  # copying may have taken long
        path = None
        try:
            path = appear(staging.path, root=root, name=name, job_id=claim.job_id, note=note)
        finally:
            if path is None:
                with suppress(OSError):  # what is noted is true of a rename that may have happened
                    forget_ending(claim, place=self._place(root), staged=staging.path)
        with suppress(OSError):  # then the sweep is likely to fail too, and is done again
            note_ended(claim)
        self._sweep(claim, path, name=name)
        return path

    def _partials_of(self, claim: Claim) -> list[Path]:
        if self._claims.is_made_here(claim) and not claim.earlier:
            return [path for path in sorted(self._staged.get(claim.id, ())) if is_folder(path)]
        roots, ids = (self._folders.outbox, self._folders.failed), (claim.id, *claim.earlier)
        return [folder for root in roots for folder in partials_of(root, ids)]

    def _prove(self, claim: Claim) -> None:
        """Before anything becomes visible: the folders are the right ones, and the claim is still this worker's.

        Raises:
            ClaimLost: another worker took this one for dead, and the job over.
            OSError: the share failed; nothing is known.
        """
        self._roots.require()
        self._liveness.renew()
        self._claims.require(claim)
        self._liveness.proved()

    def _sweep(self, claim: Claim, path: Path, *, name: str | None = None) -> None:
        """Remove what only the unfinished job needed, the claim last; no picture that is not in the finished folder.

        The job has appeared, so a share that fails now must not bring it back: the sweep is done at the next scan.
        """
        self._live.went(claim.job_id, path)
        language = self._readers.language_of(claim.dropped)
        tell_ended(self._folders, claim.dropped.name, path, language=language)
        try:
            for folder in self._partials_of(claim):
                if is_saved(folder, path, went_on=self._liveness.go_on):
                    remove_tree(folder, went_on=self._liveness.go_on)
                elif claim.job_id not in self._unswept:
                    log.warning("partial.kept", folder=folder.name, note="it holds pictures that lie nowhere else")
            for cancel in self._obeyed.end_of(claim.dropped.name, claim.stem, name):
                self._answers.give(
                    cancel, _how_ended(claim.stem if name is None else name, path), of=path, is_logged=False
                )
            self._claims.end(claim)
            self._unswept.pop(claim.job_id, None)
            self._staged.pop(claim.id, None)
        except OSError:
            if claim.job_id not in self._unswept:
                self._unswept[claim.job_id] = claim, path
                with suppress(OSError):
                    note_ended(claim)

    def _ended(self, claim: Claim) -> Path | None:
        """The finished folder, if the claim's job had appeared before a crash or a failing share; then it is swept."""
        noted = ending(claim)
        if noted is None:
            return None
        path = self._appeared(claim, *noted)
        if path is not None:
            sync_folder(path.parent)  # it may be this that had failed
            self._sweep(claim, path)
            return path
        return self._tell_gone(claim, name=noted[2]) if self._is_gone(noted[0], noted[1]) else None

    def _is_gone(self, root_name: str, staged: str) -> bool:
        """Whether the staged folder of a job without a finished one went after the last rename was written down.

        Only that rename, of a worker that died just then, takes it away, and a person who has moved the finished folder
        since: it is not made a second time. That a person removed the staged folder itself, in the moment between note
        and rename, looks the same: so the job is kept, with words.
        """
        self._roots.require()
        return not is_listed(self._root(root_name) / staged)

    def _tell_gone(self, claim: Claim, *, name: str) -> Path:
        """End the claim of a job whose finished folder has been taken away: what was dropped lies in `failed`."""
        staging = self._staging(claim, "failed", name=name)
        for file in gone_after_its_end(name, language=self._readers.language_of(claim.dropped)):
            staging.write(file)
        add_dropped(staging, claim.dropped)
        verify(staging)
        log.warning("job.gone", job=claim.stem, id=claim.job_id, folder=name)
        # what is noted of its end stays true
        return self._appear(claim, staging, root=self._folders.failed, name=name, note=lambda _staged, _target: None)

    def _place(self, root: Path) -> str:
        return "outbox" if root == self._folders.outbox else "failed"

    def _root(self, name: str) -> Path:
        return self._folders.outbox if name == "outbox" else self._folders.failed

    def _appeared(self, claim: Claim, root_name: str, staged: str, target: str) -> Path | None:
        """The finished folder, if the last rename had happened: its target is noted, and the staged folder is gone."""
        root = self._root(root_name)
        if has_ended(claim):
            return root / target  # whoever has taken it away since
        is_there = not is_listed(root / staged) and is_listed(root / target) and is_folder(root / target)
        # a refused job has no manifest; any other folder of that name must be this job's
        return root / target if is_there and job_of(root / target) in (claim.job_id, None) else None


def _how_ended(job: str, path: Path) -> Text:
    """What came of a cancel file, by the folder that has appeared; a job may end by itself just then."""
    folder = f"{path.parent.name}/{path.name}"
    if "cancelled" in [read_head(path / mark).get("status") for mark in MARKS]:
        return gettext("`{job}` is cancelled; what is there of it lies in {folder}.", job=job, folder=folder)
    return gettext("`{job}` has ended; it lies in {folder}.", job=job, folder=folder)
