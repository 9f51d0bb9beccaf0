"""The key `proof`: which pictures of a job are made first, for a person to approve before the rest.

Knows how often a product, or a shot, has one; who waits for the answer, the daemon knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from worker.job.shot_defaults import ShotDefaults
from worker.records import Request


def proof_files(
    requests: Sequence[Request], shots: Sequence[ShotDefaults], *, products: int | None, every: int
) -> frozenset[str]:
    """The files of the proof: of each product the first picture; without products, of each shot.

    Args:
        requests: of the whole job, products before shots before combinations before count.
        shots: of the job, or the templates of each product.
        products: how many there are; None for a job without.
        every: of so many products, or shots, one has a proof: the first, and then each so much later.
    """
    of_each = [template.pictures for template in shots]
    groups = of_each if products is None else [sum(of_each)] * products
    firsts = [0, *accumulate(groups)][: len(groups)]
    return frozenset(requests[first].file for first in firsts[::every])
