"""Night reports: what the jobs of a night came to, from what their manifests say. Pure.

What to do about each job that is not complete stands here too, as a command and as a file for the inbox.
"""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import TypeVar, get_args

from worker.overview_records import EndedJob, EndedState
from worker.report_records import (
    FormerSpeed,
    JobFacts,
    Left,
    Mended,
    NightReport,
    Speed,
    SpeedKind,
    Trouble,
    WarningKind,
    WorkerNight,
)
from worker.translation import gettext

MOST_TROUBLES = 60
"""Jobs that are not complete and are told one by one."""
FIRST_TROUBLES = 8
"""Of these all pictures are told that their facts hold; of later ones `FEW_FAILURES`."""
FEW_FAILURES = 1
MOST_COMPLETE = 200
MOST_SPEEDS = 4
"""Kinds of pictures whose speed is told."""
MOST_WARNINGS = 20
"""Rules."""
FEWEST = 3
"""Pictures of a kind from which a median says something."""
_Key = TypeVar("_Key", bound=Hashable)
WORST: tuple[EndedState, ...] = ("failed", "refused", "partial", "cancelled")
"""In this order jobs are told that are not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that a report is of."""

    begins: str
    """ISO 8601, UTC."""
    ends: str
    night: date | None = None
    is_over: bool = True
    as_of: str | None = None
    """As in the report."""


def night_report(
    span: Span,
    facts: Sequence[JobFacts],
    *,
    workers: Sequence[WorkerNight] = (),
    former: Mapping[SpeedKind, Sequence[FormerSpeed]] | None = None,
    left: Left | None = None,
) -> NightReport:
    """Join them.

    Args:
        span: of time.
        facts: of the jobs that ended in it, newest first.
        workers: what each wrote down of itself.
        former: what pictures took in the four weeks before.
        left: what is not done yet.
    """
    ended = [one for one in facts if one.job.state != "proof"]  # its pictures are counted with its job
    jobs = [one.job for one in ended]
    troubles = sorted((one for one in facts if one.job.state in WORST), key=lambda one: WORST.index(one.job.state))
    staged = sum(one.staged for one in facts)
    return NightReport(
        night=span.night,
        begins=span.begins,
        ends=span.ends,
        is_over=span.is_over,
        as_of=span.as_of,
        jobs={state: sum(one.job.state == state for one in facts) for state in get_args(EndedState)},
        pictures=sum(job.made for job in jobs),
        failed=sum(job.failed for job in jobs),
        cancelled=sum(job.cancelled for job in jobs),
        retried=sum(job.retried for job in jobs),
        complete=[job for job in jobs if job.state not in WORST][:MOST_COMPLETE],
        troubles=[_trouble(one, number) for number, one in enumerate(troubles[:MOST_TROUBLES])],
        more_troubles=max(0, len(troubles) - MOST_TROUBLES),
        lost=dict(_summed(one.lost for one in ended).most_common()),
        mended=[
            Mended(outcome=outcome, rung=rung, pictures=count)
            for (outcome, rung), count in _summed(one.mended for one in ended).most_common()
        ],
        warnings=_warnings(facts),
        speeds=_speeds(facts, former or {}),
        stages={key: round(s / staged, 3) for key, s in _summed(one.stages for one in facts).items()} if staged else {},
        staged=staged,
        peak_mib=max((one.peak_mib for one in facts if one.peak_mib is not None), default=None),
        temperature_c=max((one.temperature_c for one in facts if one.temperature_c is not None), default=None),
        workers=_workers(workers, ended),
        left=left,
    )


def _summed(counts: Iterable[Mapping[_Key, float]]) -> Counter[_Key]:
    total = Counter[_Key]()
    for one in counts:
        for key, count in one.items():
            total[key] += count  # type: ignore[assignment]
    return total


def _trouble(facts: JobFacts, number: int) -> Trouble:
    job, command, file, mend = facts.job, "", "", ""
    if job.state == "refused":
        mend = gettext("Mend the job and drop it into the inbox again; it lies in the folder of failed jobs as {name}.",
                       name=job.name)  # fmt: skip
    else:
        command, file = retry_command(job), f"{job.name}.retry"
    failures = facts.failures[: None if number < FIRST_TROUBLES else FEW_FAILURES]
    return Trouble(job=job, failures=failures, command=command, file=file, mend=mend)


def retry_command(job: EndedJob) -> str:
    """What makes again what a job lacks.

    Args:
        job: that has ended.
    """
    return f"zimage-worker retry {shlex.quote(job.name)}"


def _warnings(facts: Sequence[JobFacts]) -> list[WarningKind]:
    """By rule, those of most jobs first."""
    found: dict[str, WarningKind] = {}
    for one in facts:
        places = Counter[str]()
        for warning in one.warnings:
            places[warning.rule] += warning.count
            if warning.rule not in found:
                found[warning.rule] = WarningKind(
                    rule=warning.rule, jobs=0, places=0, example=warning.message, job=one.job.name
                )
        for rule, count in places.items():
            kind = found[rule]
            found[rule] = replace(kind, jobs=kind.jobs + 1, places=kind.places + count)
    return sorted(found.values(), key=lambda kind: (-kind.jobs, -kind.places, kind.rule))[:MOST_WARNINGS]


def _speeds(facts: Sequence[JobFacts], former: Mapping[SpeedKind, Sequence[FormerSpeed]]) -> list[Speed]:
    """Of the kinds of which most pictures were made; of a few pictures no median is told."""
    seconds: dict[SpeedKind, list[float]] = defaultdict(list)
    for one in facts:
        for kind, took in one.seconds.items():
            seconds[kind].extend(took)
    most = sorted(seconds, key=lambda kind: (-len(seconds[kind]), kind.width, kind.height, kind.steps))
    return [
        Speed(
            kind=kind,
            pictures=len(seconds[kind]),
            median_s=round(median(seconds[kind]), 3),
            before_s=weighted_median(former.get(kind, ())),
            former=former.get(kind, ()),
        )
        for kind in most[:MOST_SPEEDS]
        if len(seconds[kind]) >= FEWEST
    ]


def weighted_median(former: Sequence[FormerSpeed]) -> float | None:
    """The median of several nights, each as often as it had pictures; None for none.

    Args:
        former: nights.
    """
    half = sum(one.pictures for one in former) / 2
    for one in sorted(former, key=lambda one: one.median_s):
        half -= one.pictures
        if half <= 0:
            return one.median_s
    return None


def _workers(workers: Sequence[WorkerNight], facts: Sequence[JobFacts]) -> list[WorkerNight]:
    """What they wrote down, with what they made; one that wrote nothing down made something all the same."""
    jobs, pictures = Counter[str](), Counter[str]()
    for one in facts:
        if one.worker:
            jobs[one.worker] += 1
            pictures[one.worker] += one.job.made
    told = {one.id: one for one in workers}
    return [*_joined(sorted({*told, *jobs}), told, jobs, pictures)]


def _joined(
    ids: Iterable[str], told: Mapping[str, WorkerNight], jobs: Counter[str], pictures: Counter[str]
) -> Iterator[WorkerNight]:
    for worker_id in ids:
        known = told.get(worker_id) or WorkerNight(id=worker_id)
        yield replace(known, jobs=jobs[worker_id], pictures=pictures[worker_id])
