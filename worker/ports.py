"""What the daemon needs from the rooms, as narrow protocols.

Knows the promises (errors, idempotence) that every implementation keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from worker.identity import RendererInfo
from worker.live_records import Moment, Shown
from worker.manifest_records import Entry, JobRecord, JobStatus, NotDone
from worker.problem import Problem
from worker.queued_job import QueuedJob
from worker.records import (
    Candidate,
    Claim,
    Job,
    PictureResult,
    Progress,
    Request,
    StagedFile,
    StagedPieces,
)
from worker.translation import Language, Text


class JobReader(Protocol):
    """Turns what was dropped into a Job. Reads inside that path only, and a table's template; never writes."""

    def read(self, path: Path, *, stem: str) -> Job:
        """Read, check and expand.

        Args:
            path: a `.yaml` file, a folder with `job.yaml`, or a table with a template beside it.
            stem: the job's default name.

        Raises:
            JobInvalid: with every problem at once.
            OSError: the share failed; nothing is said about the job.
        """


class LastLook(Protocol):
    """The queue as of the last look."""

    def pop_above(self, priority: int) -> Candidate | None:
        """A job of a higher priority that may be claimed, the most urgent first; each once a look. Never raises."""

    def served(self, claim: Claim) -> None:
        """The claimed job is worked on: its owner has had a turn. Never raises."""

    def gave_way(self, jobs: Sequence[QueuedJob]) -> None:
        """All claimed jobs that gave way, each with what is left of it: they count in forecasts. Never raises."""

    def gave_back(self, jobs: Sequence[QueuedJob]) -> None:
        """These lie in the inbox again, each with what is left of it. Never raises."""

    def pop_refused(self) -> Candidate | None:
        """A job that is to be taken only to be refused; each once a look. Never raises."""

    def given_up(self) -> frozenset[str]:
        """Names in the inbox that can never be taken as they are, as of the last look. Never raises."""


class LooksOnce(LastLook, Protocol):
    """The queue as the inbox shows it now."""

    def ready(self) -> list[Candidate]:
        """Look once: what may be claimed now, the most urgent first.

        Raises:
            OSError: the share failed; wait and call again.
        """


class ReadyJobs(LooksOnce, Protocol):
    """The queue, once the share works: `ready` raises no OSError, but StopAsked where that came while it waited."""


class ClaimedJobs(Protocol):
    """Reads claimed jobs, once the share works."""

    def read(self, claim: Claim) -> Job:
        """The job in a claim.

        Raises:
            JobInvalid: with every problem at once.
            ClaimLost, JobInTrouble, StopAsked: as the ports of the spool.
        """


class RunsJobs(Protocol):
    """Renders claimed jobs to their end, whatever the share does meanwhile."""

    def run(self, claim: Claim, job: Job, refused: Mapping[str, Text]) -> JobStatus | None:
        """Render what is missing and publish.

        Args:
            claim: begun.
            job: as read from it.
            refused: why pictures are not to be made that are missing, by file name; they count as failed.

        Returns:
            The status it was published with; None where the job was given back, for a stop or as the hours are over.

        Raises:
            DeviceUnavailable, ModelInvalid, RendererDied: the renderer cannot be started; the claim stands.
            RendererBroken: picture after picture fails alike; the claim stands.
            NoRoom: the job waits for room; the claim stands.
            GivesWay: a more urgent job is made first; the claim stands.
            ClaimLost, JobInTrouble, StopAsked: as the ports of the spool.
        """


