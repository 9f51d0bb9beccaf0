"""Marks of an overview: what of it counts as another state, and what only as progress.

Pure: the same overview gives the same marks on every worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from worker import __version__
from worker.languages import script_of
from worker.overview_records import EndedJob, Overview
from worker.translation import Language


class EndedDigest:
    """The digest of ended jobs; of thousands that are the same as at the last look it costs nothing."""

    def __init__(self) -> None:
        self._ended: Sequence[EndedJob] | None = None
        self._digest = ""

    def of(self, ended: Sequence[EndedJob]) -> str:
        """Differs whenever one of them does; whatever else a manifest says does not change by itself.

        Args:
            ended: in their order.
        """
        if self._ended is None or self._ended != ended:
            said = "\n".join(
                f"{one.name}\0{one.is_in_outbox}\0{one.ended_at}\0{one.state}\0{one.made}" for one in ended
            )
            self._ended, self._digest = ended, digest([said])
        return self._digest


def digest(values: Iterable[object]) -> str:
    """Of what values say, hexadecimal.

    Args:
        values: records and plain values.
    """
    made = hashlib.sha256()
    for value in values:
        made.update(repr(value).encode(errors="backslashreplace") + b"\n")
    return made.hexdigest()[:16]


def state_of(overview: Overview, *, ended: str, language: Language) -> str:
    """Differs whenever a state does: a job begins, ends, waits or is refused, a worker starts, dies or waits.

    Args:
        overview: one look.
        ended: digest of its ended jobs.
        language: of the page.
    """
    workers = [(one.id, one.state, one.reason, one.version, one.job, one.note) for one in overview.workers]
    running = [(one.name, one.worker, one.folder, one.pictures, one.failed) for one in overview.running]
    waiting = [
        (one.name, one.state, one.reason, one.receipt, one.warnings, one.pictures, one.dropped_by)
        for one in overview.waiting
    ]
    paused = (overview.paused_by, overview.paused_since)
    names = [*overview.ignored, *overview.control_files]
    return digest([__version__, language, ended, workers, running, waiting, names, paused])


def progress_of(overview: Overview) -> str:
    """Differs whenever a picture is made.

    Args:
        overview: one look.
    """
    return digest((one.name, one.made) for one in overview.running)


def readers_of(overview: Overview, *, seen: Iterable[str], most: int = 24) -> Language:
    """What those read who drop jobs, by the words of their newest jobs; English where there are none.

    Args:
        overview: one look.
        seen: what pictures of the newest jobs show, in their authors' words.
        most: jobs of a kind that are asked.
    """
    ended = [f"{job.title} {job.name} {job.reason}" for job in overview.ended[:most]]
    running = [job.name for job in overview.running[:most]]
    waiting = [job.name for job in overview.waiting[:most]]
    scripts = [script_of(text) for text in (*ended, *running, *waiting, *seen)]
    return "zh" if scripts and 2 * scripts.count("zh") >= len(scripts) else "en"
