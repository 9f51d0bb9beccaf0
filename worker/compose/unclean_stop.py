"""An unclean stop: the former run of this worker ended without a word, as a mark on the local disk still shows.

The share cannot tell it: it may have been away when that run stopped in good order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import structlog

from worker.compose.from_settings import local_name
from worker.disk.durable import make_folder, make_mark
from worker.settings import Settings

log = structlog.get_logger()


@contextmanager
def marked_run(
    settings: Settings, former: Mapping[str, object], *, note: Callable[[str | None], object] = lambda _: None
) -> Iterator[None]:
    """Mark this run while it lasts, and say in the log when the one before has left its mark.

    Args:
        settings: of the worker, whose lock is held.
        former: the record on the share as that run left it; whoever may write there may have written anything.
        note: hears then when that run was last heard of, as its record says; None where it says nothing.
    """
    mark = settings.state_dir / "running" / local_name(settings, settings.worker_id)
    with suppress(OSError):
        if mark.is_file() and former.get("state") != "stopped":
            note(_tell(former))
        make_folder(mark.parent)
        make_mark(mark)
    try:
        yield
    finally:
        with suppress(OSError):
            mark.unlink(missing_ok=True)


def _tell(former: Mapping[str, object]) -> str | None:
    state, job, written_at = (former.get(name) for name in ("state", "job", "written_at"))
    heard_at = written_at[:40] if isinstance(written_at, str) else None
    interrupted = former.get("interrupted")
    if job is None and isinstance(interrupted, dict):
        job = interrupted.get("job")
    log.warning(
        "worker.unclean_stop",
        state=state if isinstance(state, str) and len(state) < 20 else None,
        job=job[:200] if isinstance(job, str) else None,
        heard_at=heard_at,
    )
    return heard_at
