"""Runs a worker over example jobs, for `demo` and `acceptance`: they are submitted, and the inbox is worked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.compose.from_settings import how_ended, submit
from worker.compose.run_worker import work
from worker.demo import examples_dir
from worker.errors import ExitCode
from worker.settings import Settings
from worker.translation import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplesRun:
    """What came of example jobs."""

    code: ExitCode
    """The worker's."""
    ended: tuple[Path, ...]
    """The folder in which each example ended, in outbox or failed; one that has not ended is left out."""
    finished: tuple[Path, ...]
    """Every finished job's folder that appeared in the outbox meanwhile, also of a job that had waited there."""


def run_examples(settings: Settings, names: Sequence[str], *, language: Language = "en") -> ExamplesRun:
    """Submit example jobs, and be the worker until the inbox is empty.

    Args:
        settings: of the worker.
        names: of files or folders in `jobs_example/`.
        language: as `work`.

    Raises:
        UsageError: the inbox holds such a job already.
        FoldersUnusable, ModelInvalid, DeviceUnavailable, RendererDied, WorkerIdTaken: as `work`.
    """
    submitted = submit(settings, [examples_dir() / name for name in names])
    before = set(settings.outbox.iterdir())
    at_once = settings.model_copy(update={"hours": None})  # a person waits for it
    code = work(at_once, drain=True, most_s=0.0, language=language)
    appeared = sorted(set(settings.outbox.iterdir()) - before)
    ends = (how_ended(settings, one) for one in submitted)
    return ExamplesRun(
        code=code,
        ended=tuple(end for end in ends if end is not None),
        finished=tuple(folder for folder in appeared if (folder / "manifest.json").exists()),
    )
