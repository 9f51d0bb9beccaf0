"""JSON Schema (2020-12) of `outbox/status.json`: what is going on in a spool, as `overview_records` names it.

`status_json` writes the file.
"""

from __future__ import annotations

from typing import Any, get_args

from worker.clocks import UTC_PATTERN
from worker.overview_records import EndedState, WaitingState, WorkerState

SCHEMA = 1
MOST_WAITING = MOST_ENDED = 200
"""Jobs of each kind that are named; all are counted."""

_TEXT = {"type": "string"}
_NAME = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": ["number", "null"], "minimum": 0}
_MOMENT = {"type": ["string", "null"], "format": "date-time", "pattern": UTC_PATTERN}
_WHO = (_NAME, "Who dropped it, where the file system tells.")

Keys = dict[str, tuple[dict[str, Any], str]]
"""Kind and meaning by key."""

WORKER: Keys = {
    "id": (_TEXT, "Setting worker_id."),
    "host": (_TEXT, "Name of its machine."),
    "state": (
        {"enum": list(get_args(WorkerState))},
        "As it wrote it down; dead: its lock on this machine is free, or its lease over; silent: late, and not known.",
    ),
    "reason": (_TEXT, "Why it waits, or why it ended, for a person; empty without one."),
    "since": (_MOMENT, "Since when it is in this state. ISO 8601, UTC."),
    "heard_at": (_MOMENT, "When it last wrote anything. ISO 8601, UTC."),
    "version": (_TEXT, "Of zimage-worker."),
    "job": (_NAME, "Name of the job in work; null without one."),
    "hangs": (
        {"type": "boolean"},
        "Whether it is silent, its lease is over, and it holds its lock on this machine all the same.",
    ),
    "note": (_TEXT, "What a person should know of it in whatever state; empty without anything."),
}
RUNNING: Keys = {
    "name": (_TEXT, "Of the job, as it is shown."),
    "worker": (_TEXT, "Id of the worker that has its claim."),
    "folder": (_TEXT, "Of its pictures so far, in the outbox; empty where there is none yet."),
    "pictures": (_COUNT, "Pictures that the job asks for; 0 where nobody has said."),
    "made": (_COUNT, "Pictures that are finished."),
    "failed": (_COUNT, "Pictures that failed."),
    "started_at": (_MOMENT, "When this run began work on it. ISO 8601, UTC."),
    "left_s": (_SECONDS, "Seconds that it will still take; null where nobody knows, or its worker is not at work."),
    "dropped_by": _WHO,
    "receipt": (_NAME, "Name of its file in outbox/receipts/; null without one."),
    "warnings": (_COUNT, "How many warnings it has."),
    "file": (_TEXT, "The picture in work; empty while none is."),
    "step": (_COUNT, "Inference step of it just done."),
    "steps": (_COUNT, "Its inference steps."),
}
WAITING: Keys = {
    "name": (_TEXT, "As it lies in the inbox."),
    "state": (
        {"enum": list(get_args(WaitingState))},
        "waiting: for its turn, or for what the reason says; invalid: it has problems; resting: claimed, and not gone"
        " on with for now; held: for a person's approval, or its owner's turn.",
    ),
    "reason": (
        _TEXT,
        "Why, for a person; of an invalid one its first problem; empty where it only waits for its turn.",
    ),
    "receipt": (_NAME, "Name of its file in outbox/receipts/; null without one."),
    "warnings": (_COUNT, "How many warnings it has."),
    "position": (
        {"type": ["integer", "null"], "minimum": 1},
        "In the order in which jobs are taken; null where nobody has said.",
    ),
    "starts_in_s": (_SECONDS, "Seconds until its first picture; null where nobody knows."),
    "takes_s": (_SECONDS, "Seconds that it will take; null where nobody knows."),
    "pictures": ({"type": ["integer", "null"], "minimum": 0}, "Pictures that it asks for; null before it was read."),
    "since": (_MOMENT, "When its file was last changed, or its job was dropped. ISO 8601, UTC."),
    "dropped_by": _WHO,
}
IGNORED: Keys = {
    "name": (_TEXT, "In the inbox."),
    "remedy": (_TEXT, "What to do about it, for a person."),
}
CONTROL: Keys = {
    "name": (_TEXT, "In the inbox."),
    "said": (_TEXT, "What its receipt says, for a person."),
}
ENDED: Keys = {
    "name": (_TEXT, "Of its folder."),
    "is_in_outbox": ({"type": "boolean"}, "Whether the folder lies in outbox, else in failed."),
    "state": (
        {"enum": list(get_args(EndedState))},
        "The status of its manifest; refused: there is none, as nothing was rendered.",
    ),
    "ended_at": (_MOMENT, "When it ended. ISO 8601, UTC."),
    "pictures": (
        _COUNT,
        "Pictures that it asked for; 0 where nothing was rendered, or a large old manifest says none.",
    ),
    "made": (_COUNT, "Pictures that are there."),
    "failed": (_COUNT, "Pictures that failed."),
    "cancelled": (_COUNT, "Pictures that were cancelled."),
    "retried": (_COUNT, "Pictures that were made, but not by their first try."),
    "warnings": (_COUNT, "How many warnings it had."),
    "reason": (_TEXT, "Why it failed, or its first failed picture did, for a person; empty without one."),
    "dropped_by": _WHO,
    "title": (_TEXT, "As in the job; empty where the manifest does not say."),
}
COUNTS: Keys = {
    "running": (_COUNT, "Jobs in work, or left by a worker that is dead."),
    **{state: (_COUNT, f"Jobs in the inbox or in a claim that are {state}.") for state in get_args(WaitingState)},
    "ignored": (_COUNT, "Names in the inbox that are no job's."),
    **{
        state: (_COUNT, f"Jobs that ended so, of those that were looked into: {state}.")
        for state in get_args(EndedState)
    },
    "ended_earlier": (_COUNT, "Folders of jobs that ended earlier, and were not looked into."),
}


