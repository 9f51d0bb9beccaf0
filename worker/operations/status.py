"""What `status` prints: the queue, each worker with its bar and forecast, the last failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.operations.record_schema import STATES
from worker.progress_words import bar, rough_duration
from worker.translation import Language, Text, enumerated, gettext, joined, ngettext

STATE_WORDS: Mapping[str, Text] = {
    "starting": gettext("starting"),
    "idle": gettext("idle"),
    "rendering": gettext("rendering"),
    "paused": gettext("paused"),
    "stopped": gettext("stopped"),
}
"""A worker's states as people say them."""
MOST = 10**15
"""Above every count that a worker writes."""
MOST_TOLD = 10
"""Names of a kind that get a line."""
LONGEST = 500
"""Characters that are shown of a word or name."""
SILENT_AFTER = timedelta(seconds=120)
"""A worker writes every few seconds while it renders and at every state change; idle ones only when idle begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the folders hold."""

    waiting: Sequence[str]
    claimed: Sequence[str]
    """`NAME (attempt 2, by studio-pc)`."""
    failures: Sequence[str]
    """Names in `failed/`, newest first."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Names in the inbox that are no job's, with what to do about each."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Receipts of what is not done, with what each says first; empty where that is not known."""
    warnings: Mapping[str, int] = field(default_factory=dict)
    """Receipts of jobs that are rendered all the same, with how many warnings each has."""
    receipts_folder: str = ""
    """Where receipts lie."""


def text(
    queue: Queue,
    workers: Sequence[Mapping[str, object]],
    speeds: Mapping[str, float],
    *,
    now: datetime,
    language: Language = "en",
) -> str:
    """The whole status.

    Args:
        queue: jobs by state.
        workers: each worker's record as `FolderRecorder` writes it.
        speeds: seconds per million pixel-steps by worker id.
        now: aware, to say how old a record is.
        language: of what workers wrote down for people; all else can still be said in any.
    """
    waiting = len(queue.waiting)
    lines: list[str] = [gettext("waiting: {count}{names}", count=waiting, names=_some(queue.waiting))]
    lines += [worker_line(worker, speeds.get(str(worker.get("id"))), now=now, language=language) for worker in workers]
    if not workers:
        lines.append(gettext("no worker has ever run on this inbox: start one with `zimage-worker run`"))
    lines += [gettext("in work: {claim}", claim=claim) for claim in queue.claimed]
    lines += _told(queue)
    if queue.failures:
        names = _some(queue.failures)
        lines.append(gettext("failed:  {count}{names}: see error.txt in each", count=len(queue.failures), names=names))
    return joined(lines)


def _told(queue: Queue) -> Iterator[str]:
    """What people should know before the night: warnings, names that are ignored, what is not done; a line each."""
    folder = queue.receipts_folder
    if queue.warnings:
        count = len(queue.warnings)
        yield gettext("with warnings: {count}: they lie in {folder}", count=count, folder=folder)
        yield from _lines(
            {file: ngettext("{count} warning", "{count} warnings", n) for file, n in queue.warnings.items()}
        )
    if queue.ignored:
        yield gettext("ignored: {count}{names}", count=len(queue.ignored), names=_some([*queue.ignored]))
        yield from _lines(queue.ignored)
    if queue.reasons:
        names, count = _some([*queue.reasons]), len(queue.reasons)
        yield gettext("not done: {count}{names}: the reasons lie in {folder}", count=count, names=names, folder=folder)
        yield from _lines({file: why for file, why in queue.reasons.items() if why})


def _lines(told: Mapping[str, str]) -> Iterator[str]:
    """A line for each of the first names, and how many there are more."""
    for name, text in [*told.items()][:MOST_TOLD]:
        yield gettext("  {name}: {text}", name=name, text=text[:LONGEST] if type(text) is str else text)
    if len(told) > MOST_TOLD:
        yield gettext("  and {count} more", count=len(told) - MOST_TOLD)


def worker_line(worker: Mapping[str, object], speed: float | None, *, now: datetime, language: Language = "en") -> str:
    """One worker: state, job, bar, step, time left, and when it was last heard of if that is long ago.

    Args:
        worker: its record as `FolderRecorder` writes it.
        speed: seconds per million pixel-steps; None where none was recorded.
        now: aware, to say how old the record is.
        language: of the reason that it wrote down.
    """
    state = worker.get("state")
    state = state if isinstance(state, str) and state in STATES else "?"
    word = STATE_WORDS.get(state, state)
    parts: list[str] = [gettext("worker {id}: {state}", id=_text(worker.get("id")), state=word)]
    if state == "rendering":
        done, total = _int(worker.get("done")), _int(worker.get("total"))
        parts.append(f"{_text(worker.get('job'))} {bar(done, total)} {done}/{total}")
        file, step, steps = _text(worker.get("file")), _int(worker.get("step")), _int(worker.get("steps"))
        parts.append(gettext("{file} step {step}/{steps}", file=file, step=step, steps=steps))
        if speed is not None:
            left = rough_duration(speed * _int(worker.get("left_pixel_steps")) / 1e6)
            parts.append(gettext("about {duration} left", duration=left))
    elif worker.get("reason"):
        others = worker.get("reasons")
        told = others.get(language) if isinstance(others, dict) else None
        parts.append(_text(told or worker["reason"]))
    written = _moment(worker.get("written_at"))
    silent = now - written if written is not None else timedelta(0)
    if state != "stopped" and silent > SILENT_AFTER:
        parts.append(gettext("last heard of {duration} ago", duration=rough_duration(silent.total_seconds())))
    return joined(parts, "  ")


def _some(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = ["..."] if len(names) > 5 else []
    return gettext(" ({names})", names=enumerated([*names[:5], *more]))


def _int(value: object) -> int:
    """A count from a record; 0 for anything else: whoever may write on the share may write anything there."""
    return value if isinstance(value, int) and 0 <= value < MOST else 0


def _text(value: object) -> str:
    """A word or a name from a record; `?` for anything else."""
    return value[:LONGEST] if isinstance(value, str) else "?"


def _moment(value: object) -> datetime | None:
    """A time with its zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
