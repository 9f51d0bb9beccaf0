"""Products that differ while their prompts do not.

Knows requests; the template that was never filled is the usual cause.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from worker.job.prompts.findings import EXAMPLES, Table
from worker.records import Request
from worker.translation import Text, gettext
from worker.yaml_reader.document import Fault, Path, clipped


def same_prompts(requests: Iterable[Request], *, table: Table | None, path: Path, texts: Iterable[str]) -> list[Fault]:
    """A warning where more than half of the products have prompts that another one has too.

    Args:
        requests: of the job.
        table: its products, or None.
        path: of the text that should tell them apart.
        texts: of the job that become prompts; a column that they name without braces is told.
    """
    if table is None or len(table.rows) < 2:
        return []
    prompts: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    per_row, rest = divmod(len(found := list(requests)), len(table.rows))
    if rest:
        return []
    for at, request in enumerate(found):
        prompts[at // per_row].append((request.prompt, request.width_px, request.height_px))
    times = Counter(map(tuple, prompts.values()))
    alike = [at for at, made in prompts.items() if times[tuple(made)] > 1]
    if len(alike) * 2 <= len(table.rows):
        return []
    return [
        Fault(
            path=path,
            message=_message(len(alike), len(table.rows), different=len({tuple(prompts[at]) for at in alike})),
            remedy=_remedy(table, " ".join(texts)),
            rule="table.same_prompts",
            is_warning=True,
            count=len(alike),
            examples=tuple(clipped(table.rows[at].id) for at in alike[:EXAMPLES]),
        )
    ]


def _message(alike: int, rows: int, *, different: int) -> Text:
    if different == 1 and alike == rows:
        return gettext("All {rows} products get the same prompt: nothing in it comes from the table.", rows=rows)
    return gettext("{alike} of {rows} products get a prompt that another product has too.", alike=alike, rows=rows)


def _remedy(table: Table, text: str) -> Text:
    named = [column for column in table.columns if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text, re.IGNORECASE)]
    usual = named or [column for column in table.columns if column.casefold() != "sku"] or list(table.columns)
    return gettext(
        "Write columns into the prompt in braces, such as {columns}.",
        columns=" ".join(f"{{{column}}}" for column in usual[:EXAMPLES]),
    )
