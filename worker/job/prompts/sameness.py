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


def same_prompts(
    prompts: Sequence[tuple[str, str]], *, table: Table, path: Path, texts: Iterable[str]
) -> Iterator[Fault]:
    """A warning where more than half of the products have one prompt, or have prompts that another one has too.

    The second is told by a rule of its own: tables with a row for each variant of a product have it rightly.

    Args:
        prompts: with the negative ones, of one shot, product after product, as many for each.
        table: the products.
        path: of the text that should tell them apart.
        texts: of the shot that become its prompts; a column that they name without braces is told.
    """
    rows = len(table.rows)
    each = len(prompts) // rows
    by_row = [tuple(prompts[at * each : (at + 1) * each]) for at in range(rows)]
    times = Counter(by_row)
    usual, most = times.most_common(1)[0]
    is_one = most * 2 > rows
    alike = [at for at, made in enumerate(by_row) if (made == usual if is_one else times[made] > 1)]
    if len(alike) * 2 > rows and len(alike) > 1:
        yield Fault(
            path=path,
            message=_message(len(alike), rows, is_one=is_one),
            remedy=_remedy(table, " ".join(texts)),
            rule="table.same_prompts" if is_one else "table.repeated_prompts",
            is_warning=True,
            count=len(alike),
            examples=tuple(clipped(table.rows[at].id) for at in alike[:EXAMPLES]),
        )


def _message(alike: int, rows: int, *, is_one: bool) -> Text:
    if alike == rows and is_one:
        return gettext("All {rows} products get the same prompt: nothing in it comes from the table.", rows=rows)
    if is_one:
        return gettext("{alike} of {rows} products get the same prompt.", alike=alike, rows=rows)
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
