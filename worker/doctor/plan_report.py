"""What the memory model says about a card, line by line, for `doctor` and `plan`.

Knows for which sizes a plan is worth a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from worker.studio.model_files.weights import Weights
from worker.studio.plan.memory import MPX, Work, make_plan
from worker.translation import gettext

SIZES_PX = (1024, 1536, 2048)


def plan_lines(room_mib: float, weights: Weights, works: Iterable[tuple[str, Work]]) -> Iterator[str]:
    """What would be done for each kind of work.

    Args:
        room_mib: memory that a worker may use on the card.
        weights: of the model.
        works: with a name each, such as `1024x1024`.
    """
    for name, work in works:
        plan = make_plan(room_mib, weights, work)
        told = str(plan)
        what = gettext("{size}, guided", size=name) if work.is_guided else name
        if plan.fits:
            yield gettext("{what}: {plan}", what=what, plan=told)
        else:
            yield gettext(
                "{what}: {plan} (more than there is: the ladder decides, or the shot is refused)", what=what, plan=told
            )


def usual_works() -> Iterator[tuple[str, Work]]:
    """What `doctor` shows: the article's size with guidance and without, and the larger ones."""
    yield "1024x1024", Work(pixels=MPX, is_guided=True)
    for side in SIZES_PX:
        yield f"{side}x{side}", Work(pixels=side * side, is_guided=False)
