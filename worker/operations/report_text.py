"""A night's report on a terminal: few lines, what went wrong first, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from worker.moments import day_and_hour, moment_of
from worker.operations.status import how_ended
from worker.progress_words import rough_duration
from worker.report_records import Left, NightReport, Speed, WorkerNight
from worker.report_words import change_words, kind_words, left_words, outcome_words, report_headline, stage_words
from worker.translation import Text, enumerated, gettext, joined, ngettext
from worker.try_words import rung_words

MOST = 10
"""Jobs, rules and names of a kind that get a line."""


def report_text(report: NightReport, *, zone: tzinfo | None = None, page: str = "") -> str:
    """The whole of it.

    Args:
        report: of a night, or of another span of time.
        zone: of the times; None: this machine's.
        page: where its page lies; empty where there is none.
    """
    lines: list[str] = [
        gettext("{begins} to {ends}", begins=_moment(report.begins, zone), ends=_moment(report.ends, zone)),
        report_headline(report),
    ]
    if report.total or report.proofs:
        lines.append(_pictures(report))
    elif report.night:
        lines.append(gettext("Of another time: `zimage-worker report --since today`."))
    lines += _troubles(report)
    lines += _tried(report)
    lines += (_speed(speed) for speed in report.speeds)
    lines += _card(report)
    lines += _warnings(report)
    for worker in report.workers:
        lines += _worker(worker, zone)
    if report.left is not None:
        lines += _left(report.left)
    if page:
        lines.append(gettext("page: {page}", page=page))
    return joined(lines)


def _moment(iso: str | None, zone: tzinfo | None) -> str:
    return day_and_hour(moment_of(iso), zone=zone)


def _pictures(report: NightReport) -> str:
    parts = [ngettext("{count} picture", "{count} pictures", report.pictures)]
    if report.proofs:
        parts.append(ngettext("{count} proof", "{count} proofs", report.proofs))
    if report.failed:
        parts.append(ngettext("{count} picture failed", "{count} pictures failed", report.failed))
    if report.cancelled:
        parts.append(ngettext("{count} picture cancelled", "{count} pictures cancelled", report.cancelled))
    if report.retried:
        parts.append(ngettext("{count} needed more than one try", "{count} needed more than one try", report.retried))
    return enumerated(parts)


def _troubles(report: NightReport) -> Iterator[str]:
    for trouble in report.troubles[:MOST]:
        yield gettext("  {name}: {text}", name=trouble.job.name, text=how_ended(trouble.job))
        yield gettext("    {text}", text=trouble.command or trouble.mend)
    more = len(report.troubles[MOST:]) + report.more_troubles
    if more:
        yield gettext("  and {count} more", count=more)


def _tried(report: NightReport) -> Iterator[str]:
    """What failed, and what was mended, by what tries came to."""
    if report.lost:
        words: list[Text] = [_counted(outcome, count) for outcome, count in report.lost.items()]
        yield gettext("could not be made: {reasons}", reasons=enumerated(words))
    for one in report.mended[:MOST]:
        yield ngettext(
            "{count} picture was {outcome} at first; {rung} made it",
            "{count} pictures were {outcome} at first; {rung} made them",
            one.pictures, outcome=outcome_words(one.outcome), rung=rung_words(one.rung),
        )  # fmt: skip


def _counted(outcome: str, count: int) -> Text:
    return gettext("{count} {outcome}", count=count, outcome=outcome_words(outcome))


def _speed(speed: Speed) -> Text:
    told = gettext("{seconds} s a picture ({kind}, {count} pictures)",
                   seconds=f"{speed.median_s:.1f}", kind=kind_words(speed.kind), count=speed.pictures)  # fmt: skip
    change = change_words(speed)
    return gettext("{speed}: {change}", speed=told, change=change) if change else told


def _card(report: NightReport) -> Iterator[Text]:
    if report.stages:
        yield gettext("seconds a picture by stage: {stages}", stages=enumerated(_stages(report.stages)))
    if report.peak_mib is not None:
        yield gettext("peak of the card's memory: {gib} GiB", gib=f"{report.peak_mib / 1024:.1f}")
    if report.temperature_c is not None:
        yield gettext("highest temperature of the card: {celsius} °C", celsius=f"{report.temperature_c:.0f}")


def _stages(stages: Mapping[str, float]) -> Iterator[Text]:
    for key, seconds in stages.items():
        yield gettext("{stage} {seconds} s", stage=stage_words(key), seconds=f"{seconds:.2f}")


def _warnings(report: NightReport) -> Iterator[Text]:
    for one in report.warnings[:MOST]:
        count = ngettext("{count} job", "{count} jobs", one.jobs)
        yield gettext("warning in {count}, such as {job}: {text}", count=count, job=one.job, text=one.example)


def _worker(worker: WorkerNight, zone: tzinfo | None) -> Iterator[Text]:
    told = [ngettext("{count} job", "{count} jobs", worker.jobs),
            ngettext("{count} picture", "{count} pictures", worker.pictures)]  # fmt: skip
    if worker.began_at:
        told.append(gettext("rendered {duration}, from {begins} to {ends}", duration=rough_duration(worker.worked_s),
                            begins=_moment(worker.began_at, zone), ends=_moment(worker.ended_at, zone)))  # fmt: skip
    yield gettext("worker {id}: {told}", id=worker.id, told=enumerated(told))
    for wait in worker.waits[:MOST]:
        yield gettext("  waited {duration}: {reason}", duration=rough_duration(wait.seconds), reason=wait.reason)
    for at in worker.unclean_stops[-3:]:
        yield gettext("  ended without being asked to; last heard of at {moment}", moment=_moment(at, zone))


def _left(left: Left) -> Iterator[str]:
    for name, done, asked in left.running[:MOST]:
        yield gettext("in work: {name}, {done} of {total} pictures", name=name, done=done, total=asked)
    if left.jobs:
        yield left_words(left)
    for name, reason in left.persons[:MOST]:
        yield gettext("waits for a person: {name}: {reason}", name=name, reason=reason)
    for name, folder in left.proofs[:MOST]:
        yield gettext("waits for approval: {name}: outbox/{folder}", name=name, folder=folder)
    more = len(left.persons[MOST:]) + len(left.proofs[MOST:])
    if more:
        yield gettext("  and {count} more", count=more)
