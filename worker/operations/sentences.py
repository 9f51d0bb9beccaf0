"""Sentences for people about events of the log: a table, event by event.

Knows words, and which facts each event has; beside them `inbox_path`, `outbox_path` and `failed_path` are the three
folders. `terminal` shows the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.operations.facts import Facts, number, seconds_of, word
from worker.progress_words import exact_duration
from worker.translation import Text, enumerated, gettext, joined, ngettext, sentences
from worker.try_words import OUTCOME_WORDS

FACT = ""
"""Stands for a fact that is known when the sentence is said: the placeholder has the fact's name."""


def said(event: str, facts: Facts) -> str | None:
    """The event as a sentence; None for one that is not shown.

    Args:
        event: its name.
        facts: its own, and the folders.
    """
    row = SENTENCES.get(event)
    if row is None:
        return None
    return _filled(row, facts) if isinstance(row, Text) else row(facts)


def _filled(text: Text, facts: Facts, **values: object) -> Text:
    return text.filled(**{name: word(facts, name) for name in text.values} | values)


def _plain(name: str) -> Callable[[Facts], str]:
    """A fact that is a sentence itself."""
    return lambda facts: str(word(facts, name))


def _waited(text: Text, name: str = "seconds") -> Callable[[Facts], str]:
    """A sentence with a duration in it, from seconds among the facts."""
    return lambda facts: _filled(text, facts, duration=exact_duration(seconds_of(facts, name)))


def _counted(text: Text, name: str) -> Callable[[Facts], str]:
    """A sentence with a plural, whose number is a fact of that name."""
    return lambda facts: _filled(text, facts, count=number(facts, name))


def _ready(facts: Facts) -> str:
    ready = gettext(
        "Ready: {device}, {precision}, model {model}.",
        device=facts.get("gpu") or word(facts, "device"),
        precision=word(facts, "precision"),
        model=word(facts, "model"),
    )
    watching = gettext("Watching {inbox}; Ctrl-C stops.", inbox=word(facts, "inbox_path"))
    return ready if facts.get("is_draining") else joined((ready, watching))


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


def _changed(facts: Facts) -> str:
    if not facts.get("careful"):
        return gettext("Pictures are made as usual again.")
    return gettext(
        "Pictures failed alike ({reason}); from here on they are made more carefully.", reason=word(facts, "reason")
    )


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
        "{job}: {done} of {total} pictures are done; it goes on at the next start.",
        job=word(facts, "job"), done=done, total=total,
    )  # fmt: skip


