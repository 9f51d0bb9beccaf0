"""The live page: index.html of a job that is still being rendered, and the record by which an open page goes on.

Both are small, for they are written and read again and again over a slow share: small versions of the newest pictures
lie inside, no other file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from worker.delivery.pages.filters import link
from worker.delivery.pages.page import Page, environment, rendered
from worker.delivery.pages.tiles import Failure, Tile
from worker.live_records import LIVE, Moment, Shown, live_script, record_name
from worker.manifest_records import Entry, JobRecord
from worker.problem import Problem
from worker.translation import Language, translated

FORM = 1
"""Of the record: a page of another version goes to the page that knows it."""
READ_BYTES_S = 14_000
"""A page that is open reads at most so many bytes a second: less than 1 MB a minute."""
LEAST_READ_S = 5.0
"""An open page does not look more often, however small its record is."""

NEWEST = 24
"""Pictures shown at most; the folder has all of them."""
NEWEST_FAILED = 12
THUMBNAIL_BYTES = 64_000
"""Of all small versions in a record together, as text: on a rich picture each has some 6 kB."""
PROMPT_LENGTH = 200
"""Characters that are shown of a prompt."""
ERROR_LENGTH = 500

FIRST_WARNINGS = 20
"""Shown of the job's warnings; the final page has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage(Page):
    """What `live_page.html.j2` and the templates of its record are given as `page`."""

    moment: Moment
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

    @property
    def share(self) -> str:
        """How much is done: `83.3%`."""
        return f"{100 * self.done / self.total:.1f}%"

    @property
    def warnings(self) -> Sequence[Problem]:
        """The first ones."""
        return self.record.warnings[:FIRST_WARNINGS]

    @property
    def record_file(self) -> str:
        """Where the page finds its record, whatever its own folder is called by then."""
        return f"../{LIVE}/{record_name(self.record.job_id)}"


def live(
    record: JobRecord,
    entries: Sequence[Entry],
    *,
    moment: Moment,
    thumbnail: Callable[[str], str | None],
    needs_page: bool,
    language: Language = "en",
) -> Shown:
    """What people see of a job in work: the record by which an open page goes on, and the page itself.

    The record is a script that hands the page all that changes in it; nothing else may a page read that is opened from
    a share. The page needs no other file.

    Args:
        record: the job.
        entries: of the pictures so far, newest last.
        moment: how it goes.
        thumbnail: a picture's small version as a data URI, by its file; None where there is none.
        needs_page: False where the page that is there still does.
        language: of the page's own words.
    """
    page = _page(record, entries, moment=moment, thumbnail=thumbnail)
    return Shown(
        record=_record(page, language=language),
        page=b"".join(rendered("live_page.html.j2", page, language=language)) if needs_page else None,
    )


def _record(page: LivePage, *, language: Language) -> bytes:
    parts = {name: _part(name, page, language=language) for name in ("summary", "pictures")}
    told = {
        "form": FORM,
        "job": page.record.job_id,
        "href": f"../{link(page.moment.folder).removeprefix('./')}/index.html",
        "at": page.moment.at,
        "next_word_s": page.moment.next_word_s,
        "state": page.state,
        "word": translated(page.state_word, language),
        "title": f"{page.title} - {page.done}/{page.total}",
        "parts": parts,
    }
    return live_script({**told, "read_s": _read_s(sum(map(len, parts.values())))})


def _part(name: str, page: LivePage, *, language: Language) -> str:
    return environment(language).get_template(f"live_{name}.html.j2").render(page=page)


def _read_s(size_bytes: int) -> float:
    """Seconds between two readings of so large a record by one page."""
    return round(max(LEAST_READ_S, size_bytes / READ_BYTES_S), 1)


def _page(
    record: JobRecord, entries: Sequence[Entry], *, moment: Moment, thumbnail: Callable[[str], str | None]
) -> LivePage:
    made = [entry for entry in entries if entry.status == "ok"]
    failed = [entry for entry in entries if entry.status != "ok"]
    return LivePage(
        record=record,
        state=moment.state,
        moment=moment,
        total=record.pictures,
        done=len(entries),
        made=len(made),
        failed=len(failed),
        failures=[Failure(entry=_brief(entry)) for entry in failed[: -NEWEST_FAILED - 1 : -1]],
        tiles=list(_tiles(made[: -NEWEST - 1 : -1], moment.folder, thumbnail)),
    )


def _tiles(entries: Sequence[Entry], folder: str, thumbnail: Callable[[str], str | None]) -> Iterator[Tile]:
    """The newest, as far as their small versions go into a record."""
    left = THUMBNAIL_BYTES
    for entry in entries:
        source = thumbnail(entry.request.file) or ""
        left -= len(source)
        if left < 0:
            return
        yield Tile(entry=_brief(entry), source=source, folder=f"../{link(folder).removeprefix('./')}/")


def _brief(entry: Entry) -> Entry:
    """Without what would make the page long."""
    prompt, error = entry.request.prompt, entry.error
    if len(prompt) > PROMPT_LENGTH:
        entry = replace(entry, request=replace(entry.request, prompt=f"{prompt[:PROMPT_LENGTH]}…"))
    return entry if error is None or len(error) <= ERROR_LENGTH else replace(entry, error=f"{error[:ERROR_LENGTH]}…")
