"""What is said of a job that has ended: where it lies and how it ended, beside the receipts, for a day.

Knows the head of a manifest. Nothing depends on it: the finished folder says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.durable import make_folder, replace_pieces
from worker.disk.json_records import read_head
from worker.disk.record_fields import count_in
from worker.problem import legible
from worker.spool.layout import ENDED, Folders
from worker.spool.receipts import FOR_A_DAY, files_in, note, receipt_name
from worker.translation import Language, Text, gettext

SIGNED_ENDED = "(zimage-worker ended 1)"
"""Last line; no worker of any version takes it for a receipt of what is not done."""


def tell_ended(folders: Folders, name: str, path: Path, *, language: Language) -> None:
    """Write it. Never raises: nobody waits for a note.

    Args:
        folders: of the spool.
        name: of the job, as it was dropped.
        path: the folder in `outbox` or `failed` in which it lies now.
        language: of whoever dropped it.
    """
    with suppress(OSError):
        if files_in(folders.receipts) is None or files_in(folders.outbox / ENDED) is None:
            return
        make_folder(folders.outbox / ENDED, below=folders.outbox)
        data = note([*_sentences(name, path), FOR_A_DAY], last=[SIGNED_ENDED], language=language)
        replace_pieces(folders.outbox / ENDED / receipt_name(name), [data], below=folders.outbox)


def _sentences(name: str, path: Path) -> Iterator[Text]:
    head = read_head(path / "manifest.json")
    job, folder = legible(name), f"{path.parent.name}/{path.name}"
    status = head.get("status") or read_head(path / "error.json").get("status")  # of one that had not begun
    match status:
        case "complete":
            yield gettext(
                "`{job}` is done: all of it. It lies in {folder}; open index.html there.", job=job, folder=folder
            )
        case "partial":
            yield gettext(
                "`{job}` is done in part: not every picture could be made. It lies in {folder}; open index.html there.",
                job=job, folder=folder,
            )  # fmt: skip
        case "proof":
            yield gettext(
                "The proof of `{job}` is made, and waits for approval. It lies in {folder}; index.html there says how.",
                job=job, folder=folder,
            )  # fmt: skip
        case "cancelled":
            yield gettext("`{job}` was cancelled. What is there of it lies in {folder}.", job=job, folder=folder)
        case _:
            yield gettext(
                "`{job}` could not be done. It lies in {folder}; error.txt there says why.", job=job, folder=folder
            )
    asked, made = count_in(head, "pictures"), count_in(head, "made")
    if asked:
        yield gettext("Pictures: {made} of {pictures}.", made=made, pictures=asked)
