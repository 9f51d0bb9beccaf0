"""manifest.json, schema 2: a finished job for programs.

CONTRACT.md promises its keys; `schemas` has each with its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from worker.delivery.problem_entry import problem_entry
from worker.delivery.sidecar import as_dict, json_bytes
from worker.manifest_records import Entry, JobRecord, costs_of, counts_of, status_of

SCHEMA = 2


def runs(record: JobRecord, entries: Sequence[Entry]) -> list[str]:
    """When each run began that made a part of this, oldest first (ISO 8601, UTC); a resumed job had several.

    A run of which no picture is left is not known here.

    Args:
        record: of the newest run.
        entries: of pictures that any run made.
    """
    began = {record.started_at, *(entry.started_at for entry in entries if entry.started_at)}
    return sorted(began, key=datetime.fromisoformat)


def _costs(record: JobRecord, entries: Sequence[Entry]) -> dict[str, object]:
    """What the job cost its card and its time; null for what was not measured."""
    costs = costs_of(entries)
    return {
        "peak_mib": costs.peak_mib,
        "max_temperature_c": record.max_temperature_c,
        "file_s": costs.file_s,
        "stages": None if costs.stages is None else asdict(costs.stages),  # the head is read up to the first object
    }


def manifest(record: JobRecord, entries: Sequence[Entry]) -> Iterator[bytes]:
    """Yield manifest.json, an entry at a time.

    Args:
        record: the job; with `finished_at` once it has ended.
        entries: one per picture, in the job's order.
    """
    frame = json_bytes(
        {
            "schema": SCHEMA,
            "job": record.job_id,
            "name": record.name,
            "status": status_of(entries, record),
            "submitted_at": record.submitted_at,
            "started_at": runs(record, entries)[0],
            "finished_at": record.finished_at,
            "pictures": len(entries),
            **asdict(counts_of(entries)),
            "warnings_count": len(record.warnings),
            "dropped_by": record.dropped_by,
            "proof_of": record.proof_of,
            "approved_at": record.approved_at,
            **_costs(record, entries),
            "title": record.title or record.name,  # after all that is read of the head: it may be long
            "worker": asdict(record.worker),
            "model": asdict(record.model),
            "warnings": [problem_entry(warning) for warning in record.warnings],
            "shots": [],
        },
        language=record.language,
    )
    head, _, tail = frame.rpartition(b"]")
    yield head
    for number, entry in enumerate(entries):
        # text has no line breaks of its own in JSON
        indented = json_bytes(as_dict(entry), language=record.language).rstrip().replace(b"\n", b"\n    ")
        yield (b",\n    " if number else b"\n    ") + indented
    yield b"\n  ]" + tail
