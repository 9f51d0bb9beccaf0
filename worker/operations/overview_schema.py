"""JSON Schema (2020-12) of `outbox/status.json`: what is going on in a spool, as `overview_records` names it.

`status_json` writes the file.
"""

from __future__ import annotations

from typing import Any, get_args

from worker.operations.schema_kinds import COUNT, MEASURED, MOMENT, TEXT, Keys, list_of, whole_object
from worker.overview_records import EndedState, WaitingState, WorkerState

SCHEMA = 1
MOST_WAITING = MOST_ENDED = 200
"""Jobs of each kind that are named; all are counted."""

_NAME = {"type": ["string", "null"]}
_WHO = (_NAME, "Who dropped it, where the file system tells.")


HOURS: Keys = {
    "is_on": ({"type": "boolean"}, "Whether it may render now."),
    "begins_at": ({**MOMENT, "type": "string"}, "The window that is on, or else the next one. ISO 8601, UTC."),
    "ends_at": ({**MOMENT, "type": "string"}, "Its end. ISO 8601, UTC."),
    "then_at": ({**MOMENT, "type": "string"}, "When the window after it begins. ISO 8601, UTC."),
    "pictures": (COUNT, "That wait, or are left of its job in work."),
    "fit": ({"type": ["integer", "null"], "minimum": 0}, "How many of them are made by then; null where nobody knows."),
}
WORKER: Keys = {
    "id": (TEXT, "Setting worker_id."),
    "host": (TEXT, "Name of its machine."),
    "state": (
        {"enum": list(get_args(WorkerState))},
        "As it wrote it down; dead: its lock on this machine is free, or its lease over; silent: late, and not known.",
    ),
    "reason": (TEXT, "Why it waits, or why it ended, for a person; empty without one."),
    "since": (MOMENT, "Since when it is in this state. ISO 8601, UTC."),
    "heard_at": (MOMENT, "When it last wrote anything. ISO 8601, UTC."),
    "version": (TEXT, "Of zimage-worker."),
    "job": (_NAME, "Name of the job in work; null without one."),
    "hangs": (
        {"type": "boolean"},
        "Whether it is silent, its lease is over, and it holds its lock on this machine all the same.",
    ),
    "note": (TEXT, "What a person should know of it in whatever state; empty without anything."),
    "hours": (
        {**whole_object(HOURS), "type": ["object", "null"]},
        "What fits into its hours; null of a worker without any, and of one that does not live.",
    ),
}
RUNNING: Keys = {
    "name": (TEXT, "Of the job, as it is shown."),
    "worker": (TEXT, "Id of the worker that has its claim."),
    "folder": (TEXT, "Of its pictures so far, in the outbox; empty where there is none yet."),
    "pictures": (COUNT, "Pictures that the job asks for; 0 where nobody has said."),
    "made": (COUNT, "Pictures that are finished."),
    "failed": (COUNT, "Pictures that failed."),
    "started_at": (MOMENT, "When this run began work on it. ISO 8601, UTC."),
    "left_s": (
        MEASURED,
        "Seconds that it will still take; null where nobody knows, or its worker is not at work.",
    ),
    "dropped_by": _WHO,
    "receipt": (_NAME, "Name of its file in outbox/receipts/; null without one."),
    "warnings": (COUNT, "How many warnings it has."),
    "file": (TEXT, "The picture in work; empty while none is."),
    "step": (COUNT, "Inference step of it just done."),
    "steps": (COUNT, "Its inference steps."),
}
WAITING: Keys = {
    "name": (TEXT, "As it lies in the inbox."),
    "state": (
        {"enum": list(get_args(WaitingState))},
        "waiting: for its turn, or for what the reason says; invalid: it has problems; resting: claimed, and not gone"
        " on with for now; held: for a person's approval, or its owner's turn.",
    ),
    "reason": (
        TEXT,
        "Why, for a person; of an invalid one its first problem; empty where it only waits for its turn.",
    ),
    "receipt": (_NAME, "Name of its file in outbox/receipts/; null without one."),
    "warnings": (COUNT, "How many warnings it has."),
    "position": (
        {"type": ["integer", "null"], "minimum": 1},
        "In the order in which jobs are taken; null where nobody has said.",
    ),
    "starts_in_s": (MEASURED, "Seconds until its first picture; null where nobody knows."),
    "takes_s": (MEASURED, "Seconds of work that it will take; null where nobody knows."),
    "ends_in_s": (MEASURED, "Seconds until its last picture, hours of rest included; null where nobody knows."),
    "pictures": ({"type": ["integer", "null"], "minimum": 0}, "Pictures that it asks for; null before it was read."),
    "since": (MOMENT, "When its file was last changed, its job was dropped, or its proof appeared. ISO 8601, UTC."),
    "dropped_by": _WHO,
    "proof": (_NAME, "Of one that waits for approval: the folder of its proof in the outbox; null of any other."),
}
IGNORED: Keys = {
    "name": (TEXT, "In the inbox."),
    "remedy": (TEXT, "What to do about it, for a person."),
}
CONTROL: Keys = {
    "name": (TEXT, "In the inbox."),
    "said": (TEXT, "What its receipt says, for a person."),
}
ENDED: Keys = {
    "name": (TEXT, "Of its folder."),
    "is_in_outbox": ({"type": "boolean"}, "Whether the folder lies in outbox, else in failed."),
    "state": (
        {"enum": list(get_args(EndedState))},
        "The status of its manifest; refused: there is none, as nothing was rendered. Of a proof the job waits, and"
        " stands in `waiting` too, or a person has judged it since.",
    ),
    "ended_at": (MOMENT, "When it ended. ISO 8601, UTC."),
    "pictures": (
        COUNT,
        "Pictures that it asked for; 0 where nothing was rendered, or a large old manifest says none.",
    ),
    "made": (COUNT, "Pictures that are there."),
    "failed": (COUNT, "Pictures that failed."),
    "cancelled": (COUNT, "Pictures that were cancelled."),
    "retried": (COUNT, "Pictures that were made, but not by their first try."),
    "warnings": (COUNT, "How many warnings it had."),
    "reason": (TEXT, "Why it failed, or its first failed picture did, for a person; empty without one."),
    "dropped_by": _WHO,
    "title": (TEXT, "As in the job; empty where the manifest does not say."),
}
COUNTS: Keys = {
    "running": (COUNT, "Jobs in work, or left by a worker that is dead."),
    **{state: (COUNT, f"Jobs in the inbox or in a claim that are {state}.") for state in get_args(WaitingState)},
    "ignored": (COUNT, "Names in the inbox that are no job's."),
    **{
        state: (COUNT, f"Jobs that ended so, of those that were looked into: {state}.")
        for state in get_args(EndedState)
    },
    "ended_earlier": (COUNT, "Folders of jobs that ended earlier, and were not looked into."),
}


