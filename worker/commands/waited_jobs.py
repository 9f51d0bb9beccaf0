"""What is said of jobs that somebody waits for: where each is, who or what holds them up, how each ended.

Looks at nothing itself: what was seen comes in as values.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worker.moments import moment_of, near_hour
from worker.overview_records import LIVING, EndedState, Overview, RunningJob, WaitingJob
from worker.progress_words import BAR_CHARACTERS, bar, rough_duration
from worker.translation import Text, enumerated, gettext, ngettext
from worker.try_words import OUTCOME_WORDS

if TYPE_CHECKING:
    from worker import compose

"""States of a worker that lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitedJob:
    """A job that somebody waits for."""

    name: str
    """In the inbox."""
    shown: str
    """As its finished folder will be called, unless that name is taken."""
    pictures: int
    """Asked for."""


def running_of(job: WaitedJob, overview: Overview) -> RunningJob | None:
    """Its work, where a worker has it; while it waits under its own name, the work is another job's of that name.

    Args:
        job: that has not ended.
        overview: of now.
    """
    if _waiting_of(job, overview) is not None:
        return None
    return next((one for one in overview.running if one.name == job.shown), None)


def _waiting_of(job: WaitedJob, overview: Overview) -> WaitingJob | None:
    return next((one for one in overview.waiting if one.name == job.name), None)


def whereabouts(job: WaitedJob, overview: Overview) -> Text | None:
    """Where it is; None where the look does not show it.

    Args:
        job: that has not ended.
        overview: of now.
    """
    if (running := running_of(job, overview)) is not None:
        return gettext("{job}: in work by {worker}", job=job.shown, worker=running.worker)
    waiting = _waiting_of(job, overview)
    if waiting is None:
        return None
    if waiting.reason and waiting.state != "waiting":
        return gettext("{job} waits: {reason}", job=job.shown, reason=waiting.reason)
    if waiting.position is None:
        return gettext("{job} waits", job=job.shown)
    if waiting.starts_in_s is None:
        return gettext("{job} waits, number {position} in line", job=job.shown, position=waiting.position)
    return gettext(
        "{job} waits, number {position} in line, begins in about {duration}",
        job=job.shown, position=waiting.position, duration=rough_duration(waiting.starts_in_s),
    )  # fmt: skip


def held_up(overview: Overview, *, inbox: Path, start: str) -> Text | None:
    """Why nothing goes on for now, and what to do about it; None where somebody works.

    Args:
        overview: of now.
        inbox: its path.
        start: the command that starts a worker.
    """
    living = [one for one in overview.workers if one.state in LIVING]
    silent = [one.id for one in overview.workers if one.state == "silent"]
    if not living and silent:
        return gettext(
            "no worker is heard of on this inbox, {workers} not for a while: start one with `{command}`",
            workers=enumerated(silent[:3]), command=start,
        )  # fmt: skip
    if not living:
        return gettext("no worker is running on this inbox: start one with `{command}`", command=start)
    if overview.paused_by is not None:
        since, now = moment_of(overview.paused_since), moment_of(overview.as_of)
        path = inbox / overview.paused_by
        if since and now:
            return gettext(
                "paused by {path} since {time}: remove that file to go on", path=path, time=near_hour(since, now=now)
            )
        return gettext("paused by {path}: remove that file to go on", path=path)
    waits = [one for one in living if one.state == "paused"]
    if len(waits) == len(living):
        return gettext("{worker} waits: {reason}", worker=waits[0].id, reason=waits[0].reason)
    return None


def progress(jobs: Iterable[WaitedJob], ended: Mapping[str, int], overview: Overview) -> tuple[int, int]:
    """Pictures settled, and asked for, of all jobs that are waited for.

    Args:
        jobs: all of them.
        ended: pictures asked for in those that have ended, by name.
        overview: of now.
    """
    done = total = 0
    for job in jobs:
        running = None if job.name in ended else running_of(job, overview)
        total += job.pictures
        settled = running.made + running.failed if running is not None else 0
        done += job.pictures if job.name in ended else min(settled, job.pictures)
    return done, total


