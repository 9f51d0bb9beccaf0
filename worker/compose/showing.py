"""What the worker shows: status, forecast, and the findings of `doctor`.

Knows which room knows what.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from worker import spool
from worker.compose.parts import folders_of, model, worker_files
from worker.doctor.device_report import report_device
from worker.doctor.findings import Finding, compiler_finding, folder_findings, setting_findings
from worker.doctor.plan_report import plan_lines, usual_works
from worker.doctor.requirements import REQUIREMENTS
from worker.errors import DeviceUnavailable, ExitCode, FoldersUnusable, ModelInvalid
from worker.operations import status as status_text
from worker.operations.record import read_record, read_room_mib, read_speeds
from worker.records import Job
from worker.settings import Configured, Settings
from worker.studio.model_files.inspect import InspectedModel
from worker.studio.plan.memory import Work
from worker.studio.plan.sizes import weights_in


def status(settings: Settings) -> str:
    """The status text, from the folders alone."""
    folders = folders_of(settings)
    workers = [record for path in sorted(folders.workers.glob("*.json")) if (record := read_record(path)).get("id")]
    speeds = {
        str(worker["id"]): rate
        for worker in workers
        for rate in read_speeds(worker_files(folders, str(worker["id"])).speed).values()
    }
    queue = spool.overview(folders)
    return status_text.text(
        status_text.Queue(waiting=queue.waiting, claimed=queue.claimed, failures=queue.failures),
        workers,
        speeds,
        now=datetime.now(UTC),
    )


def forecast(settings: Settings, job: Job) -> str:
    """The time a job would take, from this worker's last recorded speed; `unknown` when there is none."""
    unknown = "time: unknown, since this worker has not recorded a speed for this model yet"
    if settings.model is None:
        return unknown
    try:
        files = worker_files(folders_of(settings), settings.worker_id)
    except FoldersUnusable:
        return unknown
    rate = read_speeds(files.speed).get(model(settings).id)
    if rate is None:
        return unknown
    seconds = rate * sum(request.pixel_steps for request in job.requests) / 1e6
    return f"time: about {status_text.duration(seconds)}, at the speed of this worker's last pictures"


def doctor(configured: Configured) -> Iterator[Finding]:
    """Everything that decides about a night, a finding each."""
    settings = configured.settings
    yield from setting_findings(dict(settings), configured.origins)
    try:
        folders_of(settings)
    except FoldersUnusable as error:
        yield Finding(mark="FAIL", what="folders", text=str(error), exit_code=error.exit_code)
    else:
        places = {name: getattr(settings, name) for name in ("inbox", "outbox", "failed")}
        yield from folder_findings(places, Path("/proc/self/mountinfo").read_text("utf-8"))
    found = None
    try:
        found = model(settings)
        found.require_whole()
    except ModelInvalid as error:
        yield Finding(mark="FAIL", what="model", text=str(error), exit_code=error.exit_code)
    else:
        yield model_finding(found, settings)
    yield from device_findings(settings, found)


def model_finding(found: InspectedModel, settings: Settings) -> Finding:
    """What the model's files say: kind, defaults, that all is there."""
    advice = settings.recommendation(found.recommendation)
    text = (
        f"{found.id}, taken for {found.kind} ({settings.model_kind}): {advice.width_px}x{advice.height_px}, "
        f"{advice.steps} steps, guidance {advice.guidance:g}; every part is there and whole."
    )
    if found.kind == "turbo":
        text += " Guidance and negative prompts have no effect on it."
    if found.is_demo:
        return Finding(mark="warn", what="model", text=f"{text} A toy: set `model` for real pictures.")
    return Finding(mark="ok", what="model", text=text)


def device_findings(settings: Settings, found: InspectedModel | None) -> Iterator[Finding]:
    """What torch, asked in a child, says of the device, and what fits on it."""
    try:
        report = report_device(settings.device, is_demo=found is not None and found.is_demo)
    except DeviceUnavailable as error:
        yield Finding(mark="FAIL", what="device", text=str(error), exit_code=error.exit_code)
        return
    for line in report.lines():
        yield Finding(mark="ok", what="device", text=line)
    if report.problem is not None:
        yield Finding(mark="FAIL", what="device", text=report.problem, exit_code=ExitCode.DEVICE_UNAVAILABLE)
    if report.gpu is not None and settings.compile != "never":
        yield compiler_finding(os.environ.get("PATH"), Path(sysconfig.get_path("include")))
    for requirement in REQUIREMENTS:
        yield Finding(mark="ok", what="article", text=f"{requirement.asked}: {requirement.done}")
    if report.free_mib is not None and found is not None and not found.faults:
        for line in plan_lines(report.free_mib, weights_in(found.source), usual_works()):
            yield Finding(mark="ok", what="memory", text=line)


def memory_forecast(settings: Settings, job: Job) -> Iterator[str]:
    """How the card's memory would be used, by the room that this worker last recorded; nothing without a record."""
    try:
        room_mib = read_room_mib(worker_files(folders_of(settings), settings.worker_id).speed)
        source = model(settings).source
    except (FoldersUnusable, ModelInvalid):
        return
    if room_mib is None:
        return
    works = {
        (request.width_px, request.height_px, request.guidance > 0, "tiled_decode" in request.allow)
        for request in job.requests
    }
    named = (
        (f"{width}x{height}", Work(pixels=width * height, is_guided=is_guided, may_tile=may_tile))
        for width, height, is_guided, may_tile in sorted(works)
    )
    yield from (f"memory: {line}" for line in plan_lines(room_mib, weights_in(source), named))
