"""The contact sheet, a job's final index.html: the whole job on one page that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.delivery.manifest import runs
from worker.delivery.pages.page import Page, rendered
from worker.delivery.pages.tiles import Failure, Tile, evidence_of
from worker.delivery.thumbnail import data_uri, edge_px, thumbnail
from worker.delivery.thumbnail_cache import ThumbnailCache
from worker.manifest_records import Entry, JobRecord, counts_of, status_of
from worker.translation import Language

FEW_FAILURES = 12
"""Stand before the pictures, unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet(Page):
    """What `contact_sheet.html.j2` is given as `page`."""

    total: int
    """Pictures that were asked for."""
    whole: int | None
    """Of a proof: pictures of the whole job, which waits for a person; None of any other job."""
    made: int
    failed: int
    cancelled: int
    why_cancelled: str
    """Who cancelled the job, in a sentence; empty where nobody did."""
    retried: int
    """Of those made, how many took more than one try."""
    picture_s: float | None
    """Seconds of rendering a picture, failures included; None where there is none."""
    runs: int
    """How many times work on the job began."""
    elapsed_s: float
    """From the first run's beginning to the end."""
    peak_gib: float | None
    """Of the card's memory; None on the CPU."""
    failures: Iterable[Failure]
    """To be taken once, each made when it is asked for."""
    few_failures: int = FEW_FAILURES
    """So many of them stand before the pictures; the others are folded."""
    tiles: Iterable[Tile]
    """Likewise."""


def contact_sheet(
    record: JobRecord,
    entries: Sequence[Entry],
    *,
    read: Callable[[str], bytes],
    thumbnails: ThumbnailCache,
    language: Language = "en",
) -> Iterator[bytes]:
    """Yield the page, a piece at a time; full pictures are links to the files beside it.

    Args:
        record: with `finished_at`.
        entries: one per picture, in the job's order.
        read: gives the bytes of a staged file; asked for pictures that have no thumbnail yet, one at a time.
        thumbnails: of the job's pictures.
        language: of the page's own words.
    """

    def source(file: str) -> str:
        small = thumbnails.get(file)
        return thumbnail(read(file), longest_px=edge_px(record.pictures)) if small is None else data_uri(small)

    made = [entry for entry in entries if entry.status == "ok"]
    failed = [entry for entry in entries if entry.status == "failed"]
    counts = counts_of(entries)
    tries = [one_try for entry in entries for one_try in entry.tries]
    began = runs(record, entries)
    page = ContactSheet(
        record=record,
        state=status_of(entries, record),
        total=len(entries),
        whole=record.proof_of if status_of(entries, record) == "proof" else None,
        made=len(made),
        failed=len(failed),
        cancelled=counts.cancelled,
        why_cancelled=next((entry.error or "" for entry in entries if entry.status == "cancelled"), ""),
        retried=counts.retried,
        picture_s=sum(one_try.seconds for one_try in tries) / len(made) if made else None,
        runs=len(began),
        elapsed_s=_elapsed_s(record, began[0]),
        peak_gib=max((t.peak_mib / 1024 for t in tries if t.peak_mib is not None), default=None),
        failures=(Failure(entry=entry, evidence=evidence_of(entry, read=read)) for entry in failed),
        tiles=(Tile(entry=entry, source=source(entry.request.file)) for entry in made),
    )
    return rendered("contact_sheet.html.j2", page, language=language)


def _elapsed_s(record: JobRecord, began: str) -> float:
    ended = datetime.fromisoformat(record.finished_at or record.started_at)
    return (ended - datetime.fromisoformat(began)).total_seconds()
