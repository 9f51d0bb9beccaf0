"""What `status` prints: the workers, what is in work and waits, and what was finished since yesterday."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from worker.moments import day_and_hour, moment_of
from worker.operations.status_json import counts
from worker.overview_records import EndedJob, EndedState, Overview, RunningJob, WaitingJob, WorkerLine, WorkerState
from worker.progress_words import bar, rough_duration
from worker.translation import Text, enumerated, gettext, joined, ngettext, sentences
from worker.window_outlook import outlook_lines

STATE_WORDS: Mapping[WorkerState, Text] = {
    "starting": gettext("starting"),
    "idle": gettext("idle"),
    "rendering": gettext("rendering"),
    "paused": gettext("paused"),
    "stopped": gettext("stopped"),
    "silent": gettext("silent"),
    "dead": gettext("dead"),
}
"""A worker's states as people say them."""
MOST_TOLD = 10
"""Names of a kind that get a line."""
LONGEST = 500
"""Characters that are shown of a reason."""


def text(overview: Overview, *, now: datetime, receipts_folder: str = "") -> str:
    """The whole status.

    Args:
        overview: of the spool.
        now: aware, in the reader's zone: yesterday is its yesterday.
        receipts_folder: where receipts lie.
    """
    by_worker = {job.worker: job for job in overview.running}
    lines: list[str] = []
    if overview.paused_by is not None:
        since = day_and_hour(moment_of(overview.paused_since), zone=now.tzinfo)
        lines.append(gettext("paused since {since}: all workers wait while {file} lies in the inbox",
                             since=since, file=overview.paused_by))  # fmt: skip
    for worker in overview.workers:
        lines.append(worker_line(worker, by_worker.get(worker.id), now=now))
        lines += hours_line(worker, now=now)
    lines += _left_behind(overview)
    if not overview.workers:
        lines.append(gettext("no worker has ever run on this inbox: start one with `zimage-worker run`"))
    elif overview.nobody_works:
        lines.append(gettext("nobody works: start a worker with `zimage-worker run`"))
    lines += _waiting(overview, receipts_folder)
    lines += _control_files(overview)
    lines += _ended(overview, now=now)
    return joined(lines)


CLOCK_SLACK_S = 86_400.0
"""Of a look at what has ended since a moment: the share's clock may be wrong by hours."""


def since_yesterday(now: datetime) -> datetime:
    """When yesterday began.

    Args:
        now: aware, in the reader's zone.
    """
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def worker_line(worker: WorkerLine, job: RunningJob | None, *, now: datetime) -> str:
    """One worker: state, job, bar, picture, time left, why it waits, and when it was last heard of if that is long ago.

    Args:
        worker: of the overview.
        job: that it has in work.
        now: aware.
    """
    parts: list[str] = [gettext("worker {id}: {state}", id=worker.id, state=STATE_WORDS[worker.state])]
    if job is not None and worker.state in ("rendering", "paused", "starting", "idle"):
        parts.append(_progress(job))
        if job.file:
            parts.append(gettext("{file} step {step}/{steps}", file=job.file, step=job.step, steps=job.steps))
        if job.left_s is not None:
            parts.append(gettext("about {duration} left", duration=rough_duration(job.left_s)))
    if worker.reason and worker.state not in ("rendering", "dead"):
        parts.append(_short(worker.reason))
    heard = moment_of(worker.heard_at)
    if worker.state in ("silent", "dead") and heard is not None:
        silent_s = max(0.0, (now - heard).total_seconds())
        parts.append(gettext("last heard of {duration} ago", duration=rough_duration(silent_s)))
    if worker.note:
        parts.append(_short(worker.note))
    if worker.hangs:
        parts.append(gettext("it hangs: end it, and start it again"))
    return joined(parts, "  ")


def hours_line(worker: WorkerLine, *, now: datetime) -> Iterator[str]:
    """When a worker that has hours renders, and what fits; nothing of any other.

    Args:
        worker: of the overview.
        now: aware, in the reader's zone.
    """
    if worker.hours is not None:
        yield gettext("  hours: {told}", told=sentences(outlook_lines(worker.hours, now=now, zone=now.tzinfo)))


def _progress(job: RunningJob) -> str:
    settled = job.made + job.failed
    told = f"{job.name} {bar(settled, job.pictures)} {settled}/{job.pictures}"
    return gettext("{progress}, {count} failed", progress=told, count=job.failed) if job.failed else told


def _left_behind(overview: Overview) -> Iterator[str]:
    """Jobs that a worker has which does not work, a line each."""
    states = {worker.id: worker.state for worker in overview.workers}
    for job in overview.running:
        match states.get(job.worker, "dead"):
            case "dead":
                yield gettext("left by dead worker {id}: {job}: the next worker goes on with it",
                              id=job.worker, job=_progress(job))  # fmt: skip
            case "stopped":
                yield gettext("kept by stopped worker {id}: {job}: it goes on at the next start",
                              id=job.worker, job=_progress(job))  # fmt: skip
            case "silent":
                yield gettext("with silent worker {id}: {job}", id=job.worker, job=_progress(job))


