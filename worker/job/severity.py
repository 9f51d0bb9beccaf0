"""Severity: which warnings refuse a job before the night.

Knows the key and the setting `strict`, and which warnings say that a catalogue is not what its author meant. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.problem import Problem
from worker.translation import gettext, joined

REFUSING = frozenset({"table.same_prompts", "prompt.not_filled", "table.encoding", "table.spoilt_cell"})
"""Rules of warnings that refuse a catalogue when they stand for more than half of it: they count products."""
STRICT = "job.strict"
"""Rule of the error by which warnings refuse a strict job."""


def judged(
    warnings: Sequence[Problem], *, strict: bool | None, is_strict_worker: bool, products: int, file: str
) -> list[Problem]:
    """The same problems, with what refuses the job as an error before the warnings.

    Args:
        warnings: of the job, one for each cause, each with how many products or places it stands for.
        strict: what the job says: True refuses it for any warning, False for none; None says nothing.
        is_strict_worker: whether the settings refuse jobs with warnings; what the job says goes before.
        products: of its catalogue; 0 where it has none.
        file: of the job, for problems.

    Returns:
        Warnings only where nothing refuses the job.
    """
    if strict is False:
        return [*warnings]
    if (strict or is_strict_worker) and warnings:
        return [_strict(file, is_said_by_job=strict is True), *warnings]
    refusing = [warning for warning in warnings if _is_most(warning, products)]
    errors = [_as_error(warning, products) for warning in refusing]
    return [*errors, *(warning for warning in warnings if warning not in refusing)]


def _is_most(warning: Problem, products: int) -> bool:
    """Whether it stands for more than half of a catalogue; one product is none."""
    return warning.rule in REFUSING and products > 1 and 2 * warning.count > products


def _strict(file: str, *, is_said_by_job: bool) -> Problem:
    where, message = "", gettext("`strict` is set for all jobs here, and there are warnings.")
    if is_said_by_job:
        where, message = "strict", gettext("This is `true`, and there are warnings.")
    remedy = gettext("Mend what they say; or, to have it rendered all the same, write `strict: false` into the job.")
    return Problem(file=file, line=0, column=0, where=where, message=message, rule=STRICT, remedy=remedy)


def _as_error(warning: Problem, products: int) -> Problem:
    said = gettext("That is more than half of the {products} products, so nothing is rendered.", products=products)
    remedy = gettext("If it is meant so, write `strict: false` into the job.")
    return replace(
        warning,
        is_warning=False,
        message=joined([warning.message, said], " "),
        remedy=joined([warning.remedy, remedy], " ") if warning.remedy else remedy,
    )
