"""Tiles: one picture on a page, or the one that could not be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from worker.delivery.thumbnail import thumbnail
from worker.manifest_records import Entry
from worker.records import Request, Try
from worker.try_words import rung_words

EDGE_PX = 224
"""Of evidence on the contact sheet: shown 112 CSS pixels wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A picture: what `tile.html.j2` is given as `tile`."""

    entry: Entry
    """With status `ok`."""
    source: str
    """Of the image: a data URI; empty where there is no small version."""
    folder: str = "./"
    """Where the picture's file lies, as a relative reference."""

    @property
    def request(self) -> Request:
        """What was asked for."""
        return self.entry.request

    @property
    def rung(self) -> str:
        """The rung that made the picture, in words; empty for the undisturbed try."""
        rung = self.entry.rung
        return "" if rung in (None, "first") else rung_words(rung)

    @property
    def seconds(self) -> float:
        """Of all tries together."""
        return sum(one_try.seconds for one_try in self.entry.tries)

    @property
    def data(self) -> tuple[tuple[str, str], ...]:
        """What the job carries along with the picture, by name: its product, the matrix's values, its metadata."""
        metadata = ((name, _as_text(value)) for name, value in self.request.metadata.items())
        carried = (*self.request.product.items(), *self.request.matrix.items(), *metadata)
        return tuple((name, value) for name, value in carried if value)

    @property
    def refused(self) -> tuple[Try, ...]:
        """The tries that left a picture as evidence."""
        return tuple(one_try for one_try in self.entry.tries if one_try.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A refused picture to show."""

    one_try: Try
    """What was wrong with it."""
    file: str
    source: str
    """Of the image: a data URI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no picture: what `failure.html.j2` is given as `failure`."""

    entry: Entry
    """With status `failed`."""
    evidence: tuple[Evidence, ...] = ()
    """What was refused."""

    @property
    def request(self) -> Request:
        """What was asked for."""
        return self.entry.request


def evidence_of(entry: Entry, *, read: Callable[[str], bytes]) -> tuple[Evidence, ...]:
    """What there is to show of a failed picture; a try that ended without a picture left nothing.

    Args:
        entry: with status `failed`.
        read: gives the bytes of a staged file.
    """
    return tuple(
        Evidence(
            one_try=one_try,
            file=one_try.evidence,
            source=thumbnail(read(one_try.evidence), longest_px=EDGE_PX),
        )
        for one_try in entry.tries
        if one_try.evidence
    )


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