def overview_schema() -> dict[str, Any]:
    """Of the whole file."""
    top: Keys = {
        "schema": ({"const": SCHEMA}, "Version of this form."),
        "as_of": ({**MOMENT, "type": "string"}, "When the folders were looked at. ISO 8601, UTC."),
        "nobody_works": ({"type": "boolean"}, "Whether anything is to be done, and no worker lives."),
        "paused_by": (_NAME, "Name of the file in the inbox by which all workers wait; null without one."),
        "paused_since": (MOMENT, "When that file was put there. ISO 8601, UTC."),
        "queue_ends_in_s": (MEASURED, "Seconds until the last picture of all; null where nobody knows."),
        "counts": (whole_object(COUNTS), "Jobs by state: all, also those that are not named below."),
        "workers": (list_of(WORKER), "Each worker that lives or was heard of in the last day."),
        "running": (list_of(RUNNING), "Jobs in work, and those that a dead worker left."),
        "waiting": (list_of(WAITING), f"In the order in which they are taken, the first {MOST_WAITING}."),
        "ignored": (list_of(IGNORED), f"Names in the inbox that are no job's, the first {MOST_WAITING}."),
        "control_files": (list_of(CONTROL), "What people ask for by files in the inbox, PAUSE apart, the first 200."),
        "ended": (list_of(ENDED), f"Jobs that have ended, newest first, the newest {MOST_ENDED}."),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zimage-worker status (outbox/status.json)",
        "description": "What is going on on an inbox: its workers, and every job that waits, is in work or has ended.",
        **whole_object(top),
    }
