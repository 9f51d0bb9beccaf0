"""Sentences for people about events of the log: a table, event by event.

Knows words, and which facts each event has; beside them `inbox_path`, `outbox_path` and `failed_path` are the folders.
`terminal` shows the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.operations.facts import FACT, Facts, word
from worker.operations.sentences.beside import BESIDE, BESIDE_NOT_SHOWN
from worker.operations.sentences.card import CARD
from worker.operations.sentences.forms import counted, filled, plain, waited
from worker.operations.sentences.jobs import JOBS
from worker.operations.sentences.notify import NOTIFY
from worker.operations.sentences.proofs import PROOFS
from worker.operations.sentences.windows import WINDOWS
from worker.translation import Text, gettext, joined, ngettext


def said(event: str, facts: Facts) -> str | None:
    """The event as a sentence; None for one that is not shown.

    Args:
        event: its name.
        facts: its own, and the folders.
    """
    row = SENTENCES.get(event)
    if row is None:
        return None
    return filled(row, facts) if isinstance(row, Text) else row(facts)


def _ready(facts: Facts) -> str:
    ready = gettext(
        "Ready: {device}, {precision}, model {model}.",
        device=facts.get("gpu") or word(facts, "device"),
        precision=word(facts, "precision"),
        model=word(facts, "model"),
    )
    watching = gettext("Watching {inbox}; Ctrl-C stops.", inbox=word(facts, "inbox_path"))
    return ready if facts.get("is_draining") else joined((ready, watching))


def _changed(facts: Facts) -> str:
    if not facts.get("careful"):
        return gettext("Pictures are made as usual again.")
    return gettext(
        "Pictures failed alike ({reason}); from here on they are made more carefully.", reason=word(facts, "reason")
    )


SENTENCES: Mapping[str, Text | Callable[[Facts], str | None]] = {
    **CARD, **NOTIFY, "worker.ready": _ready,
    "worker.paused": gettext("Paused: {reason}", reason=FACT),
    **WINDOWS,
    "worker.resumed": gettext("Going on."), "worker.stopping": gettext("Stopped."),
    "worker.stalled": waited(
        gettext("No step was done for {duration}: this worker hangs, its jobs are left to others.", duration=FACT),
        "silent_s",
    ),
    "stop.asked": lambda facts: STOPPING[bool(facts.get("is_rendering"))],
    "start.delayed": gettext("Waiting before the start: {error}", error=FACT),
    "trouble.passed": waited(gettext("It has passed, after {duration}.", duration=FACT)),
    "model.loading": gettext("Loading the model {model} ...", model=FACT),
    "model.away": gettext("The model is not there ({error}); looking again every {again_s} s.",
                          error=FACT, again_s=FACT),
    "model.hashed": gettext("The model's files have been read: {files} files, {mib} MiB.", files=FACT, mib=FACT),
    "model.record_outdated": gettext("Files of the model have changed since it was added: they are read once more."),
    "model.record_unusable": plain("note"),
    "model.embedded": gettext("This is the demo model, a toy for trying things out: set `model` for real pictures."),
    "kind.contradicted": plain("note"), "parts.ignored": plain("note"), "host.short": plain("note"),
    "compiler.failed": gettext("Compiling failed ({why}); pictures are made without it, more slowly.", why=FACT),
    "pinning.refused": gettext("{why}; {note}", why=FACT, note=FACT),
    "file.ignored": gettext("{file}: {why}", file=FACT, why=FACT),
    "inbox.left": counted(
        ngettext("{count} file in the inbox can never be taken as it is: {first}",
                 "{count} files in the inbox can never be taken as they are, such as {first}", 0, first=FACT),
        "files",
    ),
    "share.back": gettext("The share is back."),
    "control.obeyed": gettext("{file}: {answer}", file=FACT, answer=FACT),
    "control.kept": gettext("{file} may not be removed; it means nothing any more.", file=FACT),
    "control.expired": gettext("{file} matched no job, and was removed.", file=FACT),
    "overview.not_written": gettext("The overview in the outbox could not be written ({error}); it is tried again.",
                                    error=FACT),
    "overview.stalled": gettext("The overview in the outbox is not written any more: the thread that does it hangs."),
    "report.not_written": gettext("The report of a night could not be written ({error}); it is tried again.",
                                  error=FACT),
    **PROOFS,
    **JOBS,
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
    "run.delayed": waited(
        gettext("Run after run has failed ({reason}); resting for {duration}.", reason=FACT, duration=FACT)
    ),
    "settings.reloaded": gettext("The settings were read again; these have changed: {keys}.", keys=FACT),
    "settings.kept": gettext("These settings have changed and need a restart: {keys}.", keys=FACT),
    "settings.invalid": gettext("The settings are not valid, and stay as they were: {error}", error=FACT),
    "share.away": gettext("The share is away ({error}); looking again every {again_s} s.", error=FACT, again_s=FACT),
    "share.synchronised": gettext("{tool} keeps the inbox in step: one worker only, as each machine has its own copy.",
                                  tool=FACT),
    "wakeup.missing": gettext("The inbox cannot be watched ({error}); it is looked into every few seconds.",
                              error=FACT),
    **BESIDE,
    "log.dropped": counted(
        ngettext("{count} line before this one could not be shown.",
                 "{count} lines before this one could not be shown.", 0), "lines"),
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

NOT_SHOWN = frozenset(
    {
        "compiling.decided", "control.heard", "job.claimed", "job.resumed", "leftover.removed", "lesson.forgotten",
        "lesson.learnt", "model.verified", "picture.made", "pinning.not_unlocked", "wakeup.replaced", "work.planned",
    }
    | BESIDE_NOT_SHOWN
)  # fmt: skip
"""Events that say nothing to a person at a terminal, or nothing that the live line does not say."""


def on_the_line(event: str, facts: Facts) -> Text | None:
    """An event that comes again and again, as it stands on the live line; None for any other.

    Args:
        event: its name.
        facts: its own.
    """
    text = ON_THE_LINE.get(event)
    return None if text is None else filled(text, facts)
