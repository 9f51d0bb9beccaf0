"""What is said of a job that has ended: where it lies and how it ended, beside the receipts, for a day.

Knows the head of a manifest. Nothing depends on it: the finished folder says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_head
from worker.problem import legible
from worker.spool.claim_files import whole_number
from worker.spool.layout import ENDED, Folders
from worker.spool.receipts import files_in, receipt_name
from worker.translation import Language, Text, gettext, joined, translated

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
        text = translated(joined(_sentences(name, path), "\n\n"), language)
        make_folder(folders.outbox / ENDED, below=folders.outbox)
        lines = "\r\n".join([*text.splitlines(), "", SIGNED_ENDED, ""])
        replace_file(folders.outbox / ENDED / receipt_name(name), lines, below=folders.outbox)


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
        case "cancelled":
            yield gettext("`{job}` was cancelled. What is there of it lies in {folder}.", job=job, folder=folder)
        case _:
            yield gettext(
                "`{job}` could not be done. It lies in {folder}; error.txt there says why.", job=job, folder=folder
            )
    asked, made = whole_number(head.get("pictures")), whole_number(head.get("made"))
    if asked:
        yield gettext("Pictures: {made} of {pictures}.", made=made, pictures=asked)
    yield gettext("This note goes away by itself after a day.")
