"""results.csv: the product table again, with what came of every row."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from io import StringIO

from worker.manifest_records import Entry

RESULT_COLUMNS = ("shot", "file", "status", "seed", "error", "index", "size", "prompt", "sha256")
SEPARATORS = (",", ";", "\t", "|")
"""Those that spreadsheets know; a table with another gets commas."""
OWN = "zimage_"
"""Begins the name of a column of ours where the shop's own table has its name."""


def results_table(entries: Sequence[Entry], *, columns: Sequence[str], delimiter: str = ",") -> bytes:
    r"""One row per picture, in the job's order: the product's columns, ours, and one for each key of a matrix.

    Text stands exactly as in the input, `=1+1` too: the table goes back into the system the products came from.

    Args:
        entries: one per picture.
        columns: of the products file, in its order; may be empty.
        delimiter: of that file.

    Returns:
        UTF-8 with a byte order mark, without which Excel shows Chinese as noise, and lines ending in `\r\n`.
    """
    keys = tuple(dict.fromkeys(key for entry in entries for key in entry.request.matrix))
    out = StringIO(newline="")
    table = csv.writer(out, delimiter=delimiter if delimiter in SEPARATORS else ",", lineterminator="\r\n")
    table.writerow((*columns, *_names({*columns, *keys}), *keys))
    for entry in entries:
        request = entry.request
        product = (request.product.get(column, "") for column in columns)
        matrix = (request.matrix.get(key, "") for key in keys)
        table.writerow((*product, *_result(entry), *matrix))
    return out.getvalue().encode("utf-8-sig")


def _result(entry: Entry) -> tuple[object, ...]:
    """The cells of `RESULT_COLUMNS`."""
    request = entry.request
    return (
        request.shot_id,
        request.file,
        entry.status,
        entry.seed,
        entry.error or "",
        request.index,
        f"{request.width_px}x{request.height_px}",
        request.prompt,
        entry.sha256 or "",
    )


def _names(others: Collection[str]) -> list[str]:
    """Our columns by names that the author's do not have, in whatever case: a name of the shop's stays the shop's."""
    taken = {name.casefold() for name in others}
    return [_free(name, taken) for name in RESULT_COLUMNS]


def _free(name: str, taken: Collection[str]) -> str:
    return _free(f"{OWN}{name}", taken) if name in taken else name
