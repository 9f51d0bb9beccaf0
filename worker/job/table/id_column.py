"""Which column names the products, so that a picture is called after its product and never, unasked, after its row."""

from __future__ import annotations

from collections.abc import Sequence

from worker.job.table.cells import visible
from worker.job.table.findings import Findings
from worker.job.table.header import Header, cleaned, loosely
from worker.job.table.id_names import is_plainly_an_id, rank_of
from worker.plain_names import composed
from worker.translation import gettext
from worker.yaml_reader.document import clipped
from worker.yaml_reader.problems import did_you_mean

Rows = Sequence[Sequence[str]]
"""Cells by position."""


def id_of(cell: str) -> str:
    """A cell as an id: without invisible characters, joiners among them, and blanks at its ends."""
    cell = visible(cell).replace("\u200c", "").replace("\u200d", "").replace("\xa0", " ")
    return composed(cell.strip())


def id_column(header: Header, rows: Rows, asked: str, findings: Findings) -> int | None:
    """Position of the column with the ids.

    Args:
        header: of the table.
        rows: every product.
        asked: the job's `id_column`; may be empty.
        findings: gets a fault where the asked one is not there, a warning where one was guessed or none is there.

    Returns:
        None where rows get their numbers.
    """
    if asked:
        return _asked(header, cleaned(asked), findings)
    ranks = sorted((rank, at) for at, name in enumerate(header.names) if (rank := rank_of(name)) is not None)
    filled = [at for rank, at in ranks if rank == 0 or _has_any(rows, at)]
    usable = [at for at in filled if _is_unique(rows, at)]
    sure = [at for at in filled if is_plainly_an_id(header.names[at])]
    if filled and ranks[0][0] == 0 and (_has_any(rows, filled[0]) or not usable):
        return filled[0]
    if not usable and not sure:
        _tell_none(header, filled, findings)
        return None
    if not usable:
        return sure[0]
    chosen, rank = usable[0], rank_of(header.names[usable[0]])
    if chosen not in sure or any(rank_of(header.names[at]) == rank for at in usable[1:]):
        _tell_guessed(header, chosen, usable, findings)
    return chosen


def _asked(header: Header, name: str, findings: Findings) -> int | None:
    for key in (str, str.casefold, loosely):
        names = [key(known) for known in header.names]
        if key(name) in names:
            return names.index(key(name))
    message = gettext(
        "The job says `id_column: {name}`, and no column is called so.{guess} There is {names}.",
        name=clipped(name),
        guess=did_you_mean(name, header.names),
        names=", ".join(f"`{clipped(known)}`" for known in header.names[:20]),
    )
    findings.fault(header.line, message, rule="table.id_unknown")
    return None


def _has_any(rows: Rows, at: int) -> bool:
    return any(cells[at].strip() for cells in rows)


def _is_unique(rows: Rows, at: int) -> bool:
    """Whether every row has an id there, and each its own."""
    ids = [id_of(cells[at]).casefold() for cells in rows]
    return all(ids) and len(set(ids)) == len(ids)


def _tell_guessed(header: Header, chosen: int, usable: Sequence[int], findings: Findings) -> None:
    name = clipped(header.names[chosen])
    others = ", ".join(f"`{clipped(header.names[at])}`" for at in usable if at != chosen)
    message = gettext("The column `{name}` is taken for the products' ids.", name=name)
    if others:
        message = gettext("The column `{name}` is taken for the products' ids, not {others}.", name=name, others=others)
    remedy = gettext("If another column names the products, write `id_column: NAME` into the job.")
    findings.warn("table.id_guessed", header.line, message, remedy=remedy)


def _tell_none(header: Header, filled: Sequence[int], findings: Findings) -> None:
    message = gettext("No column is called like an id, so pictures are named by their row: 1, 2, ...")
    if filled:
        message = gettext(
            "The column `{name}` has empty cells, or one text in several rows, so it is no id: pictures are named by"
            " their row: 1, 2, ...",
            name=clipped(header.names[filled[0]]),
        )
    remedy = gettext(
        "Add a column `sku`, or write `id_column: NAME` into the job. With row numbers a table in another order gives"
        " other names and other seeds."
    )
    findings.warn("table.id_unknown", header.line, message, remedy=remedy)
