"""Check: which workers serve these folders, and which of them are dead."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.moments import day_and_hour, moment_of
from worker.overview_records import LIVING, WorkerLine
from worker.translation import Text, gettext, ngettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each worker that lives, or should; and a warning where jobs wait for none."""
    seen = machine.overview
    if seen is None:
        return
    has_others = any(worker.state in LIVING for worker in seen.workers)
    for worker in seen.workers:
        if worker.state in ("silent", "dead", "paused") or (worker.state == "stopped" and worker.reason):
            rests = worker.state == "paused" and worker.hours is not None and not worker.hours.is_on
            text = _trouble(worker, has_others=has_others)
            yield Finding(mark="ok" if rests else "warn", what="workers", text=text)
        elif worker.state in LIVING:
            yield Finding(mark="ok", what="workers", text=_work(worker))
    if has_others or any(worker.state == "silent" for worker in seen.workers):
        return
    count = len(seen.waiting) + len(seen.running)
    if not count:
        text = gettext("none is running yet: start `zimage-worker run` before the night.")
        yield Finding(mark="ok", what="workers", text=text)
        return
    text = ngettext(
        "{count} job waits and nobody works: start `zimage-worker run`.",
        "{count} jobs wait and nobody works: start `zimage-worker run`.",
        count,
    )
    yield Finding(mark="warn", what="workers", text=text, stops_work=True)


def _work(worker: WorkerLine) -> Text:
    if worker.state == "rendering" and worker.job:
        return gettext("`{worker}` is making pictures of `{job}`.", worker=worker.id, job=worker.job)
    if worker.state == "starting":
        return gettext("`{worker}` is loading the model.", worker=worker.id)
    return gettext("`{worker}` is running.", worker=worker.id)


def _trouble(worker: WorkerLine, *, has_others: bool) -> Text:
    if worker.state == "paused":
        return gettext("`{worker}` waits: {reason}", worker=worker.id, reason=worker.reason or "PAUSE")
    if worker.state == "stopped":
        return gettext("`{worker}` ended: {reason}", worker=worker.id, reason=worker.reason)
    if worker.state == "dead" and not has_others:
        return gettext(
            "`{worker}` on {host} is dead, last heard of at {moment}: start it again there; no other worker runs.",
            worker=worker.id,
            host=worker.host,
            moment=day_and_hour(moment_of(worker.heard_at)),
        )
    if worker.state == "dead":
        return gettext(
            "`{worker}` on {host} is dead, last heard of at {moment}: start it again there; until then the others do"
            " its work.",
            worker=worker.id, host=worker.host, moment=day_and_hour(moment_of(worker.heard_at)),
        )  # fmt: skip
    return gettext(
        "`{worker}` on {host} is silent, last heard of at {moment}: look after that machine.",
        worker=worker.id,
        host=worker.host,
        moment=day_and_hour(moment_of(worker.heard_at)),
    )
