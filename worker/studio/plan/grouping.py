"""Grouping requests into batches: equal shapes side by side, so that a batch needs no mask and the plan stays.

Knows what makes two pictures' computation alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from worker.records import Request

BUCKET = 32
"""Captions are padded to a multiple of this with a token that is attended to: only equal buckets make a batch without
a mask (source: diffusers 0.42.1, SEQ_MULTI_OF; diffusers#12955)."""


def bucket(tokens: int) -> int:
    """Length of a caption once it is padded."""
    return -(-tokens // BUCKET) * BUCKET


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Shape:
    """What pictures of one batch have in common."""

    pixels: int
    width_px: int
    height_px: int
    steps: int
    guidance: float
    buckets: tuple[int, ...]
    """Captions' lengths in tokens, rounded up: of the prompt, and of the negative prompt where it has an effect."""
    allow: tuple[str, ...]
    """What the job permits: it may change the plan."""


Tokens = Callable[[Request], tuple[int, ...]]
"""Lengths in tokens of a request's captions."""


def shape_of(request: Request, tokens: tuple[int, ...]) -> Shape:
    """The shape of one request.

    Args:
        request: what to make.
        tokens: lengths of its captions.
    """
    return Shape(
        pixels=request.width_px * request.height_px,
        width_px=request.width_px,
        height_px=request.height_px,
        steps=request.steps,
        guidance=request.guidance,
        buckets=tuple(bucket(count) for count in tokens),
        allow=tuple(sorted(request.allow)),
    )


def group_by_shape(requests: Sequence[Request], tokens: Tokens) -> Iterator[tuple[Request, ...]]:
    """Requests by shape; shapes, and requests within one, in the order in which they first come.

    Args:
        requests: in the job's order.
        tokens: lengths of a request's captions.
    """
    shapes = {request.file: shape_of(request, tokens(request)) for request in requests}
    first = {shape: place for place, shape in reversed([*enumerate(shapes.values())])}
    ordered = sorted(requests, key=lambda request: first[shapes[request.file]])
    for _, alike in groupby(ordered, key=lambda request: shapes[request.file]):
        yield tuple(alike)