def _waiting(overview: Overview, folder: str) -> Iterator[str]:
    """What waits, by what it waits for; then what people should know of it."""
    of = {state: [job for job in overview.waiting if job.state == state] for state in counts(overview)}
    of |= {"held": [job for job in of["held"] if not job.proof], "proof": [job for job in of["held"] if job.proof]}
    names = [job.name for job in of["waiting"]]
    whole = _whole_time(overview)
    yield gettext("waiting: {count}{names}{time}", count=len(names), names=_some(names), time=whole)
    yield from _lines({job.name: job.reason for job in of["waiting"] if job.reason})
    for state, told in (
        ("invalid", gettext("invalid: {count}{names}: refused unless they are mended",
                            count=len(of["invalid"]), names=_some([job.name for job in of["invalid"]]))),
        ("held", gettext("held: {count}{names}",
                         count=len(of["held"]), names=_some([job.name for job in of["held"]]))),
        ("proof", gettext("waiting for approval: {count}{names}: `approve` or `reject` them",
                          count=len(of["proof"]), names=_some([job.name for job in of["proof"]]))),
        ("resting", gettext("claimed, and not gone on with now: {count}{names}",
                            count=len(of["resting"]), names=_some([job.name for job in of["resting"]]))),
    ):  # fmt: skip
        if of[state]:
            yield told
            yield from _lines({job.name: job.reason or f"outbox/{job.proof}"
                               for job in of[state] if job.reason or job.proof})  # fmt: skip
    jobs: tuple[RunningJob | WaitingJob, ...] = (*overview.running, *overview.waiting)
    warned = {job.receipt or job.name: job.warnings for job in jobs if job.warnings}
    if warned:
        yield gettext("with warnings: {count}: they lie in {folder}", count=len(warned), folder=folder)
        yield from _lines({name: ngettext("{count} warning", "{count} warnings", n) for name, n in warned.items()})
    if overview.ignored:
        yield gettext("ignored: {count}{names}", count=len(overview.ignored),
                      names=_some([name for name, _ in overview.ignored]))  # fmt: skip
        yield from _lines(dict(overview.ignored))


def _control_files(overview: Overview) -> Iterator[str]:
    """What people ask for by files that still lie in the inbox."""
    if asked := dict(overview.control_files):
        yield gettext("control files: {count}{names}", count=len(asked), names=_some([*asked]))
        yield from _lines(asked)


def _whole_time(overview: Overview) -> str:
    """How long it takes until all that waits is done, as far as anybody knows."""
    if not any(job.state in ("waiting", "held") and not job.proof for job in overview.waiting):
        return ""
    if overview.queue_ends_in_s is not None:
        return gettext(", about {duration} in all", duration=rough_duration(overview.queue_ends_in_s))
    jobs = [job for job in overview.waiting if job.state == "waiting"]
    ends = [job.ends_in_s for job in jobs if job.ends_in_s is not None]
    if not ends:
        return ""
    duration = rough_duration(max(ends))
    if len(ends) < len(jobs):
        return gettext(", more than {duration} in all", duration=duration)
    return gettext(", about {duration} in all", duration=duration)


def _ended(overview: Overview, *, now: datetime) -> Iterator[str]:
    """What ended since yesterday: how many of each kind, and a line for each that is not complete."""
    began = since_yesterday(now)
    recent = [job for job in overview.ended if (ended := moment_of(job.ended_at)) is not None and ended >= began]
    if recent:
        pictures = sum(job.made for job in recent if job.state != "proof")  # they are the job's, too
        yield gettext("since yesterday: {jobs}: {pictures}", jobs=enumerated(_kinds(recent)),
                      pictures=ngettext("{count} picture", "{count} pictures", pictures))  # fmt: skip
        yield from _lines({job.name: how_ended(job) for job in recent if job.state != "complete"})
    else:
        yield gettext("since yesterday: nothing has ended")
    failures = [job.name for job in overview.ended if job.state in ("failed", "refused")]
    if failures:
        names = _some(failures)
        yield gettext("failed:  {count}{names}: see error.txt in each", count=len(failures), names=names)
    if overview.ended_more:
        count = overview.ended_more
        yield ngettext("earlier: {count} more folder of a job", "earlier: {count} more folders of jobs", count)


def _kinds(jobs: Collection[EndedJob]) -> Iterator[str]:
    number = {state: sum(job.state == state for job in jobs) for state in {job.state for job in jobs}}
    words: Mapping[EndedState, Text] = {
        "complete": gettext("{count} complete", count=number.get("complete", 0)),
        "partial": gettext("{count} partial", count=number.get("partial", 0)),
        "proof": ngettext("{count} proof", "{count} proofs", number.get("proof", 0)),
        "cancelled": gettext("{count} cancelled", count=number.get("cancelled", 0)),
        "failed": gettext("{count} failed", count=number.get("failed", 0)),
        "refused": gettext("{count} refused", count=number.get("refused", 0)),
    }
    yield from (word for state, word in words.items() if number.get(state))


def how_ended(job: EndedJob) -> str:
    """How a job ended that is not complete: `partial, 37 of 80: ...`.

    Args:
        job: of the overview.
    """
    words: Mapping[EndedState, Text] = {
        "complete": gettext("complete"),
        "partial": gettext("partial"),
        "proof": gettext("proof"),
        "cancelled": gettext("cancelled"),
        "failed": gettext("failed"),
        "refused": gettext("refused"),
    }
    told: str = words[job.state]
    if job.pictures and job.state != "refused":
        told = gettext("{how}, {made} of {pictures}", how=told, made=job.made, pictures=job.pictures)
    return gettext("{how}: {why}", how=told, why=_short(job.reason)) if job.reason else told


def _lines(told: Mapping[str, str]) -> Iterator[str]:
    """A line for each of the first names, and how many there are more."""
    for name, said in [*told.items()][:MOST_TOLD]:
        yield gettext("  {name}: {text}", name=name, text=_short(said))
    if len(told) > MOST_TOLD:
        yield gettext("  and {count} more", count=len(told) - MOST_TOLD)


def _some(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = ["..."] if len(names) > 5 else []
    return gettext(" ({names})", names=enumerated([*names[:5], *more]))


def _short(said: str) -> str:
    """A text of ours as it is, anybody's else cut."""
    return said[:LONGEST] if type(said) is str else said
