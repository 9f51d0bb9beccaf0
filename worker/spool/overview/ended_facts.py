"""What the manifest of an ended job says of its pictures: what failed, what was tried, how long it took.

Whoever may write on the share may have written anything there: every text is cut, every number checked, every list
bounded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from worker.disk.content import NotAJob, opened
from worker.disk.json_stream import read_stream
from worker.disk.record_fields import count_in, inner, objects_in, seconds_in, text_in
from worker.overview_records import EndedJob
from worker.report_records import JobFacts, PictureFailure, SpeedKind, WarningFact
from worker.spool.layout import Folders

MOST_FAILURES = 8
"""Of a job that are told one by one; all are counted."""
MOST_KINDS = 20
"""Sizes and steps of a job."""
MOST_TRIES = 100
MOST_TOLD_TRIES = 12
"""Of a picture that failed."""
MOST_WARNINGS = 200
_Key = TypeVar("_Key", bound=Hashable)
STAGES = ("encode_s", "denoise_s", "decode_s")
"""Of a try."""
EVIDENCE_FOLDER = "rejected"
EVIDENCE_BYTES = 32 * 1024 * 1024
"""Of a refused picture's file."""


def facts_of(folders: Folders, job: EndedJob) -> JobFacts:
    """Read them; of a job without a manifest, or one that cannot be read now, there are none.

    Args:
        folders: of the spool.
        job: of the overview.
    """
    root = folders.outbox if job.is_in_outbox else folders.failed
    counted, head = _Counted(), dict[str, object]()
    with suppress(OSError):  # locked by a person's program, or moved away: the others are told
        head = read_stream(root / job.name / "manifest.json", "shots", counted.take, below=root)
    warnings = [_warning(one) for one in objects_in(head, "warnings")[:MOST_WARNINGS]]
    return JobFacts(
        job=job,
        seconds=dict(counted.seconds),
        mended=counted.mended,
        lost=counted.lost,
        failures=counted.failures,
        warnings=warnings,
        stages=counted.stages,
        staged=counted.staged,
        peak_mib=seconds_in(head, "peak_mib") or counted.peak_mib or None,
        temperature_c=seconds_in(head, "max_temperature_c"),
        worker=text_in(inner(head, "worker"), "id"),
    )


def evidence_bytes(folders: Folders, job: EndedJob, file: str) -> bytes:
    """The file of a refused picture; empty where it cannot be read, is too large, or was never one.

    Args:
        folders: of the spool.
        job: of the overview.
        file: as the manifest has it.
    """
    folder, _, name = file.partition("/")
    if folder != EVIDENCE_FOLDER or not name or "/" in name or name.startswith("."):
        return b""
    root = folders.outbox if job.is_in_outbox else folders.failed
    try:
        with opened(root / job.name / folder / name, below=root) as found:
            data = found.read(EVIDENCE_BYTES + 1)
    except (OSError, NotAJob):
        return b""
    return data if len(data) <= EVIDENCE_BYTES else b""


@dataclass(slots=True)
class _Counted:
    """Of the entries of one manifest."""

    seconds: dict[SpeedKind, list[float]] = field(default_factory=lambda: defaultdict(list))
    mended: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    failures: list[PictureFailure] = field(default_factory=list)
    stages: Counter[str] = field(default_factory=Counter)
    staged: int = 0
    peak_mib: float = 0.0

    def take(self, entry: Mapping[str, object]) -> None:
        """Count one picture.

        Args:
            entry: of `shots`.
        """
        tries = objects_in(entry, "attempts")[:MOST_TRIES]
        self.peak_mib = max(self.peak_mib, *(seconds_in(one, "peak_mib") or 0.0 for one in tries), 0.0)
        match entry.get("status"):
            case "ok":
                self._made(entry, tries)
            case "failed":
                self._failed(entry, tries)

    def _made(self, entry: Mapping[str, object], tries: Sequence[Mapping[str, object]]) -> None:
        took = [seconds for one in tries if (seconds := seconds_in(one, "seconds")) is not None]
        kind = SpeedKind(
            width=count_in(entry, "width"),
            height=count_in(entry, "height"),
            steps=count_in(entry, "steps"),
            is_guided=bool(seconds_in(entry, "guidance")),
        )
        if took and (kind in self.seconds or len(self.seconds) < MOST_KINDS):
            self.seconds[kind].append(sum(took))
        rung = text_in(entry, "rung")[:40] or "first"
        for outcome in {*_outcomes(tries[:-1])} - {"ok"}:
            _count(self.mended, (outcome, rung))
        self._count_stages(entry, tries)

    def _count_stages(self, entry: Mapping[str, object], tries: Sequence[Mapping[str, object]]) -> None:
        told = {key: [seconds_in(inner(one, "stages"), key) for one in tries] for key in STAGES}
        known = {key: sum(one or 0.0 for one in found) for key, found in told.items() if any(found)}
        if not known:
            return
        self.staged += 1
        for key, seconds in (*known.items(), ("file_s", seconds_in(entry, "file_s") or 0.0)):
            self.stages[key] += seconds  # type: ignore[assignment]

    def _failed(self, entry: Mapping[str, object], tries: Sequence[Mapping[str, object]]) -> None:
        outcomes = [*_outcomes(tries)]
        _count(self.lost, outcomes[-1] if outcomes else "")
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(
                PictureFailure(
                    file=text_in(entry, "file"),
                    error=text_in(entry, "error"),
                    prompt=text_in(entry, "prompt"),
                    outcomes=outcomes[-MOST_TOLD_TRIES:],
                    evidence=[evidence for one in tries if (evidence := text_in(one, "evidence"))][-3:],
                )
            )


def _outcomes(tries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield from (outcome[:40] for one in tries if (outcome := text_in(one, "outcome")))


def _count(counted: Counter[_Key], key: _Key) -> None:
    if key in counted or len(counted) < MOST_KINDS:
        counted[key] += 1


def _warning(entry: Mapping[str, object]) -> WarningFact:
    return WarningFact(
        rule=text_in(entry, "rule")[:80], message=text_in(entry, "message"), count=count_in(entry, "count") or 1
    )