class Renderer(Protocol):
    """Makes pictures. One user at a time."""

    def start(self) -> RendererInfo:
        """Load the model; idempotent while it is up.

        Raises:
            ModelInvalid: the model cannot be loaded; trying again is no use.
            DeviceUnavailable: the device is absent or lost.
            RendererDied: several processes in a row ended or hung while loading.
            StopAsked: the worker was asked to stop meanwhile.
        """

    def render(
        self, requests: Sequence[Request], *, on_progress: Callable[[Progress], None]
    ) -> Iterator[PictureResult]:
        """Yield one result per request as soon as each is made, in an order of its own: equal shapes come together.

        Fewer come only after `finish`, and where the worker is asked to stop, and another process is needed or the
        picture in work takes too long.
        The requests' file names tell them apart: each is there once.
        Closing the iterator early interrupts the pictures in work; the renderer then takes new work. Out of memory,
        refused pictures and a process that dies of a picture are results, not errors. `on_progress` is called in the
        caller's thread.

        Args:
            requests: pictures of one job.
            on_progress: called when a batch begins and after every step.

        Raises:
            RendererDied: it was not started, or its process ended and no other comes up; results yielded so far stand.
            RendererBroken: picture after picture fails alike; those without a result may be asked for again.
            ModelInvalid, DeviceUnavailable: as `start`, when another process was needed.
        """

    def finish(self) -> None:
        """Begin no other picture of the `render` in hand: those in work still come, then it ends.

        Idempotent; to be called between two results.
        """

    def close(self) -> None:
        """End the process and free the device; idempotent."""


class Delivery(Protocol):
    """Turns results into files' bytes. Touches none of the folders; serves one job at a time.

    The same values give the same answer, so every method may be called again.
    """

    def picture(self, result: PictureResult, *, record: JobRecord) -> tuple[Entry, tuple[StagedFile, ...]]:
        """The manifest entry and the files of one result.

        Args:
            result: of one request.
            record: of the job, while it is rendered.

        Returns:
            Every refused picture under `rejected/`, which may be none; then, unless the picture failed, the image file
            with its metadata and its sidecar, in that order. A picture of which no file can be made has failed: what
            goes wrong while encoding is that picture's trouble, never the share's.
        """

    def reuse(self, request: Request, *, record: JobRecord, sidecar: bytes, picture: bytes) -> Entry | None:
        """The entry of a picture made by an earlier claim, if it is whole and is what `request` asks for.

        Args:
            request: what is asked now.
            record: of the job; its model must be the picture's.
            sidecar: bytes of the JSON file beside the picture.
            picture: bytes of the picture's file.

        Returns:
            None when the picture's hash, the request or the model differ, or the sidecar cannot be read.
        """

    def live(self, record: JobRecord, entries: Sequence[Entry], *, moment: Moment, needs_page: bool) -> Shown:
        """What people see of a job in work: the record by which an open page goes on, and its `index.html`.

        Args:
            record: of the job, while it is rendered.
            entries: of the pictures settled so far, in the order in which they were.
            moment: how it goes.
            needs_page: False where the page that is there still does: it is None then.
        """

    def closing(
        self, record: JobRecord, entries: Sequence[Entry], *, read: Callable[[str], bytes]
    ) -> Iterator[StagedPieces]:
        """Yield `results.csv`, `index.html` with inlined thumbnails, and `manifest.json` last; may be called again.

        Args:
            record: with `finished_at`.
            entries: one per request, in the job's order.
            read: gives the bytes of a staged file by name.

        Raises:
            FileNotFoundError, ClaimLost, JobInTrouble, StopAsked: whatever `read` raises.
        """

    def refusal(
        self,
        stem: str,
        problems: Sequence[Problem],
        *,
        reason: str,
        language: Language,
        status: NotDone = "failed",
        dropped_by: str | None = None,
    ) -> tuple[StagedFile, ...]:
        """`error.txt` for a person and `error.json` for a program.

        Args:
            stem: the job's name.
            problems: of the job file; may be empty.
            reason: one sentence on why the job was not done.
            language: of all sentences in both.
            status: how it ended.
            dropped_by: who dropped the job, where the file system tells.
        """


class Wakeup(Protocol):
    """Shortens the wait between scans; never the only source of truth."""

    def wait(self, timeout_s: float) -> bool:
        """Return after `timeout_s` seconds, or earlier: whether something may have changed. Never raises."""

    def ring(self) -> None:
        """End a wait at once, or the next one; any thread may. Never raises."""

    def close(self) -> None:
        """Stop watching; idempotent."""
