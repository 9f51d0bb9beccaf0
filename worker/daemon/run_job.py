"""One claimed job, from its requests to its published folder.

Knows the order of things: stage, reuse, render, deliver, publish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

import structlog

from worker.clocks import Clocks
from worker.daemon.between_pictures import BetweenPictures
from worker.daemon.broken_run import blaming_no_picture
from worker.daemon.job_log import log_given_back, log_picture, log_settled, log_started, why_not_done
from worker.daemon.job_progress import JobProgress
from worker.daemon.job_record import record_of
from worker.daemon.live_view import LiveView
from worker.daemon.picture_times import PictureTimes
from worker.daemon.proof import proof_of
from worker.daemon.reuse import reused
from worker.identity import NOT_STARTED, ModelIdentity, RendererInfo, WorkerIdentity
from worker.manifest_records import JobStatus, counts_of, status_of
from worker.ports import Delivery, Renderer
from worker.recording_ports import Recorder
from worker.records import Claim, Job, Progress, Request
from worker.spool_ports import SpoolPorts
from worker.translation import Text

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
        between: BetweenPictures,
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
            between: lets a job go on, or not, after every picture; the time in which it waits is no work.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._publishing = spool.publishing
        self._language_of = spool.language_of
        self._room = between.room
        self._renderer = renderer
        self._delivery = delivery
        self._recorder = recorder
        self._clocks = clocks
        self._worker = worker
        self._model = model
        self._between = between
        self._waiting = between.waiting
        self._turns = between.turns
        self._info = NOT_STARTED
        self._times = PictureTimes(recorder, model=model.id, worked_s=self._waiting.worked_s)
        self._view = partial(LiveView, delivery=delivery, spool=spool, clocks=clocks, worked_s=self._waiting.worked_s,
                             passes=between.hours.passes)  # fmt: skip

    def run(self, claim: Claim, job: Job, refused: Mapping[str, Text]) -> JobStatus | None:
        """Render what is missing and publish; can be repeated with the same claim.

        Args:
            claim: begun.
            job: as read from it.
            refused: why pictures are not to be made, by file name; if that is all, no renderer is started.

        Returns:
            The status it was published with, or None where the job was given back: the worker was asked to stop, or
            its hours are over.

        Raises:
            ClaimLost, NoRoom, GivesWay: it is another worker's now; or waits for room, or its turn: the claim stands.
            JobInTrouble, StopAsked: of the ports; the claim stands.
            DeviceUnavailable, ModelInvalid, RendererDied: the renderer cannot be started; the claim stands.
            RendererBroken: picture after picture fails alike; the claim stands.
        """
        begun_s = self._waiting.worked_s()
        cancel = self._inbox.cancelled_by(claim, shown=job.name)
        is_late = self._between.hours.are_over()  # its hours ended while it was taken: it is given back
        if cancel is None and not is_late and not refused.keys() >= {one.file for one in job.requests}:
            self._info = self._renderer.start()
            self._between.card.follow(self._info)
        work = self._resumed(claim, job) or self._begin(claim, job)
        if cancel is not None and work.left:
            work.cancel(cancel)
        work.refuse(refused)
        with blaming_no_picture(self._ownership, claim, work), work.shown_when_it_breaks_off():
            if not is_late:
                self._render(claim, work)
        work.worked_s += self._waiting.worked_s() - begun_s
        self._turns.give_way(claim, work)
        if work.left:
            self._between.give_up(work)
            is_back = self._ownership.give_back(claim)
            self._turns.left(claim, work)
            log_given_back(job.name, pictures=len(work.entries), left=len(work.left), is_back=is_back)
            return None
        return self._settle(claim, work)

    def _resumed(self, claim: Claim, job: Job) -> JobProgress | None:
        work = self._turns.resumed(claim, job)
        if work is not None:  # its speed counts from here on
            work.view = self._view(claim=claim, record=work.record, folder=work.staging.path.name)
        return work

    def _begin(self, claim: Claim, job: Job) -> JobProgress:
        record = record_of(
            claim, job, worker=self._worker(self._info), model=self._model, started_at=self._clocks.now(),
            language=self._language_of(claim.dropped),
        )  # fmt: skip
        staging = self._publishing.stage(claim, name=job.name)
        record, entries = reused(claim, job, record, staging, self._delivery)
        log_started(job, claim, kept=len(entries), is_demo=self._model.demo)
        view = self._view(claim=claim, record=record, folder=staging.path.name)
        return JobProgress(job=job, record=record, staging=staging, delivery=self._delivery, view=view, entries=entries)

    def _render(self, claim: Claim, work: JobProgress) -> None:
        work.show()
        self._room.require_all(claim, work)
        for requests in self._between.rounds(claim, work):
            if not self._render_some(claim, work, requests):
                return

    def _render_some(self, claim: Claim, work: JobProgress, requests: Sequence[Request]) -> bool:
        """Whether to go on with others."""
        results = self._renderer.render(requests, on_progress=lambda step: self._report(claim, work, step))
        # closing: leaving early must interrupt the pictures in work, not whenever the garbage is collected
        with self._times, closing(results):  # type: ignore[type-var]
            for result in results:
                self._ownership.prove(claim)
                self._room.measure(result, work.made(result))
                log_picture(work.job.name, result)
                work.show()
                self._times.made(result, job_id=claim.job_id, job=work.job.name)
                self._recorder.settled(done=len(work.entries), failed=work.failed)
                # what is finished is published: nobody's pause holds it back
                if work.left and not self._between.goes_on(claim, work):
                    return False
        return not (work.left and self._turns.calls(work))

    def _settle(self, claim: Claim, work: JobProgress) -> JobStatus:
        work.heated(self._between.card.take_hottest_c())
        record = replace(work.record, finished_at=self._clocks.now(), max_temperature_c=work.hottest_c)
        entries = tuple(work.entries[request.file] for request in work.job.requests)
        for file in self._delivery.closing(record, entries, read=work.staging.read):
            work.staging.copy(file.name, file.pieces)
        status = status_of(entries, record)
        if not counts_of(entries).made:
            refusal = self._delivery.refusal(
                work.job.name, work.job.warnings, reason=why_not_done(entries), language=record.language,
                status="cancelled" if status == "cancelled" else "failed", dropped_by=record.dropped_by,
            )  # fmt: skip
            path = self._publishing.fail(claim, refusal, name=work.job.name, staging=work.staging)
        elif status == "proof":
            path = self._publishing.publish_proof(claim, work.staging, proof=proof_of(record, entries))
        else:
            path = self._publishing.publish(claim, work.staging, name=work.job.name)
        log_settled(record, status, folder=path.name, seconds=work.worked_s, entries=entries)
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
            claim=claim.id, failed=work.failed, started_at=work.record.started_at, left=work.left_work,
            priority=work.job.priority,
        )  # fmt: skip
        work.show(progress)
