"""What the record of a job says of its proof: where it appears, whether it has, and what a person said to it.

It stands in the claim's record under a key that older versions pass over: one that takes over such a claim reads the
job anew, and never takes the proof for its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from worker.disk.record_fields import count_in, inner, text_in
from worker.kept_records import Decision, Proof
from worker.plain_names import is_plain_file_name

KEY = "proof"
ENDING = "ending"
"""What the record says of a job's end; the same of a former claim's is forgotten with it."""
MOST_RUNS = 1_000


def noted(proof: Proof, *, staged: Path) -> dict[str, object]:
    """What is written down of a proof.

    Args:
        proof: with the name of the folder under which it appears, or has appeared.
        staged: its folder before that.
    """
    return {
        "staged": staged.name, "folder": proof.folder, "name": proof.name, "pictures": proof.pictures, "of": proof.of,
        "runs": [*proof.runs], "since": proof.since, "decision": proof.decision, "by": proof.by,
        "decided_at": proof.decided_at,
    }  # fmt: skip


def proof_in(record: Mapping[str, object]) -> Proof | None:
    """The proof of which a record tells; None where it tells of none.

    Args:
        record: of a claim, or what a job keeps that waits in the inbox.
    """
    said = inner(record, KEY)
    folder, decision, runs = text_in(said, "folder"), text_in(said, "decision"), said.get("runs")
    if not is_plain_file_name(folder):
        return None
    decisions: dict[str, Decision] = {one: one for one in get_args(Decision)}
    return Proof(
        folder=folder,
        name=text_in(said, "name"),
        pictures=count_in(said, "pictures"),
        of=count_in(said, "of"),
        runs=tuple(str(run) for run in runs[:MOST_RUNS]) if isinstance(runs, list) else (),
        since=text_in(said, "since"),
        decision=decisions.get(decision),
        by=text_in(said, "by"),
        decided_at=text_in(said, "decided_at") or None,
    )


def staged_in(record: Mapping[str, object]) -> str:
    """Name of the folder that a proof had before it appeared; empty where the record tells of none."""
    return text_in(inner(record, KEY), "staged")


def forget_ends(record: dict[str, object]) -> None:
    """Take back what a former claim noted of an end, or of a proof, whose rename did not happen.

    Args:
        record: of a claim that is begun anew; changed in place.
    """
    record.pop(ENDING, None)
    if KEY in record and (proof := proof_in(record)) is not None and proof.decision is None:
        del record[KEY]
