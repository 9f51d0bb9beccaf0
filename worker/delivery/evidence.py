"""Refused pictures: never under a final name, but kept for who wants to see why.

Knows their names and which attempt each belongs to. Must not know how a picture is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from worker.delivery.card import Evidence, told
from worker.delivery.thumbnail import thumbnail
from worker.records import Attempt, Entry, Picture, ShotResult

EDGE_PX = 224
"""Of evidence on the contact sheet: shown 112 CSS pixels wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A refused picture and where it goes."""

    name: str
    seed: int | None
    """As in the attempt that made it."""
    picture: Picture


def evidence_name(file: str, attempt: Attempt, *, number: int) -> str:
    """Where the picture lies that an attempt made for `file`, relative to the job's folder; always a PNG.

    Args:
        file: of the picture that was wanted.
        attempt: the one that was refused.
        number: of the attempt, from 1.
    """
    return f"rejected/{file.rpartition('.')[0]}.{number}-{attempt.rung}-{attempt.outcome}.png"


def sorted_out(result: ShotResult) -> tuple[tuple[Attempt, ...], tuple[Kept, ...]]:
    """The attempts, each with the name of its evidence where it left a picture, and those pictures."""
    attempts: list[Attempt] = []
    kept: list[Kept] = []
    left = list(result.refused)
    for number, attempt in enumerate(result.attempts, start=1):
        own = next((one for one in left if (one.rung, one.outcome) == (attempt.rung, attempt.outcome)), None)
        if own is None:
            attempts.append(attempt)
            continue
        left.remove(own)
        name = evidence_name(result.request.file, attempt, number=number)
        attempts.append(replace(attempt, evidence=name))
        kept.append(Kept(name=name, seed=attempt.seed, picture=own.picture))
    return tuple(attempts), tuple(kept)


def own_evidence(file: str, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """The attempts of a sidecar, without evidence whose name is not the one it must have: a share may hold anything."""
    return tuple(
        attempt
        if attempt.rung.isidentifier() and attempt.evidence == evidence_name(file, attempt, number=number)
        else replace(attempt, evidence=None)
        for number, attempt in enumerate(attempts, start=1)
    )


def evidence_of(entry: Entry, *, read: Callable[[str], bytes]) -> tuple[Evidence, ...]:
    """What there is to show of a failed picture; a try that ended without a picture left nothing.

    Args:
        entry: with status `failed`.
        read: gives the bytes of a staged file.
    """
    return tuple(
        Evidence(
            label=told(attempt),
            file=attempt.evidence,
            source=thumbnail(read(attempt.evidence), longest_px=EDGE_PX),
        )
        for attempt in entry.attempts
        if attempt.evidence
    )
