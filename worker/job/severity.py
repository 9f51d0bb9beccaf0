"""Severity: which warnings refuse a job before the night.

Knows the key and the setting `strict`, and which warnings say that a catalogue is not what its author meant. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.problem import Problem
from worker.translation import gettext
from worker.yaml_reader.document import Place

REFUSING = frozenset({"table.same_prompts", "prompt.not_filled", "prompt.mojibake"})
"""Rules of warnings that refuse a catalogue when they stand for more than half of it: they count products.

`table.repeated_prompts` is none of them: a table with a row for each size of a shirt has it rightly.

`table.spoilt_cell` is none of them: cells that cannot be used are errors already, and what is only told of was mended,
or may be meant in a whole column. `table.encoding` neither: a table that can be read in several encodings, or in none,
is an error.
"""
OF_ALL = frozenset({"prompt.not_filled", "prompt.mojibake"})
"""Of these, rules that stand for every product where the job file itself has them: its texts are templates."""
LONG = 10
"""From so many shots on, a list of them without a table is a catalogue too: more than people write one by one."""
OF_FILE = Place(0, 0)
"""No place: of a file as a whole."""
STRICT = "job.strict"
"""Rule of the error by which warnings refuse a strict job."""


def judged(
    warnings: Sequence[Problem],
    *,
    strict: bool | None,
    is_strict_worker: bool,
    products: int,
    shots: int,
    file: str,
    strict_at: Place = OF_FILE,
) -> list[Problem]:
    """The same problems, with what refuses the job as an error before the warnings.

    Args:
        warnings: of the job, one for each cause, each with how many products or places it stands for.
        strict: what the job says: True refuses it for any warning, False for none; None says nothing.
        is_strict_worker: whether the settings refuse jobs with warnings; what the job says goes before.
        products: of its catalogue; 0 where it has none. A single one is no catalogue yet.
        shots: of the job.
        file: of the job, for problems.
        strict_at: where the job says `strict`.

    Returns:
        Warnings only where nothing refuses the job.
    """
    if strict is False:
        return [*warnings]
    if (strict or is_strict_worker) and warnings:
        return [_strict(file, strict_at if strict else None), *warnings]
    meant = [(warning, _products_of(warning, products, file=file)) for warning in warnings]
    least, most = (1, products) if products else (LONG - 1, shots)
    refusing = [(warning, count) for warning, count in meant if most > least and 2 * count > most]
    errors = [_as_error(warning, min(count, most), products=products, shots=shots) for warning, count in refusing]
    return [*errors, *(warning for warning, count in meant if (warning, count) not in refusing)]


def _products_of(warning: Problem, products: int, *, file: str) -> int:
    """For how many products it refuses a catalogue; 0 for a warning that refuses none."""
    if warning.rule not in REFUSING:
        return 0
    return products if products and warning.rule in OF_ALL and warning.file == file else warning.count


def _strict(file: str, at: Place | None) -> Problem:
    where, message = "", gettext("`strict` is set for all jobs here, and there are warnings.")
    if at is not None:
        where, message = "strict", gettext("This is `true`, and there are warnings.")
    remedy = gettext("Mend what they say; or, to have it rendered all the same, write `strict: false` into the job.")
    line, column = at or OF_FILE
    return Problem(file=file, line=line, column=column, where=where, message=message, rule=STRICT, remedy=remedy)


def _as_error(warning: Problem, count: int, *, products: int, shots: int) -> Problem:
    said = gettext("That is more than half of the {shots} shots, so nothing is rendered.", shots=shots)
    if count == (products or shots):
        said = gettext("That is every one of them, so nothing is rendered.")
    elif products:
        said = gettext("That is more than half of the {products} products, so nothing is rendered.", products=products)
    remedy = gettext("If it is meant so, write `strict: false` into the job.")
    return replace(
        warning,
        is_warning=False,
        count=count,
        message=gettext("{message} {more}", message=warning.message, more=said),
        remedy=gettext("{remedy} {more}", remedy=warning.remedy, more=remedy) if warning.remedy else remedy,
    )
