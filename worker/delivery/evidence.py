"""Refused pictures: never under a final name, but kept for who wants to see why.

They go to `rejected/`, named by picture, number of the try, rung and outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.records import Picture, PictureResult, Try


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A refused picture and where it goes."""

    name: str
    seed: int | None
    """As in the try that made it."""
    picture: Picture


def evidence_name(file: str, one_try: Try, *, number: int) -> str:
    """Where the picture lies that a try made for `file`, relative to the job's folder; always a PNG.

    Args:
        file: of the picture that was wanted.
        one_try: the one that was refused.
        number: of the try, from 1.
    """
    return f"rejected/{file.rpartition('.')[0]}.{number}-{one_try.rung}-{one_try.outcome}.png"


def match_evidence(result: PictureResult) -> tuple[tuple[Try, ...], tuple[Kept, ...]]:
    """The tries, each with the name of its evidence where it left a picture, and those pictures."""
    tries: list[Try] = []
    kept: list[Kept] = []
    left = list(result.refused)
    for number, one_try in enumerate(result.tries, start=1):
        own = next((one for one in left if (one.rung, one.outcome) == (one_try.rung, one_try.outcome)), None)
        if own is None:
            tries.append(one_try)
            continue
        left.remove(own)
        name = evidence_name(result.request.file, one_try, number=number)
        tries.append(replace(one_try, evidence=name))
        kept.append(Kept(name=name, seed=one_try.seed, picture=own.picture))
    return tuple(tries), tuple(kept)


def own_evidence(file: str, tries: tuple[Try, ...]) -> tuple[Try, ...]:
    """The tries of a sidecar, without evidence whose name is not the one it must have: a share may hold anything.

    Args:
        file: of the picture that was wanted.
        tries: as the sidecar has them.
    """
    return tuple(
        one_try
        if one_try.rung.isidentifier() and one_try.evidence == evidence_name(file, one_try, number=number)
        else replace(one_try, evidence=None)
        for number, one_try in enumerate(tries, start=1)
    )
