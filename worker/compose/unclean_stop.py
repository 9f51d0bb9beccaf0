"""An unclean stop: the former run of this worker ended without a word, which its record on the share still shows."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from worker.overview_records import LIVING

log = structlog.get_logger()


def tell_unclean_stop(record: Mapping[str, object]) -> None:
    """Say so in the log, before this run writes down that it lives; its lock tells that the former one does not.

    Args:
        record: as the former run left it; whoever may write on the share may have written anything there.
    """
    state, job, heard_at = (record.get(name) for name in ("state", "job", "written_at"))
    interrupted = record.get("interrupted")
    if job is None and isinstance(interrupted, dict):
        job = interrupted.get("job")
    if state in LIVING:
        log.warning(
            "worker.unclean_stop",
            state=state,
            job=job[:200] if isinstance(job, str) else None,
            heard_at=heard_at[:40] if isinstance(heard_at, str) else None,
        )
