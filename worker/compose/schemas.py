"""JSON Schemas of all files that people write or programs read, joined from the rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from worker.delivery.formats import EXTENSIONS
from worker.delivery.schemas import error_schema, manifest_schema, sidecar_schema
from worker.job.json_schema import schema as job_schema
from worker.operations.overview_schema import overview_schema
from worker.operations.record_schema import record_schema
from worker.operations.report_schema import report_schema
from worker.settings import Settings

Kind = Literal["job", "settings", "manifest", "sidecar", "error", "status", "worker", "report"]


def json_schema(of: Kind) -> dict[str, object]:
    """The JSON Schema of a file that people write (job, settings) or that the program writes (all others)."""
    made: dict[str, Callable[[], dict[str, object]]] = {
        "job": lambda: job_schema(EXTENSIONS),
        "settings": Settings.model_json_schema,
        "manifest": manifest_schema,
        "sidecar": sidecar_schema,
        "error": error_schema,
        "status": overview_schema,
        "worker": record_schema,
        "report": report_schema,
    }
    return made[of]()
