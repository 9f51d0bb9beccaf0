"""Reports for people: what `doctor` finds, and how a card's memory would be used."""

from __future__ import annotations

from collections.abc import Iterator

from worker.compose.from_settings import folders_of, model, worker_files
from worker.doctor.check import Finding, Machine
from worker.doctor.checks import CHECKS
from worker.doctor.plan_report import plan_lines
from worker.errors import FoldersUnusable, ModelInvalid
from worker.operations.recorded_figures import read_room_mib
from worker.records import Job
from worker.settings import Settings
from worker.studio.model_files.sizes import weights_in
from worker.studio.plan.memory import Work
from worker.translation import gettext


def doctor(machine: Machine) -> Iterator[Finding]:
    """Everything that decides about a night, a finding each.

    Args:
        machine: as `doctor_machine` gives it.
    """
    for check in CHECKS:
        yield from check(machine)


def memory_forecast(settings: Settings, job: Job) -> Iterator[str]:
    """How the card's memory would be used, by the room that this worker last recorded; nothing without a record.

    Args:
        settings: of this worker.
        job: each kind of picture in it gets its lines.
    """
    try:
        room_mib = read_room_mib(worker_files(folders_of(settings), settings.worker_id).speed)
        if room_mib is None:
            return
        weights = weights_in(model(settings).source)
    except (FoldersUnusable, ModelInvalid):
        return
    works = {
        (request.width_px, request.height_px, request.guidance > 0, "tiled_decode" in request.allow)
        for request in job.requests
    }
    named = (
        (f"{width}x{height}", Work(pixels=width * height, is_guided=is_guided, may_tile=may_tile))
        for width, height, is_guided, may_tile in sorted(works)
    )
    yield from (gettext("memory: {line}", line=line) for line in plan_lines(room_mib, weights, named))
