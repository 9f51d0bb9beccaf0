"""What `doctor` looks at, joined from the rooms, and the bundle that it writes for whoever helps."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import get_args

from worker import spool
from worker.compose.from_settings import folders_of, job_reader, model, stem_of, worker_files
from worker.compose.notifying import try_notify
from worker.compose.overview.look import overview_reader
from worker.compose.retention import archive_fault, due_now
from worker.compose.status import MOST_ENDED
from worker.disk.durable import write_file
from worker.disk.json_records import MANIFEST_BYTES, read_record
from worker.disk.mount_tables import MountTables
from worker.disk.record_fields import objects_in, text_in
from worker.doctor.bundle import bundle as bundle_of
from worker.doctor.check import Finding, Machine
from worker.errors import FoldersUnusable, ModelInvalid, UsageError
from worker.job.reader import JobFiles
from worker.operations.recorded_figures import read_learned
from worker.operations.speeds import Speeds, seconds_of
from worker.operations.status import since_yesterday
from worker.overview_records import Overview
from worker.records import Job, Outcome
from worker.settings import Configured, Settings
from worker.translation import gettext

MANIFESTS = 20
"""Of finished jobs, the newest: their pictures' tries are counted."""


def doctor_machine(configured: Configured, *, notifies: bool = False) -> Machine:
    """This machine, as the settings name its parts; nothing is asked yet.

    Args:
        configured: the settings, with where each value came from.
        notifies: a test is sent to everybody who is told of nights.
    """
    settings = configured.settings
    return Machine(
        settings=settings,
        origins=configured.origins,
        open_folders=lambda: folders_of(settings),
        inspect_model=lambda: model(settings),
        look=lambda: _overview(settings),
        read_job=_reads(settings),
        forecast_s=_forecasts(settings),
        expected_bytes=spool.expected_bytes,
        outcomes=lambda seen: _outcomes(settings, seen),
        old_folders=lambda: _old_folders(settings),
        archive_fault=lambda: archive_fault(settings, MountTables()),
        ask_notify=lambda: try_notify(settings, is_sent=notifies),
        is_notify_sent=notifies,
    )


def _old_folders(settings: Settings) -> int | None:
    with suppress(FoldersUnusable, OSError):  # their own check tells
        return due_now(settings, folders_of(settings))
    return None


def bundle(machine: Machine, findings: Sequence[Finding], path: Path, *, log: Path | None = None) -> None:
    """Write what a helper needs, without anybody's names.

    Args:
        machine: that was checked.
        findings: of its checks.
        path: of the zip; nothing may lie there.
        log: a file with lines of the worker's log, if there is one.

    Raises:
        UsageError: something lies there, or it cannot be written there.
    """
    require_free(path)
    data = bundle_of(machine, findings, log=log)
    try:
        write_file(path, data)
    except OSError as error:
        raise UsageError(
            gettext("{path}: cannot be written ({why}).", path=path, why=error.strerror or str(error))
        ) from None


def require_free(path: Path, *, log: Path | None = None) -> None:
    """Look before the long work begins.

    Args:
        path: of the zip.
        log: a file with lines of the worker's log, if there is one.

    Raises:
        UsageError: something lies there, or the log cannot be read.
    """
    if log is not None and not os.access(log, os.R_OK):
        raise UsageError(gettext("{path}: cannot be read ({reason}): check its rights.", path=log, reason="--log"))
    if os.path.lexists(path):
        raise UsageError(gettext("{path} is there already: name a new file, or delete it.", path=path))


def _reads(settings: Settings) -> Callable[[str], Job]:
    @cache
    def reader() -> JobFiles:
        return job_reader(settings, needs_model=False)

    def read(name: str) -> Job:
        path = settings.inbox / name
        return reader().read(path, stem=stem_of(path), shown_as=name)

    return read


def _forecasts(settings: Settings) -> Callable[[Job], float | None]:
    """By what this worker's pictures took."""

    @cache
    def speeds() -> Speeds:
        with suppress(FoldersUnusable, ModelInvalid):
            speed_file = worker_files(folders_of(settings), settings.worker_id).speed
            return read_learned(speed_file).get(model(settings).id, ())
        return ()

    def forecast_s(job: Job) -> float | None:
        return seconds_of(speeds(), Counter(request.kind for request in job.requests))

    return forecast_s


def _outcomes(settings: Settings, seen: Overview) -> Mapping[str, int]:
    """How often tries at pictures came to each outcome, in the newest jobs."""
    found: Counter[str] = Counter()
    for job in seen.ended[:MANIFESTS]:
        folder = settings.outbox if job.is_in_outbox else settings.failed
        with suppress(OSError):
            found.update(_tries(folder / job.name, below=folder))
    return {outcome: found[outcome] for outcome in get_args(Outcome) if found[outcome]}


def _tries(job: Path, *, below: Path) -> Iterator[str]:
    manifest = read_record(job / "manifest.json", below=below, most_bytes=MANIFEST_BYTES)
    for shot in objects_in(manifest, "shots"):
        yield from (text_in(one, "outcome") for one in objects_in(shot, "attempts"))


def _overview(settings: Settings) -> Overview:
    """What is going on in the folders.

    Raises:
        FoldersUnusable, OSError: as `overview_reader` and its look.
    """
    since_s = since_yesterday(datetime.now().astimezone()).timestamp()
    return overview_reader(settings, folders_of(settings)).look(most_ended=MOST_ENDED, ended_since_s=since_s)
