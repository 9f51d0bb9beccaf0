"""Delivery: results become the bytes of a job's files.

A picture gives its file and its sidecar; a finished job `results.csv`, `index.html` and `manifest.json`; a refused one
`error.txt` and `error.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

import structlog

from worker.delivery.encode import encode
from worker.delivery.evidence import Kept, match_evidence
from worker.delivery.manifest import manifest
from worker.delivery.pages import contact_sheet, live
from worker.delivery.provenance import labels
from worker.delivery.refusal import error_json, error_text
from worker.delivery.results_table import results_table
from worker.delivery.sidecar import reusable, sidecar
from worker.delivery.thumbnail import edge_px
from worker.delivery.thumbnail_cache import ThumbnailCache
from worker.live_records import Moment, Shown
from worker.manifest_records import Entry, JobRecord, NotDone
from worker.problem import Problem, legible
from worker.records import Picture, PictureResult, Request, StagedFile, StagedPieces, Try
from worker.translation import Language, gettext, translated

log = structlog.get_logger()


JOBS_KEPT = 4
"""Jobs of which small versions are kept: one that gave way to a more urgent one goes on after it."""


class FileDelivery:
    """Satisfies `ports.Delivery`.

    The same values give the same bytes, but for small versions of lossy pictures: made from the picture or, after a
    restart, from its file. What it keeps of a job saves work, no more.
    """

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._thumbnails: dict[str, ThumbnailCache] = {}
        """By job id, the newest last."""

    def picture(self, result: PictureResult, *, record: JobRecord) -> tuple[Entry, tuple[StagedFile, ...]]:
        """The manifest entry and the files of one result; see `ports.Delivery`."""
        try:
            return self._encoded(result, record=record)
        except Exception as error:
            log.exception("picture.not_encoded", job=record.name, file=result.request.file)
            reason = gettext(
                "The picture was made, but no file could be made of it ({kind}: {error}).",
                kind=type(error).__name__,
                error=str(error),
            )
        failed = replace(result, error=reason if result.picture is not None else result.error)
        return _failed(failed, result.tries, record=record), ()

    def _encoded(self, result: PictureResult, *, record: JobRecord) -> tuple[Entry, tuple[StagedFile, ...]]:
        tries, kept = match_evidence(result)
        evidence = tuple(_evidence(result.request, kept, record=record))
        if result.picture is None:
            return _failed(result, tries, record=record), evidence
        entry, files = _made(result.request, result.picture, tries, record=record)
        self._thumbnails_of(record).put(result.request.file, result.picture)
        return entry, (*evidence, *files)  # the sidecar last: where it is, all it names is

    def reuse(self, request: Request, *, record: JobRecord, sidecar: bytes, picture: bytes) -> Entry | None:
        """The entry of a picture made by an earlier claim, or None where it is not what `request` asks for."""
        return reusable(request, record=record, sidecar=sidecar, picture=picture)

    def live(self, record: JobRecord, entries: Sequence[Entry], *, moment: Moment, needs_page: bool) -> Shown:
        """What people see of a job in work."""
        return live(
            record, entries, moment=moment, thumbnail=self._thumbnails_of(record).smaller, needs_page=needs_page,
            language=record.language,
        )  # fmt: skip

    def closing(
        self, record: JobRecord, entries: Sequence[Entry], *, read: Callable[[str], bytes]
    ) -> Iterator[StagedPieces]:
        """Yield `results.csv`, the contact sheet, and `manifest.json` last."""
        thumbnails = self._thumbnails_of(record)
        table = partial(results_table, columns=record.columns, delimiter=record.delimiter)
        yield StagedPieces(name="results.csv", pieces=lambda: (table(_said(entries, record.language)),))
        yield StagedPieces(
            name="index.html",
            pieces=lambda: contact_sheet(record, entries, read=read, thumbnails=thumbnails, language=record.language),
        )
        yield StagedPieces(name="manifest.json", pieces=lambda: manifest(record, entries))

    def refusal(
        self,
        stem: str,
        problems: Sequence[Problem],
        *,
        reason: str,
        language: Language = "en",
        status: NotDone = "failed",
        dropped_by: str | None = None,
    ) -> tuple[StagedFile, ...]:
        """`error.txt` for a person and `error.json` for a program."""
        stem, reason = legible(stem), legible(reason)  # both may name a file of the share
        who = None if dropped_by is None else legible(dropped_by)
        text = error_text(stem, problems, reason=reason, language=language, status=status)
        facts = error_json(stem, problems, reason=reason, language=language, status=status, dropped_by=who)
        return StagedFile(name="error.txt", data=text), StagedFile(name="error.json", data=facts)

    def _thumbnails_of(self, record: JobRecord) -> ThumbnailCache:
        """The job's, or a new one; of jobs that were in hand before, the newest are kept."""
        cache = self._thumbnails.pop(record.job_id, None)
        cache = cache or ThumbnailCache(record.job_id, longest_px=edge_px(record.pictures))
        self._thumbnails[record.job_id] = cache
        while len(self._thumbnails) > JOBS_KEPT:
            self._thumbnails.pop(next(iter(self._thumbnails))).close()
        return cache


def _made(
    request: Request, picture: Picture, tries: tuple[Try, ...], *, record: JobRecord
) -> tuple[Entry, tuple[StagedFile, ...]]:
    entry = Entry(
        request=request,
        sidecar=request.sidecar,
        sha256=None,
        status="ok",
        error=None,
        tries=tries,
        started_at=record.started_at,
    )
    words = labels(_as_made(request, tries[-1].seed), record=record)
    data = encode(picture, image_format=request.format, labels=words)
    entry = replace(entry, sha256=sha256(data).hexdigest())
    beside = StagedFile(name=request.sidecar, data=sidecar(entry, record=record))
    return entry, (StagedFile(name=request.file, data=data), beside)


def _failed(result: PictureResult, tries: tuple[Try, ...], *, record: JobRecord) -> Entry:
    return Entry(
        request=result.request,
        sidecar=None,
        sha256=None,
        status="cancelled" if result.is_cancelled else "failed",
        error=result.error,
        tries=tries,
        started_at=record.started_at,
    )


def _said(entries: Sequence[Entry], language: Language) -> list[Entry]:
    """The entries with their errors in that language, for a table of plain text."""
    return [
        entry if entry.error is None else replace(entry, error=translated(entry.error, language)) for entry in entries
    ]


def _evidence(request: Request, kept: Sequence[Kept], *, record: JobRecord) -> Iterator[StagedFile]:
    """Refused pictures as PNG, whatever the job's format: evidence must not be smoothed by compression."""
    for one in kept:
        words = labels(_as_made(request, one.seed), record=record)
        yield StagedFile(name=one.name, data=encode(one.picture, image_format="png", labels=words))


def _as_made(request: Request, seed: int | None) -> Request:
    """The request with the seed that was taken in its place, if one was."""
    return request if seed is None else replace(request, seed=seed)