def waiting_line(
    open_jobs: Collection[WaitedJob],
    overview: Overview,
    *,
    done: int,
    total: int,
    hindrance: Text | None,
    characters: int = BAR_CHARACTERS,
) -> list[Text | str]:
    """The parts of the line that changes in place, the most important first.

    Args:
        open_jobs: that have not ended.
        overview: of now.
        done: pictures.
        total: of how many.
        hindrance: of `held_up`.
        characters: of the bar; 0 for none.
    """
    running = next((one for job in open_jobs if (one := running_of(job, overview)) is not None), None)
    parts: list[Text | str] = [bar(done, total, characters=characters)] if characters else []
    parts.append(f"{done}/{total}")
    if hindrance is not None:
        return [*parts, hindrance]
    if running is not None:
        parts.append(running.name)
        if running.left_s is not None:
            parts.append(gettext("about {duration} left", duration=rough_duration(running.left_s)))
    else:
        told = (text for job in open_jobs if (text := whereabouts(job, overview)) is not None)
        parts += [*told][:1]
    if len(open_jobs) > 1:
        parts.append(ngettext("{count} job open", "{count} jobs open", len(open_jobs)))
    return parts


def ending(shown: str, folder: Path, outcome: compose.Outcome | None) -> Text:
    """How a job ended: its state, what is missing and why, and where it lies.

    Args:
        shown: the job's name.
        folder: in which it ended.
        outcome: as that folder tells it; None where it cannot be read.
    """
    if outcome is None or outcome.state is None:
        return gettext("{job}: ended, and cannot be read: {folder}", job=shown, folder=folder)
    failures = [_failure(*one) for one in outcome.failures]
    if outcome.failed > len(failures):
        failures.append(gettext("{count} more", count=outcome.failed - len(failures)))
    said: Mapping[EndedState, Text] = {
        "complete": ngettext(
            "{job}: complete, {count} picture: {folder}", "{job}: complete, {count} pictures: {folder}", outcome.made,
            job=shown, folder=folder,
        ),
        "cancelled": gettext("{job}: cancelled, {made} of {pictures} made: {folder}", job=shown, folder=folder,
                             made=outcome.made, pictures=outcome.pictures) if outcome.pictures
        else gettext("{job}: cancelled before it began: {folder}", job=shown, folder=folder),
        "proof": ngettext(
            "{job}: its proof is made, {count} picture, and waits for approval. Look at {folder}, then call"
            " `zimage-worker approve {name}` or `reject`: this command does not wait for that.",
            "{job}: its proof is made, {count} pictures, and waits for approval. Look at {folder}, then call"
            " `zimage-worker approve {name}` or `reject`: this command does not wait for that.",
            outcome.made, job=shown, folder=folder, name=shlex.quote(shown),
        ),
        "refused": gettext("{job}: refused: {reason} {folder}", job=shown, reason=outcome.reason, folder=folder),
    }  # fmt: skip
    if outcome.state in said:
        return said[outcome.state]
    state = gettext("partial") if outcome.state == "partial" else gettext("failed")
    if not failures:
        return gettext("{job}: {state}: {made} of {pictures}: {folder}", job=shown, state=state, folder=folder,
                       made=outcome.made, pictures=outcome.pictures)  # fmt: skip
    return gettext(
        "{job}: {state}: {made} of {pictures}, failed: {failures}: {folder}",
        job=shown, state=state, made=outcome.made, pictures=outcome.pictures, failures=enumerated(failures),
        folder=folder,
    )  # fmt: skip


def _failure(file: str, outcome: str, error: str) -> Text:
    words: Mapping[str, Text] = {str(one): word for one, word in OUTCOME_WORDS.items()}
    why = words.get(outcome) if outcome not in ("error", "ok") else None
    return gettext("{file} ({why})", file=file, why=why or error or "?")
