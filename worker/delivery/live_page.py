"""index.html of a job that is still being rendered.

Knows what is done and how many there will be. It stays small, for it is written again and again over a slow share.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.delivery.card import failure_card, picture_card
from worker.delivery.markup import Html, link_to, tag
from worker.delivery.page import demo_notice, document, figures, job_head, section
from worker.records import Entry, JobRecord

REFRESH_S = 5

NEWEST = 60
"""Pictures and failures shown of each; the folder has all of them."""


def live_page(record: JobRecord, entries: Sequence[Entry]) -> bytes:
    """The page; its pictures are the files beside it.

    Args:
        record: the job.
        entries: of the pictures so far, newest last.
    """
    total = record.pictures
    made = [entry for entry in entries if entry.status == "ok"]
    failed = [entry for entry in entries if entry.status == "failed"]
    share = f"{100 * len(entries) / total:.1f}%"
    body = (
        job_head(record, state="rendering"),
        tag("div", tag("span", style=f"width: {share}"), class_="bar", role="progressbar", aria_valuemin=0,
            aria_valuenow=len(entries), aria_valuemax=total, aria_label="pictures done"),
        figures([
            ("pictures", f"{len(entries):,} of {total:,}", ""),
            ("done", share, ""),
            ("failed", f"{len(failed):,}", "bad" if failed else ""),
        ]),
        *demo_notice(record),
        *_newest("Failed", failed, cards=[failure_card(entry) for entry in _last(failed)], class_="failures"),
        *_newest("Pictures", made, cards=[_card(entry) for entry in _last(made)], class_="sheet"),
        tag("footer", f"This page renews itself every {REFRESH_S} seconds. When the job is done its folder loses ",
            tag("code", ".partial"), " from its name: open index.html there.", class_="foot"),
    )  # fmt: skip
    return b"".join(document(body, title=f"{record.name} - {len(entries)} of {total}", refresh_s=REFRESH_S))


def _newest(title: str, entries: Sequence[Entry], *, cards: Sequence[Html], class_: str) -> tuple[Html, ...]:
    if not entries:
        return ()
    beside = [tag("span", f"the newest {NEWEST}", class_="facts")] if len(entries) > NEWEST else []
    return section(title, len(entries), *beside), tag("div", *cards, class_=class_)


def _last(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries[: -NEWEST - 1 : -1]


def _card(entry: Entry) -> Html:
    return picture_card(entry, source=link_to(entry.request.file), is_lazy=True)
