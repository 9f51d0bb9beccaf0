"""results.csv: the product table again, with what came of every row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from worker.records import Entry

RESULT_COLUMNS = ("shot", "file", "status", "seed", "error")


def results_table(entries: Sequence[Entry], *, columns: Sequence[str]) -> bytes:
    r"""One row per picture, in the job's order.

    Text stands exactly as in the input, `=1+1` too: the table goes back into the system the products came from.

    Args:
        entries: one per picture.
        columns: of the products file, in its order; may be empty.

    Returns:
        UTF-8 with a byte order mark, without which Excel shows Chinese as noise, and lines ending in `\r\n`.
    """
    out = StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow((*columns, *RESULT_COLUMNS))
    for entry in entries:
        request = entry.request
        product = (request.product.get(column, "") for column in columns)
        table.writerow((*product, request.shot_id, request.file, entry.status, entry.seed, entry.error or ""))
    return out.getvalue().encode("utf-8-sig")
