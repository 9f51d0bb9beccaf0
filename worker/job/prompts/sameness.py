"""Products that differ while their prompts do not.

Knows prompts; the template that was never filled is the usual cause.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from worker.job.prompts.findings import Table, names_of
from worker.problem import EXAMPLES
from worker.translation import Text, gettext
from worker.yaml_reader.document import Fault, Path, clipped


def same_prompts(prompts: Sequence[str], *, table: Table, path: Path, texts: Iterable[str]) -> Iterator[Fault]:
    """A warning where more than half of the products have prompts that another one has too.

    Args:
        prompts: of one shot, product after product, as many for each.
        table: the products.
        path: of the text that should tell them apart.
        texts: of the shot that become its prompts; a column that they name without braces is told.
    """
    rows = len(table.rows)
    each = len(prompts) // rows
    by_row = [tuple(prompts[at * each : (at + 1) * each]) for at in range(rows)]
    times = Counter(by_row)
    alike = [at for at, made in enumerate(by_row) if times[made] > 1]
    if len(alike) * 2 > rows:
        yield Fault(
            path=path,
            message=_message(len(alike), rows, different=len({by_row[at] for at in alike})),
            remedy=_remedy(table, " ".join(texts)),
            rule="table.same_prompts",
            is_warning=True,
            count=len(alike),
            examples=tuple(clipped(table.rows[at].id) for at in alike[:EXAMPLES]),
        )


def _message(alike: int, rows: int, *, different: int) -> Text:
    if different == 1 and alike == rows:
        return gettext("All {rows} products get the same prompt: nothing in it comes from the table.", rows=rows)
    return gettext("{alike} of {rows} products get a prompt that another product has too.", alike=alike, rows=rows)


def _remedy(table: Table, text: str) -> Text:
    named = [column for column in names_of(table) if _is_named(column, text)]
    usual = named or [column for column in names_of(table) if column.casefold() != "sku"] or list(names_of(table))
    return gettext(
        "Write columns into the prompt in braces, such as {columns}.",
        columns=" ".join(f"{{{column}}}" for column in usual[:EXAMPLES]),
    )


def _is_named(column: str, text: str) -> bool:
    """Whether a text has the column's name as a word; Chinese words stand without blanks."""
    if not column.isascii():
        return column in text
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(column)}(?![A-Za-z0-9_])", text, re.IGNORECASE) is not None
