"""How a claimed job becomes a finished folder, as the daemon needs it from the spool: staging and publishing.

Knows the promises (errors, idempotence) that every implementation keeps; `tests/contract` holds each to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from worker.kept_records import Proof
from worker.live_records import Shown
from worker.records import Claim, StagedFile


class NotAsWritten(OSError):
    """Raised when a file does not read back as it was written: the share lost it, so it is made again."""


class NotStaged(FileNotFoundError):
    """Raised when a claim's folder is there and holds no such file: the share need not be asked whether it works."""


class Staging(Protocol):
    """The one folder into which a claim writes. One writer ever; every write is durable when it returns."""

    @property
    def path(self) -> Path:
        """The folder."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256, hex, by name of everything written or read through this object."""

    def write(self, file: StagedFile) -> None:
        """Write whole or not at all (hidden temporary name, fsync, rename); replaces an older one. Idempotent.

        Raises:
            OSError: the share failed or is full; the folder holds the former state.
        """

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Likewise, a piece at a time: a file may be larger than the memory.

        Args:
            name: relative to the folder, with `/`.
            pieces: makes the file's bytes anew for each try.

        Raises:
            OSError: as `write`.
        """

    def read(self, name: str) -> bytes:
        """The bytes of a staged file, read through a fresh open.

        Raises:
            NotStaged: there is none.
            OSError: the share failed.
        """

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex, likewise."""

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in the newest earlier claim's staging that has it, or None.

        Raises:
            OSError: the share failed; nothing is known.
        """

    def finished(self, name: str) -> bytes | None:
        """Of a job that is made again: that file in the folder in which it had ended, which stays as it is; or None.

        Raises:
            OSError: the share failed; nothing is known.
        """

    def keep(self, files: Sequence[StagedFile]) -> None:
        """Take over files that `earlier` gave: moved where the share can, else copied; there is one copy of each then.

        Args:
            files: what belongs together, such as a picture and its sidecar; none leaves its place before all are here.

        Raises:
            NotAsWritten: a copy does not read back.
            OSError: as `write`.
        """


class Publishing(Protocol):
    """A claimed job becomes a finished folder. Every method can be repeated until it has returned once."""

    def stage(self, claim: Claim, *, name: str) -> Staging:
        """Make (or find again) the hidden-until-done folder for the claim, as `outbox/NAME.<claim>.partial`.

        Args:
            claim: held by this worker.
            name: of the finished folder, unless it is taken.

        Raises:
            OSError: the share failed, or is another one than at the start.
        """

    def show(self, claim: Claim, shown: Shown, *, name: str) -> None:
        """Let people see how the job goes; where it went is shown by whatever ends it. Never raises, and never waits.

        Args:
            claim: of this worker, staged.
            shown: replaces what was shown before.
            name: of the finished folder, as it was staged.
        """

    def publish(self, claim: Claim, staging: Staging, *, name: str) -> Path:
        """Add the job as dropped, make all durable, verify, prove the claim, rename to `outbox/NAME`, end the claim.

        Verified pictures of earlier claims that are not staged come along: none is lost when a job ends.

        Args:
            claim: held by this worker.
            staging: of that claim, with everything written.
            name: of the finished folder; with .2, .3, ... where it is taken.

        Raises:
            ClaimLost: the job is another worker's now and nothing appeared, or its claim ended before.
            JobChanged: its files are not those that were claimed, or that an earlier call met; nothing appeared.
            OSError: the share failed; nothing is half-done, and a repeated call finds out whether the job has appeared.

        Returns:
            The folder under its final name; the one that had appeared when an earlier call failed after its last step.
        """

    def publish_proof(self, claim: Claim, staging: Staging, *, proof: Proof) -> Path:
        """Publish likewise under the proof's name; the claim ends, and the job waits until a person judges it.

        Once it is approved the job lies in the inbox again, or is a worker's claim, and `Claim.proof` says so.

        Args:
            claim: held by this worker.
            staging: of that claim, with everything written.
            proof: what is to be known of it then.

        Raises:
            ClaimLost, JobChanged, OSError: as `publish`.

        Returns:
            The folder under its final name.
        """

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: Staging | None) -> Path:
        """Publish into `failed/` likewise; what `staging` holds goes along (manifest and evidence), as do pictures.

        Args:
            claim: of the job.
            files: the reason, for a person and for a program.
            name: of the folder; a number is added where it is taken.
            staging: of the claim; None where nothing was staged.

        Raises:
            ClaimLost, JobChanged, OSError: as `publish`.
        """
