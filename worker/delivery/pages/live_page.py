"""The live page: index.html of a job that is still being rendered.

It stays small, for it is written again and again over a slow share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.delivery.pages.filters import link
from worker.delivery.pages.page import Page, rendered
from worker.delivery.pages.tiles import Failure, Tile
from worker.manifest_records import Entry, JobRecord
from worker.problem import Problem
from worker.translation import Language

REFRESH_S = 5

NEWEST = 60
"""Pictures and failures shown of each; the folder has all of them."""

FIRST_WARNINGS = 20
"""Shown of the job's warnings; the final page has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage(Page):
    """What `live_page.html.j2` is given as `page`."""

    total: int
    """Pictures that are asked for."""
    done: int
    """Made or failed."""
    made: int
    failed: int
    failures: Sequence[Failure]
    """The newest, newest first."""
    tiles: Sequence[Tile]
    """Likewise."""
    newest: int = NEWEST
    """How many of each there are at most."""
    refresh_s: int = REFRESH_S
    """Seconds until the browser loads the page again."""

    @property
    def share(self) -> str:
        """How much is done: `83.3%`."""
        return f"{100 * self.done / self.total:.1f}%"

    @property
    def warnings(self) -> Sequence[Problem]:
        """The first ones."""
        return self.record.warnings[:FIRST_WARNINGS]


def live_page(record: JobRecord, entries: Sequence[Entry], *, language: Language = "en") -> bytes:
    """The page; its pictures are the files beside it.

    Args:
        record: the job.
        entries: of the pictures so far, newest last.
        language: of the page's own words.
    """
    made = [entry for entry in entries if entry.status == "ok"]
    failed = [entry for entry in entries if entry.status == "failed"]
    page = LivePage(
        record=record,
        state="rendering",
        total=record.pictures,
        done=len(entries),
        made=len(made),
        failed=len(failed),
        failures=[Failure(entry=entry) for entry in _newest(failed)],
        tiles=[Tile(entry=entry, source=link(entry.request.file), is_lazy=True) for entry in _newest(made)],
    )
    return b"".join(rendered("live_page.html.j2", page, language=language))


def _newest(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries[: -NEWEST - 1 : -1]
