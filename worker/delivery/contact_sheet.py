"""The final index.html: a whole job on one page that needs no other file and no network.

Knows what belongs on the page and in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from worker.delivery.card import failure_card, picture_card
from worker.delivery.evidence import evidence_of
from worker.delivery.manifest import runs, status_of
from worker.delivery.markup import Html, link_to, pieces, tag
from worker.delivery.page import demo_notice, document, duration, figures, job_head, section
from worker.delivery.thumbnail import data_uri, edge_px, thumbnail
from worker.delivery.thumbnail_cache import Shelf
from worker.records import Entry, JobRecord


def contact_sheet(
    record: JobRecord, entries: Sequence[Entry], *, read: Callable[[str], bytes], shelf: Shelf
) -> Iterator[bytes]:
    """Yield the page, a piece at a time; full pictures are links to the files beside it.

    Args:
        record: with `finished_at`.
        entries: one per picture, in the job's order.
        read: gives the bytes of a staged file; asked for pictures that are not on the shelf, one at a time.
        shelf: with small versions of the job's pictures.
    """
    made = [entry for entry in entries if entry.status == "ok"]
    failed = [entry for entry in entries if entry.status == "failed"]
    front = (job_head(record, state=status_of(entries)), figures(_figures(record, entries)), *demo_notice(record))
    return document(
        chain(front, _failures(failed, read=read), _pictures(made, record, read=read, shelf=shelf), (_foot(record),)),
        title=f"{record.name} - {len(made)} of {len(entries)} pictures",
        script="contact_sheet.js",
    )


def _figures(record: JobRecord, entries: Sequence[Entry]) -> list[tuple[str, str, str]]:
    made = sum(entry.status == "ok" for entry in entries)
    failed = len(entries) - made
    retried = sum(len(entry.tries) > 1 for entry in entries)
    rendering_s = sum(one_try.seconds for entry in entries for one_try in entry.tries)
    peaks = [one_try.peak_mib for entry in entries for one_try in entry.tries if one_try.peak_mib is not None]
    pictures = f"{made:,} of {len(entries):,}" if failed else f"{made:,}"
    shown = [("pictures", pictures, ""), ("failed", f"{failed:,}", "bad" if failed else "")]
    shown += [("retried", f"{retried:,}", "warn" if retried else "")]
    if made:
        shown += [("per picture", duration(rendering_s / made), "")]
    began = runs(record, entries)
    over = "" if len(began) == 1 else f", {len(began)} runs"
    shown += [(f"start to end{over}", duration(_elapsed_s(record, began[0])), "")]
    if peaks:
        shown += [("peak memory", f"{max(peaks) / 1024:.1f} GiB", "")]
    return shown


def _elapsed_s(record: JobRecord, began: str) -> float:
    ended = datetime.fromisoformat(record.finished_at or record.started_at)
    return (ended - datetime.fromisoformat(began)).total_seconds()


def _failures(failed: Sequence[Entry], *, read: Callable[[str], bytes]) -> Iterator[Html]:
    if not failed:
        return
    yield section("Failed", len(failed))
    cards = (failure_card(entry, evidence_of(entry, read=read)) for entry in failed)
    yield from pieces("div", cards, class_="failures")


def _pictures(
    made: Sequence[Entry], record: JobRecord, *, read: Callable[[str], bytes], shelf: Shelf
) -> Iterator[Html]:
    if not made:
        return

    def source(file: str) -> str:
        small = shelf.get(file)
        return thumbnail(read(file), longest_px=edge_px(record.pictures)) if small is None else data_uri(small)

    find = tag(
        "input", type="search", class_="filter", placeholder="Filter by any word", aria_label="Filter", hidden=True
    )
    yield section("Pictures", len(made), find)
    cards = (picture_card(entry, source=source(entry.request.file)) for entry in made)
    yield from pieces("div", cards, class_="sheet")


def _foot(record: JobRecord) -> Html:
    worker = record.worker
    versions = f"zimage-worker {worker.version}, diffusers {worker.diffusers}, torch {worker.torch}"
    table, manifest = (tag("a", name, href=link_to(name)) for name in ("results.csv", "manifest.json"))
    return tag(
        "footer",
        tag("p", "Every picture was made by a generative model and says so in its metadata. Made with ", versions, "."),
        tag("p", "For spreadsheets: ", table, ". For programs: ", manifest, ". Job id: ", record.job_id, "."),
        class_="foot",
    )
