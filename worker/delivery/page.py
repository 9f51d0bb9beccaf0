"""What the pages of a job share: the document, its head, and words for figures.

Knows how a page looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from itertools import chain

from worker.delivery.markup import Html, joined, pieces, tag
from worker.records import JobRecord

DOT = " \u00b7 "


def document(
    body: Iterable[Html], *, title: str, refresh_s: int | None = None, script: str | None = None
) -> Iterator[bytes]:
    """Yield a whole page that needs nothing but itself, a piece at a time.

    Args:
        body: elements, or pieces of them.
        title: plain text.
        refresh_s: seconds until the browser loads it again; None for a page that is final.
        script: name of a package file; the page must be readable without it.
    """
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", _package_text("page.css")),
    ]
    if refresh_s is not None:
        head.append(tag("meta", http_equiv="refresh", content=refresh_s))
    scripts = [tag("script", _package_text(script))] if script else []
    html = pieces("html", chain([tag("head", *head)], pieces("body", chain(body, scripts))), lang="en")
    for piece in chain(["<!doctype html>\n"], html, ["\n"]):
        yield piece.encode()


def job_head(record: JobRecord, *, state: str) -> Html:
    """The job's name, how it stands, and what made its pictures."""
    made_by = [record.model.id, record.worker.gpu or "CPU", f"worker {record.worker.id}"]
    when = (
        joined("Finished ", moment(record.finished_at))
        if record.finished_at
        else joined("Started ", moment(record.started_at))
    )
    return tag(
        "header",
        tag("div", tag("h1", record.name, dir="auto"), tag("span", state, class_=f"pill {state}"), class_="head"),
        tag("p", joined(when, *made_by, separator=DOT), class_="origin"),
    )


def demo_notice(record: JobRecord) -> tuple[Html, ...]:
    """A warning where the embedded model made the pictures; empty for a real one."""
    if not record.model.demo:
        return ()
    text = (
        " These pictures come from the tiny model that ships with zimage-worker to try it out. It knows ten simple "
        "objects and is no measure of Z-Image. For real pictures, put the folder of a Z-Image model under ",
        tag("code", "model"),
        " in ",
        tag("code", "worker.yaml"),
        ".",
    )
    return (tag("p", tag("strong", "Demo model."), *text, class_="notice", role="note"),)


def figures(values: Sequence[tuple[str, str, str]]) -> Html:
    """A row of large figures, each `(label, value, class)`."""
    return tag("dl", *(tag("div", tag("dt", label), tag("dd", value), class_=kind) for label, value, kind in values),
               class_="figures")  # fmt: skip


def section(title: str, count: int, *beside: Html) -> Html:
    """A heading with how many follow."""
    return tag("div", tag("h2", title, tag("span", f"{count:,}")), *beside, class_="section")


def moment(iso: str) -> Html:
    """A time as people write it, to the minute; the record's times are UTC."""
    return tag("time", f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC", datetime=iso)


def duration(seconds: float) -> str:
    """`0.6 s`, `48 s`, `12 min 5 s`, `7 h 40 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    if hours:
        return f"{hours} h {rest_min} min"
    return f"{minutes} min {rest_s} s" if minutes else f"{rest_s} s"


def _package_text(name: str) -> Html:
    """A file of this package, as it is: it is ours, so it is markup."""
    return Html(files(__package__).joinpath(name).read_text(encoding="utf-8"))
