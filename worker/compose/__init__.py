"""The one place that names concrete parts and joins them; the commands reach the rooms through it."""

from typing import TYPE_CHECKING

from worker.lazy_names import lazily

if TYPE_CHECKING:
    from worker.bench.acceptance_table import acceptance_table
    from worker.bench.options import SpeedOptions
    from worker.bench.speed_table import speed_table
    from worker.compose.bench_parent import measure_speed, picture_for_bench
    from worker.compose.control import RunningWorker, ask, pause, resume, running_worker
    from worker.compose.doctor_parts import bundle, doctor_machine, require_free
    from worker.compose.from_settings import (
        init_folders,
        job_reader,
        kind_of,
        model_warning,
        remedy_for,
        stem_of,
        submit,
        template_of,
    )
    from worker.compose.models import add as add_model
    from worker.compose.models import models as stored_models
    from worker.compose.models import place_in
    from worker.compose.models import verify as verify_model
    from worker.compose.onlooker import Onlooker
    from worker.compose.overview.look import overview_reader
    from worker.compose.plans import Plans
    from worker.compose.reports import doctor, memory_forecast
    from worker.compose.run_examples import run_examples
    from worker.compose.run_worker import work
    from worker.compose.schemas import json_schema
    from worker.compose.service import install_service, remove_service, service_status
    from worker.compose.service_place import Wanted
    from worker.compose.status import Status, statuses
    from worker.doctor.verdict import verdict
    from worker.service.placement import cards_of, time_of
    from worker.spool import Asked, Outcome, Submitted, Verb, outcome_in, why_not_plain
    from worker.studio.model_store.add import Added
    from worker.studio.model_store.stored import StoredModel

__all__ = [
    "Added",
    "Asked",
    "Onlooker",
    "Outcome",
    "Plans",
    "RunningWorker",
    "SpeedOptions",
    "Status",
    "StoredModel",
    "Submitted",
    "Verb",
    "Wanted",
    "acceptance_table",
    "add_model",
    "ask",
    "bundle",
    "cards_of",
    "doctor",
    "doctor_machine",
    "init_folders",
    "install_service",
    "job_reader",
    "json_schema",
    "kind_of",
    "measure_speed",
    "memory_forecast",
    "model_warning",
    "outcome_in",
    "overview_reader",
    "pause",
    "picture_for_bench",
    "place_in",
    "remedy_for",
    "remove_service",
    "require_free",
    "resume",
    "run_examples",
    "running_worker",
    "service_status",
    "speed_table",
    "statuses",
    "stem_of",
    "stored_models",
    "submit",
    "template_of",
    "time_of",
    "verdict",
    "verify_model",
    "why_not_plain",
    "work",
]

__getattr__ = lazily(
    __name__,
    {
        "Asked": "worker.spool",
        "Verb": "worker.spool",
        "Wanted": "worker.compose.service_place",
        "cards_of": "worker.service.placement",
        "time_of": "worker.service.placement",
        "install_service": "worker.compose.service",
        "remove_service": "worker.compose.service",
        "service_status": "worker.compose.service",
        "RunningWorker": "worker.compose.control",
        "ask": "worker.compose.control",
        "pause": "worker.compose.control",
        "resume": "worker.compose.control",
        "running_worker": "worker.compose.control",
        "Added": "worker.studio.model_store.add",
        "Plans": "worker.compose.plans",
        "Onlooker": "worker.compose.onlooker",
        "Outcome": "worker.spool",
        "SpeedOptions": "worker.bench.options",
        "Status": "worker.compose.status",
        "StoredModel": "worker.studio.model_store.stored",
        "Submitted": "worker.spool",
        "acceptance_table": "worker.bench.acceptance_table",
        "add_model": "worker.compose.models:add",
        "bundle": "worker.compose.doctor_parts",
        "doctor": "worker.compose.reports",
        "doctor_machine": "worker.compose.doctor_parts",
        "init_folders": "worker.compose.from_settings",
        "job_reader": "worker.compose.from_settings",
        "json_schema": "worker.compose.schemas",
        "kind_of": "worker.compose.from_settings",
        "measure_speed": "worker.compose.bench_parent",
        "memory_forecast": "worker.compose.reports",
        "model_warning": "worker.compose.from_settings",
        "outcome_in": "worker.spool",
        "overview_reader": "worker.compose.overview.look",
        "picture_for_bench": "worker.compose.bench_parent",
        "place_in": "worker.compose.models",
        "remedy_for": "worker.compose.from_settings",
        "require_free": "worker.compose.doctor_parts",
        "verdict": "worker.doctor.verdict",
        "run_examples": "worker.compose.run_examples",
        "speed_table": "worker.bench.speed_table",
        "statuses": "worker.compose.status",
        "stem_of": "worker.compose.from_settings",
        "stored_models": "worker.compose.models:models",
        "submit": "worker.compose.from_settings",
        "template_of": "worker.compose.from_settings",
        "verify_model": "worker.compose.models:verify",
        "why_not_plain": "worker.spool",
        "work": "worker.compose.run_worker",
    },
)
