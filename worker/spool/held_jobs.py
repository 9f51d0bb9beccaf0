"""Jobs whose proof waits, as anybody finds them: where each lies, what people call it, what they are told.

Knows `proofs/JOB_ID/` and its record; nothing here moves one.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from worker.disk.looks import is_folder
from worker.kept_records import Proof
from worker.spool.claim_files import dropped_in, folders_in, read_claim_record
from worker.spool.layout import Folders
from worker.spool.proof_notes import proof_in
from worker.spool.steering import called, meant_by
from worker.translation import Text, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A job whose proof waits."""

    folder: Path
    dropped: Path
    """The job as it was dropped."""
    stem: str
    proof: Proof
    dropped_by: str | None
    is_there: bool
    """Whether its proof still lies in the outbox."""

    @property
    def meanings(self) -> set[str]:
        """What people may call it: by its file, its shown name, or the folder of its proof."""
        return meant_by(self.dropped.name, self.stem, self.proof.name, self.proof.folder)


def held_in(folders: Folders) -> Iterator[Held]:
    """The jobs whose proof waits, in no order; what cannot be read is another account's, or just being moved.

    Args:
        folders: of the spool.

    Raises:
        OSError: they cannot be listed.
    """
    with suppress(PermissionError):
        for folder in folders_in(folders.proofs):
            with suppress(OSError):
                if (held := held_at(folder, folders)) is not None:
                    yield held


def held_at(folder: Path, folders: Folders) -> Held | None:
    """The job in a folder; None where there is none whole.

    Args:
        folder: in that of jobs whose proof waits.
        folders: of the spool.

    Raises:
        OSError: the share failed, or it is just being moved.
    """
    record = read_claim_record(folder)
    proof, dropped = proof_in(record), dropped_in(folder, record)
    if proof is None or dropped is None:
        return None
    who = record.get("dropped_by")
    return Held(
        folder=folder, dropped=dropped, stem=str(record["stem"]), proof=proof,
        dropped_by=who if isinstance(who, str) else None, is_there=is_folder(folders.outbox / proof.folder),
    )  # fmt: skip


def ask_names(held: Collection[Held]) -> dict[Path, str]:
    """By folder the name before `.approve`: the job's, or its proof's folder where several jobs are called so.

    Args:
        held: all jobs that wait.
    """
    called_so = Counter(meaning for one in held for meaning in one.meanings)
    return {
        one.folder: one.proof.name if one.proof.name and called_so[called(one.proof.name)] < 2 else one.proof.folder
        for one in held
    }


def why_held(held: Held, name: str) -> Text:
    """What is told of it.

    Args:
        held: the job.
        name: of `ask_names`.
    """
    folder = f"outbox/{held.proof.folder}"
    if not held.is_there:
        folder = gettext("{folder} (moved or deleted since: it is made again)", folder=folder)
    return gettext(
        "its proof waits for approval since {since}: {pictures} of {of} pictures lie in {folder}. To have the rest"
        " made, put an empty file named {approve} into the inbox, or call `zimage-worker approve {name}`. To end the"
        " job, {reject} likewise. Nothing else waits for it.",
        since=_minute(held.proof.since), pictures=held.proof.pictures, of=held.proof.of, folder=folder,
        name=shlex.quote(name), approve=f"{name}.approve", reject=f"{name}.reject",
    )  # fmt: skip


def _minute(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError):
        return "?"
