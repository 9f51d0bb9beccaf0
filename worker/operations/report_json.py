"""A night's report for programs: written as `report_schema` has it, and read again for what pictures took in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from worker.disk.json_records import read_record
from worker.disk.record_fields import count_in, objects_in, seconds_in
from worker.operations.report_schema import MOST_JOBS, SCHEMA
from worker.overview_records import EndedJob
from worker.report_records import FormerSpeed, Left, NightReport, Speed, SpeedKind, Trouble
from worker.translation import Language, translated_within

WEEKS = timedelta(weeks=4)
"""With which a night is compared."""
MOST_BYTES = 4 * 1024 * 1024
"""Of a report that is read again."""
MOST_SPEEDS = 20
"""Of it."""


def report_json(report: NightReport, *, language: Language = "en") -> bytes:
    """The bytes of the file.

    Args:
        report: of a night, or of another span of time.
        language: of the texts for people in it.
    """
    document = {
        "schema": SCHEMA,
        "night": report.night and report.night.isoformat(),
        "begins": report.begins,
        "ends": report.ends,
        "is_over": report.is_over,
        "as_of": report.as_of,
        "total": report.total,
        "jobs": dict(report.jobs),
        "pictures": report.pictures,
        "failed": report.failed,
        "cancelled": report.cancelled,
        "retried": report.retried,
        "lost": dict(report.lost),
        "mended": [asdict(one) for one in report.mended],
        "troubles": [_trouble(one) for one in report.troubles],
        "more_troubles": report.more_troubles,
        "complete": [_job(job) for job in report.complete[:MOST_JOBS]],
        "warnings": [asdict(one) for one in report.warnings],
        "speeds": [_speed(one) for one in report.speeds],
        "stages": dict(report.stages),
        "workers": [asdict(one) for one in report.workers],
        "left": report.left and _left(report.left),
        "peak_mib": report.peak_mib,
        "max_temperature_c": report.temperature_c,
    }
    text = json.dumps(translated_within(document, language), ensure_ascii=False, indent=1)
    return text.encode(errors="backslashreplace") + b"\n"  # half a character: as JSON spells it


def _job(job: EndedJob) -> dict[str, object]:
    keys = ("name", "is_in_outbox", "state", "ended_at", "pictures", "made")
    return {key: getattr(job, key) for key in keys}


def _trouble(trouble: Trouble) -> dict[str, object]:
    return {
        **_job(trouble.job),
        "reason": trouble.job.reason,
        "command": trouble.command,
        "file": trouble.file,
        "mend": trouble.mend,
        "failures": [
            {
                "file": one.file,
                "error": one.error,
                "outcomes": [*one.outcomes],
                "evidence": [*one.evidence],
            }
            for one in trouble.failures
        ],
    }


def _speed(speed: Speed) -> dict[str, object]:
    kind = speed.kind
    return {
        "width": kind.width,
        "height": kind.height,
        "steps": kind.steps,
        "guided": kind.is_guided,
        "pictures": speed.pictures,
        "median_s": speed.median_s,
        "before_s": speed.before_s,
        "former": [
            {"night": one.night.isoformat(), "pictures": one.pictures, "median_s": one.median_s} for one in speed.former
        ],
    }


def _left(left: Left) -> dict[str, object]:
    return {
        "jobs": left.jobs,
        "pictures": left.pictures,
        "ends_in_s": left.ends_in_s,
        "running": [{"name": name, "done": done, "pictures": asked} for name, done, asked in left.running],
        "persons": [{"name": name, "reason": reason} for name, reason in left.persons[:MOST_JOBS]],
        "proofs": [{"name": name, "folder": folder} for name, folder in left.proofs[:MOST_JOBS]],
    }


def former_speeds(
    folder: Path, names: Iterable[str], *, before: date, below: Path
) -> Mapping[SpeedKind, Sequence[FormerSpeed]]:
    """What pictures took in the four weeks before a night, from the reports of those nights; oldest first.

    Args:
        folder: of the reports.
        names: of files in it.
        before: the night.
        below: a folder above, below which no link is followed.

    Raises:
        OSError: the share failed.
    """
    found: dict[SpeedKind, list[FormerSpeed]] = defaultdict(list)
    nights = sorted(night for name in names if (night := night_in(name)) and before - WEEKS <= night < before)
    for night in nights:
        record = read_record(folder / f"{night}.json", below=below, most_bytes=MOST_BYTES)
        for one in objects_in(record, "speeds")[:MOST_SPEEDS]:
            median_s, pictures = seconds_in(one, "median_s"), count_in(one, "pictures")
            if median_s and pictures:
                found[_kind(one)].append(FormerSpeed(night=night, pictures=pictures, median_s=median_s))
    return found


def _kind(one: Mapping[str, object]) -> SpeedKind:
    return SpeedKind(
        width=count_in(one, "width"),
        height=count_in(one, "height"),
        steps=count_in(one, "steps"),
        is_guided=one.get("guided") is True,
    )


def night_in(name: str) -> date | None:
    """The night of a report, by the name of its file; None for any other file.

    Args:
        name: such as `2026-11-27.json`.
    """
    stem, _, ending = name.rpartition(".")
    try:
        night = date.fromisoformat(stem) if ending == "json" else None
    except ValueError:
        return None
    return night if night is not None and night.isoformat() == stem else None
