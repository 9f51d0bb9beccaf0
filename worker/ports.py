"""What the daemon needs from the rooms, as narrow protocols.

Knows the promises (errors, idempotence) that every implementation keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from worker.identity import RendererInfo
from worker.problem import Problem
from worker.records import (
    Candidate,
    Claim,
    Entry,
    Job,
    JobRecord,
    JobStatus,
    Progress,
    Request,
    ShotResult,
    StagedFile,
    StagedPieces,
)


class JobReader(Protocol):
    """Turns a dropped file or folder into a Job. Reads inside that path only; never writes; keeps no state."""

    def read(self, path: Path, *, stem: str) -> Job:
        """Read, check and expand.

        Args:
            path: a `.yaml` file, or a folder with `job.yaml`.
            stem: the job's default name.

        Raises:
            JobInvalid: with every problem at once.
            OSError: the share failed; nothing is said about the job.
        """


class Renderer(Protocol):
    """Makes pictures. One user at a time."""

    def start(self) -> RendererInfo:
        """Load the model; idempotent while it is up.

        Raises:
            ModelInvalid: the model cannot be loaded; trying again is no use.
            DeviceUnavailable: the device is absent or lost.
            RendererDied: the process ended while loading.
        """

    def render(self, requests: Sequence[Request], *, on_progress: Callable[[Progress], None]) -> Iterator[ShotResult]:
        """Yield one result per request as soon as each is made, in an order of its own: equal shapes come together.

        The requests' file names tell them apart: each is there once.
        Closing the iterator early interrupts the pictures in work; the renderer then takes new work. Out of memory,
        refused pictures and a process that dies of a picture are results, not errors. `on_progress` is called in the
        caller's thread.

        Raises:
            RendererDied: it was not started, or its process ended and no other comes up; results yielded so far stand.
            ModelInvalid, DeviceUnavailable: as `start`, when another process was needed.
        """

    def close(self) -> None:
        """End the process and free the device; idempotent."""


class Delivery(Protocol):
    """Turns results into files' bytes. Touches none of the folders; serves one job after the other."""

    def shot(self, result: ShotResult, *, record: JobRecord) -> tuple[Entry, tuple[StagedFile, ...]]:
        """The manifest entry and the files of one result.

        Returns:
            Every refused picture under `rejected/`, which may be none; then, unless the shot failed, the image file
            with its metadata and its sidecar, in that order.
        """

    def reuse(self, request: Request, *, record: JobRecord, sidecar: bytes, picture: bytes) -> Entry | None:
        """The entry of a picture made by an earlier claim, if it is whole and is what `request` asks for.

        Returns:
            None when the picture's hash, the request or the model differ, or the sidecar cannot be read.
        """

    def live_page(self, record: JobRecord, entries: Sequence[Entry]) -> StagedFile:
        """`index.html` of a job being rendered: small, refers to the picture files beside it, reloads itself."""

    def closing(
        self, record: JobRecord, entries: Sequence[Entry], *, read: Callable[[str], bytes]
    ) -> Iterator[StagedPieces]:
        """Yield `results.csv`, `index.html` with inlined thumbnails, and `manifest.json` last; may be called again.

        Args:
            record: with `finished_at`.
            entries: one per request, in the job's order.
            read: gives the bytes of a staged file by name.
        """

    def status(self, entries: Sequence[Entry]) -> JobStatus:
        """`complete`, `partial` or `failed` (no picture at all)."""

    def refusal(self, stem: str, problems: Sequence[Problem], *, reason: str) -> Iterable[StagedFile]:
        """`error.txt` for a person and `error.json` for a program.

        Args:
            stem: the job's name.
            problems: of the job file; may be empty.
            reason: one sentence on why the job failed.
        """


class Staging(Protocol):
    """The one folder into which a claim writes. One writer ever; every write is durable when it returns."""

    path: Path
    hashes: dict[str, str]
    """SHA-256, hex, by name of everything written through this object."""

    def write(self, file: StagedFile) -> None:
        """Write whole or not at all (hidden temporary name, fsync, rename); replaces an older one.

        Raises:
            OSError: the share failed or is full; the folder holds the former state.
        """

    def copy(self, name: str, pieces: Iterable[bytes]) -> None:
        """Likewise, a piece at a time: a file may be larger than the memory."""

    def read(self, name: str) -> bytes:
        """The bytes of a staged file, read through a fresh open."""

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex, likewise."""

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in the newest earlier claim's staging that has it, or None."""


class Spool(Protocol):
    """Folders and ownership. The folders are the state: every method can be repeated after a crash."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold this worker's id while the context lasts.

        Raises:
            WorkerIdTaken: a live worker has it, on this machine or another.
            FoldersUnusable: only one worker may serve these folders, and another does.
        """

    def beat(self) -> None:
        """Say that this worker lives; cheap, to be called whenever something is done or waited for. Never raises."""

    def fault(self) -> str | None:
        """Why nothing can be done in the folders now, for a person; None when they work, and an error is one job's."""

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's.

        Raises:
            OSError: the share failed; nothing is known.
        """

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait."""

    def cancelled_by(self, claim: Claim) -> str | None:
        """Name of the file by which a person cancels this job, or None."""

    def ended(self, claim: Claim) -> JobStatus | None:
        """How a job ended that had appeared before something failed; ends its claim. None when it had not."""

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now, settled or not."""

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first. Looks once; call it again to let files settle.

        Raises:
            OSError: the share failed; wait and call again.
        """

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's.

        Returns:
            None when somebody else was faster, or the file changed since it settled.
        """

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims of this worker, and of dead workers of this host (taken over now), oldest first."""

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt, durably, before any work; the claim returned has a new id."""

    def stage(self, claim: Claim, *, name: str) -> Staging:
        """Make (or find again) the hidden-until-done folder for the claim, as `outbox/NAME.<claim>.partial`."""

    def give_back(self, claim: Claim) -> None:
        """Put the job into the inbox again, its attempt not counted, its staged pictures kept."""

    def publish(self, claim: Claim, staging: Staging, *, name: str) -> Path:
        """Add the job as dropped, make all durable, verify, prove the claim, rename to `outbox/NAME`, end the claim.

        Raises:
            ClaimLost: the job is another worker's now; nothing appeared.

        Returns:
            The folder under its final name; the existing one when this job was published before.
        """

    def fail(self, claim: Claim, files: Iterable[StagedFile], *, name: str, staging: Staging | None) -> Path:
        """Publish into `failed/` likewise; what `staging` holds goes along (manifest and evidence)."""


class Wakeup(Protocol):
    """Shortens the wait between scans; never the only source of truth."""

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or earlier when something may have changed."""

    def close(self) -> None:
        """Stop watching; idempotent."""


class Recorder(Protocol):
    """Takes down what the worker does, for `status` and `plan`. Never raises: a night does not end for it."""

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """The worker's state now, such as `rendering`, `idle`, `paused`."""

    def speed(self, model: str, *, pixel_steps: int, seconds: float) -> None:
        """One picture took so long: what `plan` forecasts from."""
