"""Sizes that a model was not made for.

Knows the range that a kind of model was trained for; knows no model.
"""

from __future__ import annotations

from collections.abc import Iterable

from worker.job.prompts.findings import Finding, Findings
from worker.job.shot_defaults import ShotDefaults
from worker.model_limits import SuitedSizes
from worker.translation import Text, gettext


def unsuited_sizes(shots: Iterable[ShotDefaults], *, suited: SuitedSizes | None, findings: Findings) -> None:
    """A warning for each size that is far from what the model was trained for.

    Args:
        shots: of the job.
        suited: of the model at hand; None when it is not known.
        findings: take it.
    """
    for shot in shots if suited else ():
        assert suited is not None
        width, height = shot.size_px
        if message := _unsuited(width, height, suited):
            is_asked = (shot.shot.size, shot.job.size) != (None, None)
            best = f"{suited.width_px}x{suited.height_px}"
            remedy = gettext("Leave `size` out, or write {best} or near it.", best=best)
            if not is_asked:
                remedy = gettext(
                    "The size comes from the settings: mend `size` there, or write {best} here.", best=best
                )
            finding = Finding(rule="size.unsuited", cause=f"{width}x{height}", message=message, remedy=remedy)
            findings.add([finding], shot.origin("size") if is_asked else shot.path, named=shot.id)


def _unsuited(width: int, height: int, suited: SuitedSizes) -> Text | None:
    size = f"{width}x{height}"
    if not suited.least_px <= width * height <= suited.most_px:
        return gettext(
            "This model was not made for pictures of {size}: it draws well from about {least} to {most} pixels in all "
            "({source}).",
            size=size,
            least=f"{suited.least_px:,}",
            most=f"{suited.most_px:,}",
            source=suited.source,
        )
    if max(width, height) > suited.most_aspect * min(width, height):
        return gettext(
            "{size} is more than {most} times as long as it is wide; such strips often show the subject twice "
            "(a rule of thumb).",
            size=size,
            most=f"{suited.most_aspect:g}",
        )
    return None
