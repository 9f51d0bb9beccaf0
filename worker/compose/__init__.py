"""The one place that names concrete parts and joins them; the commands reach the rooms through it."""

from worker.bench.acceptance_table import acceptance_table
from worker.bench.options import SpeedOptions
from worker.bench.speed_table import speed_table
from worker.compose.bench_parent import measure_speed, picture_for_bench
from worker.compose.from_settings import (
    how_ended,
    init_folders,
    is_gone,
    job_reader,
    json_schema,
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
from worker.compose.reports import doctor, forecast, memory_forecast, status
from worker.compose.run_worker import run_examples, work
from worker.spool import why_not_plain
from worker.studio.model_store.add import Added
from worker.studio.model_store.stored import StoredModel

__all__ = [
    "Added",
    "SpeedOptions",
    "StoredModel",
    "acceptance_table",
    "add_model",
    "doctor",
    "forecast",
    "how_ended",
    "init_folders",
    "is_gone",
    "job_reader",
    "json_schema",
    "kind_of",
    "measure_speed",
    "memory_forecast",
    "model_warning",
    "picture_for_bench",
    "place_in",
    "remedy_for",
    "run_examples",
    "speed_table",
    "status",
    "stem_of",
    "stored_models",
    "submit",
    "template_of",
    "verify_model",
    "why_not_plain",
    "work",
]