def overview_schema() -> dict[str, Any]:
    """Of the whole file."""
    top: Keys = {
        "schema": ({"const": SCHEMA}, "Version of this form."),
        "as_of": ({**_MOMENT, "type": "string"}, "When the folders were looked at. ISO 8601, UTC."),
        "nobody_works": ({"type": "boolean"}, "Whether anything is to be done, and no worker lives."),
        "paused_by": (_NAME, "Name of the file in the inbox by which all workers wait; null without one."),
        "paused_since": (_MOMENT, "When that file was put there. ISO 8601, UTC."),
        "queue_ends_in_s": (_SECONDS, "Seconds until the last picture of all; null where nobody knows."),
        "counts": (_object(COUNTS), "Jobs by state: all, also those that are not named below."),
        "workers": (_list(WORKER), "Each worker that lives or was heard of in the last day."),
        "running": (_list(RUNNING), "Jobs in work, and those that a dead worker left."),
        "waiting": (_list(WAITING), f"In the order in which they are taken, the first {MOST_WAITING}."),
        "ignored": (_list(IGNORED), f"Names in the inbox that are no job's, the first {MOST_WAITING}."),
        "control_files": (_list(CONTROL), "What people ask for by files in the inbox, PAUSE apart, the first 200."),
        "ended": (_list(ENDED), f"Jobs that have ended, newest first, the newest {MOST_ENDED}."),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zimage-worker status (outbox/status.json)",
        "description": "What is going on on an inbox: its workers, and every job that waits, is in work or has ended.",
        **_object(top),
    }


def _object(keys: Keys) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {**kind, "description": meaning} for key, (kind, meaning) in keys.items()},
        "required": list(keys),
        "additionalProperties": False,
    }


def _list(keys: Keys) -> dict[str, Any]:
    return {"type": "array", "items": _object(keys)}