SENTENCES: Mapping[str, Text | Callable[[Facts], str | None]] = {
    "worker.ready": _ready,
    "worker.paused": gettext("Paused: {reason}", reason=FACT),
    "worker.resumed": gettext("Going on."),
    "worker.stopping": gettext("Stopped."),
    "worker.stalled": _waited(
        gettext("No step was done for {duration}: this worker hangs, its jobs are left to others.", duration=FACT),
        "silent_s",
    ),
    "stop.asked": lambda facts: STOPPING[bool(facts.get("is_rendering"))],
    "start.delayed": gettext("Waiting before the start: {error}", error=FACT),
    "trouble.passed": _waited(gettext("It has passed, after {duration}.", duration=FACT)),
    "model.loading": gettext("Loading the model {model} ...", model=FACT),
    "model.away": gettext("The model is not there ({error}); looking again every {again_s} s.",
                          error=FACT, again_s=FACT),
    "model.hashed": gettext("The model's files have been read: {files} files, {mib} MiB.", files=FACT, mib=FACT),
    "model.record_outdated": gettext("Files of the model have changed since it was added: they are read once more."),
    "model.record_unusable": _plain("note"),
    "model.embedded": gettext("This is the demo model, a toy for trying things out: set `model` for real pictures."),
    "kind.contradicted": _plain("note"), "parts.ignored": _plain("note"), "host.short": _plain("note"),
    "compiler.failed": gettext("Compiling failed ({why}); pictures are made without it, more slowly.", why=FACT),
    "pinning.refused": gettext("{why}; {note}", why=FACT, note=FACT),
    "file.ignored": gettext("{file}: {why}", file=FACT, why=FACT),
    "inbox.left": _counted(
        ngettext("{count} file in the inbox can never be taken as it is: {first}",
                 "{count} files in the inbox can never be taken as they are, such as {first}", 0, first=FACT),
        "files",
    ),
    "control.obeyed": gettext("{file}: {answer}", file=FACT, answer=FACT),
    "control.kept": gettext("{file} may not be removed; it means nothing any more.", file=FACT),
    "control.expired": gettext("{file} matched no job, and was removed.", file=FACT),
    "job.interrupted": gettext("{job} gives way to {by}, and goes on afterwards.", job=FACT, by=FACT),
    "overview.not_written": gettext("The overview in the outbox could not be written ({error}); it is tried again.",
                                    error=FACT),
    "overview.stalled": gettext("The overview in the outbox is not written any more: the thread that does it hangs."),
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
    "job.set_aside": _waited(
        gettext("{job}: work on it fails ({error}); it is tried again in {duration}, the others go on.",
                job=FACT, error=FACT, duration=FACT),
        "again_s",
    ),
    "job.gone": gettext("{job}: its finished folder was moved or removed; it is not made again.", job=FACT),
    "step.failed": gettext("{job}: {error}; it is tried again.", job=FACT, error=FACT),
    "pictures.refused": _counted(
        ngettext("{job}: {count} picture is not made: {reason}", "{job}: {count} pictures are not made: {reason}", 0,
                 job=FACT, reason=FACT),
        "pictures",
    ),
    "picture.refused": _tried,
    "picture.failed": gettext("failed: {job}: {file}: {error}", job=FACT, file=FACT, error=FACT),
    "picture.not_encoded": gettext("failed: {job}: no file could be made of {file}.", job=FACT, file=FACT),
    "picture.stumbled": _stumbled,
    "partial.kept": gettext("{folder} holds pictures that lie nowhere else: it is not removed.", folder=FACT),
    "claim.passed_over": gettext("{folder}: {error}; the others go on.", folder=FACT, error=FACT),
    "claim.taken_over": gettext("A job of the worker {worker}, which died, is this one's now.", worker=FACT),
    "claim.lost": gettext("{job} is not this worker's any more: {reason}", job=FACT, reason=FACT),
    "record.damaged": gettext("{file} could not be read, and was made anew.", file=FACT),
    "leftover.rescued": gettext("{name}: its finished pictures were nobody's, and lie in {failed_path}/{folder} now.",
                                name=FACT, failed_path=FACT, folder=FACT),
    "leftover.refused": gettext("{name} could not be removed: {error}", name=FACT, error=FACT),
    "renderer.left": gettext("A rendering process ({pid}) does not end although it was killed; another is started. "
                             "If this comes again, restart the machine.", pid=FACT),
    "renderer.replaced": gettext("The rendering process is replaced: {reason}", reason=FACT),
    "run.changed": _changed,
    "run.broken": gettext("{job}: picture after picture fails ({reason}); what is finished is kept.",
                          job=FACT, reason=FACT),
    "run.delayed": _waited(
        gettext("Run after run has failed ({reason}); resting for {duration}.", reason=FACT, duration=FACT)
    ),
    "settings.reloaded": gettext("The settings were read again; these have changed: {keys}.", keys=FACT),
    "settings.kept": gettext("These settings have changed and need a restart: {keys}.", keys=FACT),
    "settings.invalid": gettext("The settings are not valid, and stay as they were: {error}", error=FACT),
    "share.away": gettext("The share is away ({error}); looking again every {again_s} s.", error=FACT, again_s=FACT),
    "share.back": gettext("The share is back."),
    "share.synchronised": gettext("{tool} keeps the inbox in step: one worker only, as each machine has its own copy.",
                                  tool=FACT),
    "space.told": _room,
    "space.short": gettext("{job} waits for room: {reason}", job=FACT, reason=FACT),
    "wakeup.missing": gettext("The inbox cannot be watched ({error}); it is looked into every few seconds.",
                              error=FACT),
    "log.dropped": _counted(
        ngettext("{count} line before this one could not be shown.",
                 "{count} lines before this one could not be shown.", 0),
        "lines",
    ),
}  # fmt: skip
"""By event."""

STOPPING: Mapping[bool, Text] = {
    True: gettext("Finishing this picture; Ctrl-C again stops at once."),
    False: gettext("Stopping ...; Ctrl-C again stops at once."),
}
"""What is said at once when a stop is asked for, by whether a picture is in work."""

ON_THE_LINE: Mapping[str, Text] = {
    "model.reading": gettext("Reading the model's files once: {mib} of {of_mib} MiB, {mib_per_s} MiB/s",
                             mib=FACT, of_mib=FACT, mib_per_s=FACT),
}  # fmt: skip
"""Events that come again and again: they stand on the live line, where there is one."""

NOT_SHOWN = frozenset({
    "compiling.decided", "control.heard", "job.claimed", "job.resumed", "leftover.removed", "lesson.forgotten",
    "lesson.learnt", "model.verified", "picture.made", "pinning.not_unlocked", "wakeup.replaced", "work.planned",
})  # fmt: skip
"""Events that say nothing to a person at a terminal, or nothing that the live line does not say."""


def on_the_line(event: str, facts: Facts) -> Text | None:
    """An event that comes again and again, as it stands on the live line; None for any other.

    Args:
        event: its name.
        facts: its own.
    """
    text = ON_THE_LINE.get(event)
    return None if text is None else _filled(text, facts)
