"""Runs the hook after each job, one at a time, in a thread of its own; no job waits for it, and none is forgotten.

Hears the log: a job that begins is marked, so that one whose worker was killed at its very end is found again; one that
ends is marked until its hook has run. What is marked at the start is caught up with.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

import structlog

from worker.disk.json_records import MANIFEST_BYTES, read_record
from worker.disk.looks import is_file
from worker.disk.record_fields import inner, text_in
from worker.operations.facts import Facts, number
from worker.operations.hooks.marks import MOST_WAITING, Mark, Marks
from worker.operations.hooks.process import Ran, run_program
from worker.translation import Text, gettext

log = structlog.get_logger()

BEGINS = "job.started"
ENDS = ("job.settled", "job.refused", "job.cancelled")
HAD_ENDED = "job.appeared"
"""A claim is done whose job had appeared before a crash or a failing share: nothing more is known of it."""
WAITS, PROOF = "proof.published", "proof"
"""A job has not ended: it is nobody's until a person answers, and is begun anew then."""
OWN = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""Of this process alone: a hook does not speak for it."""
AGAIN_S = 60.0
"""Between two tries of what this machine's disk has refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The user's command."""

    words: Sequence[str]
    limit_s: float


class HookRunner:
    """Of one worker."""

    def __init__(
        self,
        command: Command | None,
        *,
        marks: Marks,
        folders: Mapping[str, Path],
        worker_id: str,
        require: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the parts; nothing is touched.

        Args:
            command: run after each job; None for none. May be replaced at any time.
            marks: of this worker.
            folders: `outbox` and `failed`, whole paths.
            worker_id: of this worker: what another has finished is not its matter.
            require: raises OSError where the folders are not the right ones.
            monotonic: seconds.
        """
        self.command = command
        self._marks = marks
        self._folders = folders
        self._worker_id = worker_id
        self._require = require
        self._monotonic = monotonic
        self._heard: SimpleQueue[Mark | None] = SimpleQueue()
        self._waiting: list[Mark] = []
        self._is_caught_up = False
        self._next_number = 0
        self._looks_s = float("-inf")
        self._has_looked = False
        self._rests_until_s = float("-inf")
        self._is_asked_to_stop = False
        self._counting = Lock()
        self._untaken = 0
        """Heard, and not yet marked or left."""

    def hear(self, event: str, facts: Facts) -> None:
        """An event of the log; in the thread that logs it, which goes on at once.

        Args:
            event: its name.
            facts: its own.
        """
        if event in (BEGINS, HAD_ENDED, WAITS, *ENDS):
            mark = heard(event, facts)
            if mark is not None:
                with self._counting:
                    self._untaken += 1
                self._heard.put(mark)

    def is_idle(self) -> bool:
        """Whether nothing is run, nor waits to be; to be asked from any thread."""
        return self.command is None or (self._has_looked and not self._untaken and not self._waiting)

    def is_resting(self) -> bool:
        """Whether it waits for a share that is away."""
        return self._rests_until_s > self._monotonic()

    def ring(self) -> None:
        """End the wait of `turn`."""
        self._heard.put(None)

    def close(self) -> None:
        """Mark what was heard at last, in the thread of `turn`, for the next start."""
        self._listen(0.0)

    def stop(self) -> None:
        """End what is run, as the worker ends: it is run again at the next start."""
        self._is_asked_to_stop = True
        self.ring()

    def turn(self, wait_s: float) -> None:
        """Take what was heard, and run at most one hook; waits where there is nothing to do. Never raises OSError."""
        self._catch_up()
        rests_s = self._rests_until_s - self._monotonic()
        can_run = self.command is not None and self._waiting and not self._is_asked_to_stop
        self._listen(0.0 if can_run and rests_s <= 0 else min(wait_s, rests_s) if can_run else wait_s)
        if self.command is not None and self._waiting and not self._is_asked_to_stop and rests_s <= 0:
            try:
                self._run(self._waiting[0], self.command)
            except OSError:  # the share is away: its folder is not gone
                self._rests_until_s = self._monotonic() + AGAIN_S

    def _catch_up(self) -> None:
        """What an earlier run has left, once; tried again where the disk or the share fails."""
        if self._is_caught_up or self.command is None or self._monotonic() < self._looks_s + AGAIN_S:
            return
        self._looks_s = self._monotonic()
        try:
            self._require()
            left = self._marks.all()
            ended = [one for one in left if one.has_ended]
            self._next_number = max([self._next_number, *(one.number + 1 for one in ended)])
            for mark in (one for one in left if not one.has_ended):
                if (found := self._found(mark)) is not None:
                    ended.append(self._numbered(found))
            known = {one.id for one in self._waiting}
            self._waiting = [*(one for one in ended if one.id not in known), *self._waiting]
            self._is_caught_up = True
        except OSError:
            pass
        self._has_looked = True

    def _listen(self, wait_s: float) -> None:
        try:
            news = self._heard.get(timeout=wait_s) if wait_s else self._heard.get_nowait()
            while True:
                if news is not None:
                    self._take(news)
                    with self._counting:
                        self._untaken -= 1
                news = self._heard.get_nowait()
        except Empty:
            return

    def _take(self, mark: Mark) -> None:
        if self.command is None:
            return
        if not mark.has_ended and mark.status in ("", PROOF):
            self._forget(mark) if mark.status else self._write(mark)
        elif not mark.has_ended:
            if self._marks.of(mark.id) is not None:  # it is found at the next turn
                self._is_caught_up, self._has_looked, self._looks_s = False, False, float("-inf")
        elif mark.id in {one.id for one in self._waiting}:
            return
        elif len(self._waiting) >= MOST_WAITING:
            self._forget(mark)
            self._tell_failed(mark, gettext("more than {most} hooks wait: it was not run", most=f"{MOST_WAITING:,}"))
        else:
            self._waiting.append(self._numbered(mark))

    def _numbered(self, mark: Mark) -> Mark:
        mark = replace(mark, has_ended=True, number=self._next_number)
        self._next_number += 1
        self._write(mark)
        return mark

    def _write(self, mark: Mark) -> None:
        try:
            self._marks.set(mark)
        except OSError as error:  # it is run all the same, as long as this worker runs
            log.warning("hook.not_marked", job=mark.job, error=error.strerror or str(error))

    def _forget(self, mark: Mark) -> None:
        try:
            self._marks.remove(mark.id)
        except OSError as error:
            log.warning("hook.not_marked", job=mark.job, error=error.strerror or str(error))

    def _found(self, began: Mark) -> Mark | None:
        """The finished folder of a job that this worker had begun, and of whose end it heard nothing; a proof is none.

        Raises:
            OSError: the share failed.
        """
        for place, root in self._folders.items():
            for name in sorted(path.name for path in root.iterdir()):
                if f"{name}.".startswith(f"{began.job}."):
                    manifest = read_record(root / name / "manifest.json", below=root, most_bytes=MANIFEST_BYTES)
                    if manifest.get("job") == began.id and manifest.get("status") != PROOF:  # which ends no job
                        if text_in(inner(manifest, "worker"), "id") != self._worker_id:
                            self._forget(began)  # another worker went on with it
                            return None
                        made, failed = number(manifest, "made"), number(manifest, "failed")
                        status = text_in(manifest, "status")
                        return replace(began, place=place, folder=name, status=status, pictures=made, failed=failed)
        return None

    def _run(self, mark: Mark, command: Command) -> None:
        self._require()
        root = self._folders[mark.place] / mark.folder
        document = next((path for name in ("manifest.json", "error.json") if is_file(path := root / name)), None)
        if document is None:
            self._done(mark)
            self._tell_failed(mark, gettext("{folder} is not there any more", folder=root))
            return
        ran = run_program(
            [*command.words, str(document)],
            environment=environment(mark, root, document),
            limit_s=command.limit_s,
            should_stop=lambda: self._is_asked_to_stop,
        )
        if ran.was_stopped and ran.exit_code is None:  # its mark stays
            return
        self._done(mark)
        self._tell(mark, ran, limit_s=command.limit_s)

    def _done(self, mark: Mark) -> None:
        self._waiting.remove(mark)
        self._forget(mark)

    def _tell(self, mark: Mark, ran: Ran, *, limit_s: float) -> None:
        if ran.exit_code == 0:
            log.info("hook.ran", job=mark.job, folder=mark.folder, seconds=ran.seconds, output=ran.output)
        elif ran.error:
            self._tell_failed(mark, gettext("it did not begin ({error})", error=ran.error), ran)
        elif ran.exit_code is None:
            self._tell_failed(mark, gettext("it was ended after {seconds} s", seconds=f"{limit_s:g}"), ran)
        else:
            self._tell_failed(mark, gettext("it ended with exit code {code}", code=ran.exit_code), ran)

    def _tell_failed(self, mark: Mark, reason: Text, ran: Ran | None = None) -> None:
        log.error(
            "hook.failed", job=mark.job, folder=mark.folder, reason=reason, exit_code=ran.exit_code if ran else None,
            seconds=ran.seconds if ran else 0.0, output=ran.output if ran else "",
        )  # fmt: skip


