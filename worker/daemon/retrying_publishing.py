"""The retrying ports of publishing: staging and publishing that wait where the share fails, and go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from worker.daemon.share_retry import LOST, ShareRetry
from worker.kept_records import Proof
from worker.live_records import Shown
from worker.publishing_ports import Publishing, Staging
from worker.records import Claim, StagedFile


class RetryingStaging:
    """Satisfies `spool_ports.Staging`: no OSError but of what is lost.

    While it waits for the share, ClaimLost, JobInTrouble and StopAsked may come in its place.
    """

    def __init__(self, staging: Staging, retry: ShareRetry, *, claim: Claim) -> None:
        """Wrap one.

        Args:
            staging: writes once.
            retry: repeats.
            claim: whose folder it is.
        """
        self.once = staging
        self._until_done = partial(retry.until_done, claim=claim, passes=LOST)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.once.path

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 by name of everything written."""
        return self.once.hashes

    def write(self, file: StagedFile) -> None:
        """Write whole."""
        self._until_done(lambda: self.once.write(file))

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Write whole, a piece at a time; the pieces are made anew for each try."""
        self._until_done(lambda: self.once.copy(name, pieces))

    def read(self, name: str) -> bytes:
        """The bytes of a staged file."""
        return self._until_done(lambda: self.once.read(name))

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex."""
        return self._until_done(lambda: self.once.read_hash(name))

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in a former claim's folder; none where the folder is gone."""
        try:
            return self._until_done(lambda: self.once.earlier(name))
        except FileNotFoundError:
            return None

    def finished(self, name: str) -> bytes | None:
        """The bytes of that file in the folder in which the job had ended."""
        return self._until_done(lambda: self.once.finished(name))

    def keep(self, files: Sequence[StagedFile]) -> None:
        """Take over files of a former claim."""
        self._until_done(lambda: self.once.keep(files))


class RetryingPublishing:
    """Satisfies `spool_ports.Publishing`: no OSError but of what is lost; ClaimLost, JobInTrouble or StopAsked."""

    def __init__(self, publishing: Publishing, retry: ShareRetry) -> None:
        """Wrap one.

        Args:
            publishing: does each step once.
            retry: repeats a call until the share works.
        """
        self._publishing = publishing
        self._retry = retry

    def stage(self, claim: Claim, *, name: str) -> RetryingStaging:
        """The claim's folder, whose every write waits for the share too."""
        staging = self._retry.until_done(lambda: self._publishing.stage(claim, name=name), claim=claim)
        return RetryingStaging(staging, self._retry, claim=claim)

    def show(self, claim: Claim, shown: Shown, *, name: str) -> None:
        """Let people see how the job goes; tried once."""
        self._publishing.show(claim, shown, name=name)

    def publish(self, claim: Claim, staging: Staging, *, name: str) -> Path:
        """All of it again where one step of it failed."""
        once = _once(staging)
        return self._retry.until_done(
            lambda: self._publishing.publish(claim, once, name=name), claim=claim, passes=LOST
        )

    def publish_proof(self, claim: Claim, staging: Staging, *, proof: Proof) -> Path:
        """Of the proof, likewise."""
        once = _once(staging)
        return self._retry.until_done(
            lambda: self._publishing.publish_proof(claim, once, proof=proof), claim=claim, passes=LOST
        )

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: Staging | None) -> Path:
        """Into `failed/`, likewise."""
        once = None if staging is None else _once(staging)
        return self._retry.until_done(
            lambda: self._publishing.fail(claim, files, name=name, staging=once), claim=claim, passes=LOST
        )


def _once(staging: Staging) -> Staging:
    return staging.once if isinstance(staging, RetryingStaging) else staging
