"""Sentences about jobs and their pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from worker.operations.facts import FACT, Facts, number, seconds_of, word
from worker.operations.sentences.forms import counted, waited
from worker.progress_words import exact_duration
from worker.translation import Text, enumerated, gettext, ngettext, sentences
from worker.try_words import OUTCOME_WORDS

REJECTS = re.compile(r"\.reject(\.txt)?$", re.IGNORECASE)
"""The end of the name of a file by which a person rejects a proof."""


def _started(facts: Facts) -> str:
    pictures, kept = number(facts, "pictures"), number(facts, "kept")
    begun = ngettext("{job}: {count} picture", "{job}: {count} pictures", pictures, job=word(facts, "job"))
    return gettext("{begun}, {kept} of them finished before", begun=begun, kept=kept) if kept else begun


def _settled(facts: Facts) -> str:
    made, failed, cancelled = (number(facts, name) for name in ("pictures", "failed", "cancelled"))
    job, took, total = word(facts, "job"), exact_duration(seconds_of(facts)), made + failed + cancelled
    folder = f"{facts.get('outbox_path' if made else 'failed_path', '')}/{facts.get('folder', '')}"
    match facts.get("status"):
        case "complete":
            return ngettext(
                "finished: {job}, {count} picture in {duration}: {folder}",
                "finished: {job}, {count} pictures in {duration}: {folder}",
                made, job=job, duration=took, folder=folder,
            )  # fmt: skip
        case "partial":
            return gettext(
                "partial: {job}, {made} of {total} pictures in {duration}: {folder}",
                job=job, made=made, total=total, duration=took, folder=folder,
            )  # fmt: skip
        case "cancelled":
            return gettext(
                "cancelled: {job}, {made} of {total} pictures were made: {folder}",
                job=job, made=made, total=total, folder=folder,
            )  # fmt: skip
        case _:
            return gettext(
                "failed: {job}, {made} of {total} pictures could be made: {folder}",
                job=job, made=made, total=total, folder=folder,
            )  # fmt: skip


def _cancelled(facts: Facts) -> str:
    job, by = word(facts, "job"), word(facts, "by")
    if "left" not in facts:
        folder = f"{facts.get('failed_path', '')}/{facts.get('folder', '')}"
        if REJECTS.search(str(by)):
            return gettext(
                "rejected: {job}, by {by}; it ends, its proof stays: {folder}", job=job, by=by, folder=folder
            )
        return gettext("cancelled: {job}, by {by} before it began: {folder}", job=job, by=by, folder=folder)
    return gettext(
        "{job} is cancelled by {by}: {pictures} pictures are done, {left} are not made.",
        job=job, by=by, pictures=number(facts, "pictures"), left=number(facts, "left"),
    )  # fmt: skip


def _invalid(facts: Facts) -> str:
    told = ngettext(
        "{job}: {count} problem: {first}", "{job}: {count} problems, first: {first}", number(facts, "problems"),
        job=word(facts, "job"), first=word(facts, "first"),
    )  # fmt: skip
    grace = gettext("It is refused once it has lain unchanged for {seconds} s.", seconds=word(facts, "grace_s"))
    return sentences((told, grace))


def _warned(facts: Facts) -> str:
    job, problem = word(facts, "job"), word(facts, "problem")
    if str(problem).startswith(f"{job}."):  # it names the job's file
        return str(problem)
    return gettext("{job}: {problem}", job=job, problem=problem)


def _stumbled(facts: Facts) -> str:
    files = facts.get("files")
    named = [str(name) for name in files[:3]] if isinstance(files, list | tuple) else []
    return gettext("{files}: {reason}", files=enumerated(named) or "?", reason=word(facts, "reason"))


def _room(facts: Facts) -> str | None:
    if facts.get("fits") == facts.get("left"):
        return None
    job, fits, left = (word(facts, name) for name in ("job", "fits", "left"))
    return gettext("{job}: there is room for {fits} of {left} pictures.", job=job, fits=fits, left=left)


def _tried(facts: Facts) -> str:
    outcome = str(word(facts, "outcome"))
    told = {str(name): word for name, word in OUTCOME_WORDS.items()}.get(outcome, outcome)
    job, file = word(facts, "job"), word(facts, "file")
    return gettext("{job}: {file}, one try: {outcome}", job=job, file=file, outcome=told)


def _given_back(facts: Facts) -> str:
    done, total = number(facts, "pictures"), number(facts, "pictures") + number(facts, "left")
    return gettext(
        "{job}: {done} of {total} pictures are done; it waits in the inbox, and goes on where it was.",
        job=word(facts, "job"), done=done, total=total,
    )  # fmt: skip


def _kept(facts: Facts) -> str:
    done, total = number(facts, "pictures"), number(facts, "pictures") + number(facts, "left")
    return gettext(
        "{job}: {done} of {total} pictures are done; it goes on once this worker renders again.",
        job=word(facts, "job"), done=done, total=total,
    )  # fmt: skip


JOBS: Mapping[str, Text | Callable[[Facts], str | None]] = {
    "job.interrupted": gettext("{job} gives way to {by}, and goes on afterwards.", job=FACT, by=FACT),
    "retry.not_kept": gettext(
        "{job}: {pictures} pictures of {folder} could not be taken over; they are made again.", job=FACT,
        pictures=FACT, folder=FACT),
    "job.unread": gettext("{job} cannot be read now ({error}); the others go on.", job=FACT, error=FACT),
    "job.invalid": _invalid,
    "job.warned": _warned,
    "job.started": _started,
    "job.settled": _settled,
    "job.refused": gettext("refused: {job}: {reason} {failed_path}/{folder}", job=FACT, reason=FACT, failed_path=FACT,
                           folder=FACT),
    "job.given_back": _given_back,
    "job.kept": _kept,
    "job.cancelled": _cancelled,
    "job.broken": gettext("{job}: an error that nobody foresaw; it rests, the others go on.", job=FACT),
    "job.not_claimed": gettext("{job} could not be taken, by an error that nobody foresaw; it is tried again later.",
                               job=FACT),
    "job.changed": gettext("{job}: its files changed while it was in work; it is read again, what is finished is kept.",
                           job=FACT),
    "job.set_aside": waited(
        gettext("{job}: work on it fails ({error}); it is tried again in {duration}, the others go on.",
                job=FACT, error=FACT, duration=FACT),
        "again_s",
    ),
    "job.gone": gettext("{job}: its finished folder was moved or removed; it is not made again.", job=FACT),
    "step.failed": gettext("{job}: {error}; it is tried again.", job=FACT, error=FACT),
    "pictures.refused": counted(
        ngettext("{job}: {count} picture is not made: {reason}", "{job}: {count} pictures are not made: {reason}", 0,
                 job=FACT, reason=FACT),
        "pictures",
    ),
    "picture.refused": _tried,
    "picture.failed": gettext("failed: {job}: {file}: {error}", job=FACT, file=FACT, error=FACT),
    "picture.not_encoded": gettext("failed: {job}: no file could be made of {file}.", job=FACT, file=FACT),
    "picture.stumbled": _stumbled,
    "space.told": _room,
    "space.short": gettext("{job} waits for room: {reason}", job=FACT, reason=FACT),
}  # fmt: skip
"""By event."""