def heard(event: str, facts: Facts) -> Mark | None:
    """What an event says of a job; None where it names none that began or ended.

    Args:
        event: its name.
        facts: of it.
    """
    job_id, job = facts.get("id"), facts.get("job")
    if not isinstance(job_id, str) or not isinstance(job, str):
        return None
    if event == BEGINS:
        return Mark(id=job_id, job=job)
    if event in (HAD_ENDED, WAITS):
        return Mark(id=job_id, job=job, status=PROOF if event == WAITS else "?")
    folder = facts.get("folder")
    if not isinstance(folder, str):  # cancelled while it is in work: its end comes later
        return None
    made = number(facts, "pictures")
    status = {"job.refused": "failed", "job.cancelled": "cancelled"}.get(event, facts.get("status"))
    return Mark(
        id=job_id, job=job, has_ended=True, place="outbox" if made else "failed", folder=folder, status=str(status),
        pictures=made, failed=number(facts, "failed"),
    )  # fmt: skip


def environment(mark: Mark, folder: Path, document: Path) -> dict[str, str]:
    """What a hook has in its environment: this process's, and what it is about.

    Args:
        mark: of the job.
        folder: its finished folder.
        document: its manifest, or error.json of a job that was not rendered.
    """
    told = {
        "JOB": mark.job, "ID": mark.id, "FOLDER": str(folder), "MANIFEST": str(document), "STATUS": mark.status,
        "PICTURES": str(mark.pictures), "FAILED_PICTURES": str(mark.failed),
    }  # fmt: skip
    inherited = {key: value for key, value in os.environ.items() if key not in OWN}
    return inherited | {f"ZIMAGE_WORKER_{key}": value for key, value in told.items()}
