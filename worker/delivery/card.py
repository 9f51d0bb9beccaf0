"""One picture on a page, or the one that could not be made.

Knows what people want to read beside a picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.delivery.markup import Html, joined, link_to, tag
from worker.delivery.page import DOT, duration
from worker.records import Entry, Outcome, Request, Try

OUTCOME_WORDS: Mapping[Outcome, str] = {
    "ok": "accepted",
    "oom": "out of memory",
    "not_finite": "not finite",
    "wrong_size": "wrong size",
}
"""Where the contract's word is not what a person would say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A refused picture to show."""

    label: str
    """Which try it was and what was wrong with it."""
    file: str
    source: str
    """Of the image: a data URI or a relative reference."""


def picture_card(entry: Entry, *, source: str, is_lazy: bool = False) -> Html:
    """A picture with its caption.

    Args:
        entry: with status `ok`.
        source: of the image: a data URI or a relative reference.
        is_lazy: the browser loads the image only when it comes into view.
    """
    request = entry.request
    image = _image(request, source, is_lazy=is_lazy)
    return tag(
        "figure",
        tag("a", image, href=link_to(request.file)),
        tag("figcaption", _name(entry), _prompt(request), _facts(entry), _more(entry)),
        class_="card",
    )


def failure_card(entry: Entry, evidence: Sequence[Evidence] = ()) -> Html:
    """Why there is no picture, with what was refused."""
    shown = [_evidence(refused) for refused in evidence] or [tag("span", "no picture", class_="nothing")]
    tries = joined(*(tag("span", told(one_try)) for one_try in entry.tries), separator=" ")
    return tag(
        "article",
        tag("div", *shown, class_="evidence"),
        tag(
            "div",
            tag("h3", entry.request.file),
            tag("p", entry.error or "", class_="error"),
            _prompt(entry.request),
            tag("p", joined(*_settings(entry), separator=" "), class_="facts"),
            tag("p", tries, class_="facts took"),
            class_="text",
        ),
        class_="failure",
    )


def told(one_try: Try) -> str:
    """`first: black, 0.6 s`."""
    return (
        f"{_spaced(one_try.rung)}: {OUTCOME_WORDS.get(one_try.outcome, one_try.outcome)}, {duration(one_try.seconds)}"
    )


def _image(request: Request, source: str, *, is_lazy: bool) -> Html:
    return tag("img", src=source, alt=request.prompt[:200], width=request.width_px, height=request.height_px,
               decoding="async", **({"loading": "lazy"} if is_lazy else {}))  # fmt: skip


def _name(entry: Entry) -> Html:
    how = [f"{len(entry.tries)} tries"] if len(entry.tries) > 1 else []
    how += [_spaced(entry.rung)] if entry.rung not in (None, "first") else []
    parts = [tag("h3", entry.request.file), *([tag("span", DOT.join(how), class_="tries")] if how else [])]
    return tag("div", *parts, class_="name")


def _prompt(request: Request) -> Html:
    # lang="": nobody knows which language a prompt is in, and the page's own would be wrong for Chinese
    return tag("p", request.prompt, class_="prompt", dir="auto", lang="")


def _facts(entry: Entry) -> Html:
    seconds = sum(one_try.seconds for one_try in entry.tries)
    return tag("p", joined(*_settings(entry), tag("span", duration(seconds)), separator=" "), class_="facts")


def _settings(entry: Entry) -> list[Html]:
    request = entry.request
    size = f"{request.width_px}\u00d7{request.height_px}"
    texts = (f"seed {entry.seed}", size, f"{request.steps} steps", f"guidance {request.guidance:g}")
    return [tag("span", text) for text in texts]


def _more(entry: Entry) -> Html:
    request = entry.request
    facts = [("Negative prompt", request.negative_prompt)]
    facts += [*request.product.items(), *request.matrix.items()]
    facts += [(name, _as_text(value)) for name, value in request.metadata.items()]
    if len(entry.tries) > 1:
        facts += [("Tries", "\n".join(told(one_try) for one_try in entry.tries))]
    rows = [tag("div", tag("dt", name), tag("dd", value, dir="auto")) for name, value in facts if value]
    refused = [tag("a", told(one_try), href=link_to(one_try.evidence)) for one_try in entry.tries if one_try.evidence]
    if refused:
        rows.append(tag("div", tag("dt", "Refused"), tag("dd", joined(*refused, separator="\n"))))
    rows.append(tag("div", tag("dt", "SHA-256"), tag("dd", entry.sha256 or "", class_="hash")))
    record = tag("div", tag("a", "Full record", href=link_to(request.sidecar)))
    return tag("details", tag("summary", "More"), tag("dl", *rows, record, class_="more"))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _evidence(refused: Evidence) -> Html:
    image = tag("img", src=refused.source, alt=f"refused: {refused.label}")
    return tag("figure", tag("a", image, href=link_to(refused.file)), tag("figcaption", refused.label))


def _spaced(word: str) -> str:
    return word.replace("_", " ")
