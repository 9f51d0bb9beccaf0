"""Who dropped what any worker has in work now, as the claims on the share say."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from worker.disk.owners import one_name
from worker.spool.claim_files import folders_in, read_claim_record

MOST_LOOKED = 64
"""Claims of which is looked whose they are: a few milliseconds each on a share."""


def droppers_in(claims: Path) -> dict[str, str | None]:
    """Who dropped each job that any worker has claimed now, by job id, as far as can be told; of the first MOST_LOOKED.

    Args:
        claims: folder of all workers' claims.

    Raises:
        OSError: the share failed.
    """
    found: list[Path] = []
    for worker in folders_in(claims):
        with suppress(OSError):  # another account's, or its own trouble: the others are told all the same
            found += folders_in(worker)
    droppers: dict[str, str | None] = {}
    for job in found[:MOST_LOOKED]:
        with suppress(OSError):
            droppers[job.name] = one_name(read_claim_record(job).get("dropped_by"))
    return droppers
