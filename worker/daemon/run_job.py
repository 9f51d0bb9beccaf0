"""One claimed job, from its requests to its published folder.

Knows the order of things: stage, reuse, render, deliver, publish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

import structlog

from worker.clocks import Clocks
from worker.daemon.blame import in_turns
from worker.daemon.broken_run import blaming_no_picture
from worker.daemon.job_log import counts, log_given_back, log_picture, why_failed
from worker.daemon.job_progress import JobProgress
from worker.daemon.job_record import record_of
from worker.daemon.reuse import reused
from worker.daemon.room import Room
from worker.daemon.waiting import Waiting
from worker.identity import NOT_STARTED, ModelIdentity, RendererInfo, WorkerIdentity
from worker.manifest_records import JobStatus
from worker.ports import Delivery, Recorder, Renderer
from worker.records import Claim, Job, PictureResult, Progress, Request
from worker.spool_ports import SpoolPorts
from worker.translation import Text, gettext

log = structlog.get_logger()


class JobRunner:
    """Renders claimed jobs and ends their claims."""

    def __init__(
        self,
        *,
        spool: SpoolPorts,
        renderer: Renderer,
        delivery: Delivery,
        recorder: Recorder,
        clocks: Clocks,
        worker: Callable[[RendererInfo], WorkerIdentity],
        model: ModelIdentity,
        waiting: Waiting,
        room: Room,
    ) -> None:
        """Keep the parts.

        Args:
            spool: the worker's view of its folders, retrying.
            renderer: makes the pictures; started by the first job.
            delivery: turns results into files.
            recorder: takes down every step, and the speed of pictures that took one try.
            clocks: `now` for the job's record, `monotonic` for all durations.
            worker: names this worker by what it runs on.
            model: whose pictures these are.
            waiting: waits out a pause, and knows of a stop, after every picture; its time is no work.
            room: lets a job go on while there is room for its pictures.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._publishing = spool.publishing
        self._language_of = spool.language_of
        self._room = room
        self._renderer = renderer
        self._delivery = delivery
        self._recorder = recorder
        self._clocks = clocks
        self._worker = worker
        self._model = model
        self._should_stop = waiting.should_stop
        self._waiting = waiting
        self._info = NOT_STARTED

    def run(self, claim: Claim, job: Job, refused: Mapping[str, Text]) -> JobStatus | None:
        """Render what is missing and publish; can be repeated with the same claim.

        Args:
            claim: begun.
            job: as read from it.
            refused: why pictures are not to be made, by file name; if that is all, no renderer is started.

        Returns:
            The status it was published with, or None when the worker was asked to stop and gave the job back.

        Raises:
            ClaimLost, NoRoom: the job is another worker's now; or it waits for room, and the claim stands.
            JobInTrouble, StopAsked: of the ports; the claim stands.
            DeviceUnavailable, ModelInvalid, RendererDied: the renderer cannot be started; the claim stands.
            RendererBroken: picture after picture fails alike; the claim stands.
        """
        begun_s = self._waiting.worked_s()
        work = self._begin(claim, job, needs_renderer=not refused.keys() >= {one.file for one in job.requests})
        work.refuse(refused)
        with blaming_no_picture(self._ownership, claim, work):
            self._render(claim, work)
        if work.left:
            is_back = self._ownership.give_back(claim)
            log_given_back(job.name, pictures=len(work.entries), left=len(work.left), is_back=is_back)
            return None
        return self._settle(claim, work, seconds=self._waiting.worked_s() - begun_s)

    def _begin(self, claim: Claim, job: Job, *, needs_renderer: bool) -> JobProgress:
        if needs_renderer:
            self._info = self._renderer.start()
        record = record_of(
            claim,
            job,
            worker=self._worker(self._info),
            model=self._model,
            started_at=self._clocks.now(),
            language=self._language_of(claim.dropped),
        )
        staging = self._publishing.stage(claim, name=job.name)
        record, entries = reused(claim, job, record, staging, self._delivery)
        log.info(
            "job.started", job=job.name, id=claim.job_id, attempt=claim.attempt,
            pictures=len(job.requests), kept=len(entries), demo_model=self._model.demo,
        )  # fmt: skip
        return JobProgress(job=job, record=record, staging=staging, delivery=self._delivery, entries=entries)

    def _render(self, claim: Claim, work: JobProgress) -> None:
        work.write_page(now_s=self._clocks.monotonic())
        self._room.require_all(claim, work)
        for requests in in_turns([*work.left.values()], claim.deaths):
            if self._should_stop() or self._is_cancelled(claim, work) or not self._render_some(claim, work, requests):
                return

    def _render_some(self, claim: Claim, work: JobProgress, requests: Sequence[Request]) -> bool:
        """Whether to go on with others."""
        begun_s = self._waiting.worked_s()
        results = self._renderer.render(requests, on_progress=lambda step: self._report(claim, work, step))
        # closing: leaving early must interrupt the pictures in work, not whenever the garbage is collected
        with closing(results):  # type: ignore[type-var]
            for result in results:
                self._ownership.prove(claim)
                self._deliver(work, result)
                ended_s = self._waiting.worked_s()
                self._record_speed(result, seconds=ended_s - begun_s)
                begun_s = ended_s
                if not work.left:  # what is finished is published: nobody's pause holds it back
                    continue
                self._waiting.while_paused(until=lambda: bool(self._inbox.cancelled_by(claim, shown=work.job.name)))
                self._room.require(claim, work)
                if self._should_stop() or self._is_cancelled(claim, work):
                    return False
        return True

    def _is_cancelled(self, claim: Claim, work: JobProgress) -> bool:
        """Whether a person has cancelled the job: what is left of it then counts as failed."""
        cancel = self._inbox.cancelled_by(claim, shown=work.job.name)
        if cancel is None:
            return False
        log.warning("job.cancelled", job=work.job.name, by=cancel, pictures=len(work.entries), left=len(work.left))
        work.refuse(dict.fromkeys(work.left, gettext("Cancelled by {file}.", file=cancel)))
        return True

    def _deliver(self, work: JobProgress, result: PictureResult) -> None:
        self._room.measure(result, work.made(result))
        log_picture(work.job.name, result)
        work.write_page_if_old(now_s=self._clocks.monotonic())

    def _settle(self, claim: Claim, work: JobProgress, *, seconds: float) -> JobStatus:
        record = replace(work.record, finished_at=self._clocks.now())
        entries = tuple(work.entries[request.file] for request in work.job.requests)
        for file in self._delivery.closing(record, entries, read=work.staging.read):
            work.staging.copy(file.name, file.pieces)
        status = self._delivery.status(entries)
        if status == "failed":
            refusal = self._delivery.refusal(
                work.job.name, work.job.warnings, reason=why_failed(entries), language=record.language
            )
            path = self._publishing.fail(claim, refusal, name=work.job.name, staging=work.staging)
        else:
            path = self._publishing.publish(claim, work.staging, name=work.job.name)
        log.info("job.settled", job=work.job.name, status=status, folder=path.name, seconds=round(seconds, 1),
                 **counts(entries))  # fmt: skip
        return status

    def _report(self, claim: Claim, work: JobProgress, progress: Progress) -> None:
        self._ownership.beat()
        in_work = frozenset(progress.files or (progress.request.file,))
        if not in_work <= work.in_work or (in_work != work.in_work and not progress.step):
            self._ownership.working(claim, sorted(in_work), has_made=work.has_made)
            work.in_work = in_work
        if progress.plan and progress.plan != work.plan:
            work.plan = progress.plan
            log.info("work.planned", job=work.job.name, file=progress.request.file, plan=progress.plan)
        self._recorder.state(
            "rendering", job=work.job.name, file=progress.request.file, step=progress.step, steps=progress.steps,
            done=len(work.entries), total=len(work.job.requests), left_pixel_steps=work.left_pixel_steps,
            claim=claim.id, failed=work.failed, started_at=work.record.started_at,
        )  # fmt: skip

    def _record_speed(self, result: PictureResult, *, seconds: float) -> None:
        if result.picture is not None and len(result.tries) == 1:
            self._recorder.speed(self._model.id, pixel_steps=result.request.pixel_steps, seconds=seconds)
