"""Which column names the products, so that a picture is called after its product and never, unasked, after its row."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from worker.job.table.cells import visible
from worker.job.table.findings import Findings
from worker.job.table.header import Header, cleaned
from worker.job.table.id_names import OBVIOUS, is_plainly_an_id, rank_of
from worker.translation import gettext
from worker.yaml_reader.document import clipped
from worker.yaml_reader.problems import did_you_mean

Rows = Sequence[Sequence[str]]
"""Cells by position."""


def id_of(cell: str) -> str:
    """A cell as an id: without invisible characters, joiners among them, and blanks at its ends."""
    return unicodedata.normalize(
        "NFC", visible(cell).replace("\u200c", "").replace("\u200d", "").replace("\xa0", " ").strip()
    )


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
    ranks = [(rank, at) for at, name in enumerate(header.names) if (rank := rank_of(name)) is not None]
    filled = [(rank, at) for rank, at in sorted(ranks) if rank == 0 or _has_any(rows, at)]
    if not filled:
        return _none(header, findings)
    sure = [at for rank, at in filled if rank <= OBVIOUS or is_plainly_an_id(header.names[at])]
    usable = [at for _, at in filled if _is_unique(rows, at)]
    if filled[0][0] == 0:
        return filled[0][1]
    if not usable:
        return sure[0] if sure else _none(header, findings)
    chosen = usable[0]
    rivals = [at for at in usable[1:] if at in sure]
    if not is_plainly_an_id(header.names[chosen]) or (
        chosen in sure and rivals and _ranks_alike(header, chosen, rivals)
    ):
        _guessed(header, chosen, usable, findings)
    return chosen


def _ranks_alike(header: Header, chosen: int, rivals: Sequence[int]) -> bool:
    return any(rank_of(header.names[at]) == rank_of(header.names[chosen]) for at in rivals)


def _asked(header: Header, name: str, findings: Findings) -> int | None:
    for names in (header.names, [known.casefold() for known in header.names]):
        if (wanted := name if names is header.names else name.casefold()) in names:
            return names.index(wanted)
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


def _guessed(header: Header, chosen: int, usable: Sequence[int], findings: Findings) -> None:
    name = clipped(header.names[chosen])
    others = ", ".join(f"`{clipped(header.names[at])}`" for at in usable if at != chosen)
    message = gettext("The column `{name}` is taken for the products' ids.", name=name)
    if others:
        message = gettext("The column `{name}` is taken for the products' ids, not {others}.", name=name, others=others)
    remedy = gettext("If another column names the products, write `id_column: NAME` into the job.")
    findings.warn("table.id_guessed", header.line, message, remedy=remedy)


def _none(header: Header, findings: Findings) -> None:
    message = gettext("No column is called like an id, so pictures are named by their row: 1, 2, ...")
    remedy = gettext(
        "Add a column `sku`, or write `id_column: NAME` into the job. With row numbers a table in another order gives"
        " other names and other seeds."
    )
    findings.warn("table.id_unknown", header.line, message, remedy=remedy)
