"""How long pictures take: learned from those that were made, by size, steps and guidance; asked for any.

Knows running means by kind of picture, and a line through them: what a picture costs by its pixels (decode, save), by
pixels times steps, by attention, and in any case. What a load or a compiler slowed is left out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from worker.records import PictureKind

NEWEST_WEIGHT = 0.2
"""Least weight of the newest picture in the running mean: follows a change within some ten pictures."""
MOST_SLOWER = 3.0
"""A picture counts at most so many times the mean: one beside which something was compiled tells little of the next."""
LEAST_S = 1e-4
"""Of a picture: a clock that stands still must not make the next ones cost nothing."""
MOST_KINDS = 64
"""Of a model: those met longest ago are forgotten."""
OTHER_GUIDANCE = 1.0
"""Of kinds that differ in guidance, as a distance between them; twice the pixels, or the steps, is 0.7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What pictures of one kind took."""

    kind: PictureKind
    seconds: float
    """A running mean, from one result to the next: with encoding, decoding and saving."""
    pictures: int
    """How many it is made of; 0 where only a first picture is known, which was slowed by what came before it."""


Speeds = tuple[Measured, ...]
"""Of one model on one worker; what was met last stands last."""


def learned(speeds: Speeds, kind: PictureKind, *, seconds: float, pictures: int = 1, is_first: bool = False) -> Speeds:
    """The speeds once more pictures are made.

    Args:
        speeds: until now.
        kind: of the pictures.
        seconds: that each took.
        pictures: how many.
        is_first: they are the first of their kind in this process: a model was loaded for them, or code compiled.
    """
    seconds = max(seconds, LEAST_S)
    former = next((one for one in speeds if one.kind == kind), None)
    if is_first and former is not None:
        return speeds
    if former is None or not former.pictures:
        newest = Measured(kind=kind, seconds=seconds, pictures=0 if is_first else pictures)
    else:
        weight = max(pictures / (former.pictures + pictures), min(1.0, NEWEST_WEIGHT * pictures))
        mean = former.seconds + weight * (min(seconds, MOST_SLOWER * former.seconds) - former.seconds)
        newest = Measured(kind=kind, seconds=mean, pictures=former.pictures + pictures)
    return (*(one for one in speeds if one.kind != kind), newest)[-MOST_KINDS:]


def seconds_each(speeds: Speeds, kinds: Iterable[PictureKind]) -> dict[PictureKind, float]:
    """How long a picture of each kind takes, as far as can be told; empty where nothing was learned.

    Args:
        speeds: of the model.
        kinds: any, measured or not.
    """
    told = [one for one in speeds if one.pictures] or [*speeds]
    if not told:
        return {}
    measured = {one.kind: one.seconds for one in told}
    asked = {*kinds}
    line = _line(told) if asked - measured.keys() else ()
    return {kind: measured[kind] if kind in measured else _near(kind, told, line) for kind in asked}


def seconds_of(speeds: Speeds, work: Mapping[PictureKind, int]) -> float | None:
    """How long pictures take together; None where nothing was learned.

    Args:
        speeds: of the model.
        work: how many of each kind.
    """
    each = seconds_each(speeds, work)
    return sum(each[kind] * count for kind, count in work.items()) if len(each) == len(work) else None


USUAL_PICTURES = 5
"""Of one kind, before there is a usual time."""


def usual_of(speeds: Speeds, kind: PictureKind) -> float | None:
    """How long a picture of this very kind usually takes, in seconds; None where too few were made.

    Args:
        speeds: of the model.
        kind: of the picture.
    """
    return next((one.seconds for one in speeds if one.kind == kind and one.pictures >= USUAL_PICTURES), None)


Features = tuple[float, ...]
Line = tuple[float, ...]
"""Seconds a picture, a megapixel, a megapixel-step, and a megapixel-step and megapixel (attention grows so)."""


def _features(kind: PictureKind) -> Features:
    megapixels, work = kind.pixels / 1e6, kind.pixel_steps / 1e6
    return 1.0, megapixels, work, work * megapixels


def _on_line(line: Line, kind: PictureKind) -> float:
    return sum(share * feature for share, feature in zip(line, _features(kind), strict=True))


def _near(kind: PictureKind, told: Sequence[Measured], line: Line) -> float:
    """By the line, corrected by how far the kinds nearest to this one lie beside it."""
    weights = {one: 1 / _distance(kind, one.kind) ** 2 for one in told}
    beside = sum(weight * math.log(one.seconds / _on_line(line, one.kind)) for one, weight in weights.items())
    return _on_line(line, kind) * math.exp(beside / sum(weights.values()))


def _distance(one: PictureKind, other: PictureKind) -> float:
    apart = abs(math.log(one.pixels / other.pixels)) + abs(math.log(one.steps / other.steps))
    return max(apart + OTHER_GUIDANCE * (one.is_guided != other.is_guided), 0.01)


_CHOICES = ((2,), (1, 2), (1, 2, 3), (0, 1, 2, 3))
"""Which features a line may have: at most half as many as there are kinds. Through few points many lines go, and most
lead astray (measured with the embedded model: six times too long, where two kinds made a line)."""
BETTER = 0.8
"""A line of more features is taken where what is left beside it is less by that."""


def _line(told: Sequence[Measured]) -> Line:
    """The line of least relative squares through what was measured; no part of it is below zero."""
    best: Line = (0.0, 0.0, 0.0, 0.0)
    best_error = math.inf
    for choice in _CHOICES:
        if len(choice) > (len(told) + 1) // 2:
            break
        shares = _least_squares([(_features(one.kind), one.seconds) for one in told], choice)
        if shares is None:
            continue
        error = sum((_on_line(shares, one.kind) / one.seconds - 1) ** 2 for one in told)
        if error < BETTER * best_error - 1e-9:
            best, best_error = shares, error
    return best


def _least_squares(rows: Sequence[tuple[Features, float]], choice: Collection[int]) -> Line | None:
    """Shares of the chosen features; None where they cannot be told apart, or one is below zero."""
    scaled = [[features[index] / seconds for index in choice] for features, seconds in rows]
    size = range(len(choice))
    matrix = [[sum(row[i] * row[j] for row in scaled) for j in size] for i in size]
    solved = _solved(matrix, [sum(row[i] for row in scaled) for i in size])
    if solved is None or min(solved) < 0:
        return None
    shares = dict(zip(choice, solved, strict=True))
    return tuple(shares.get(index, 0.0) for index in range(4))


def _solved(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """Gauss with pivots; None for a matrix that is as good as singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    largest = [max(abs(row[i]) for row in rows) or 1.0 for i in range(size)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda index: abs(rows[index][column]))
        if abs(rows[pivot][column]) < 1e-9 * largest[column]:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for index in range(column + 1, size):
            factor = rows[index][column] / rows[column][column]
            rows[index] = [a - factor * b for a, b in zip(rows[index], rows[column], strict=True)]
    values = [0.0] * size
    for index in reversed(range(size)):
        known = sum(rows[index][other] * values[other] for other in range(index + 1, size))
        values[index] = (rows[index][size] - known) / rows[index][index]
    return values


def total(works: Iterable[Mapping[PictureKind, int]]) -> dict[PictureKind, int]:
    """Several jobs' pictures by kind.

    Args:
        works: of each.
    """
    counted: dict[PictureKind, int] = {}
    for kind, count in itertools.chain.from_iterable(work.items() for work in works):
        counted[kind] = counted.get(kind, 0) + count
    return counted
