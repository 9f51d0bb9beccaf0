"""The history of a request: what a process that is gone leaves to the next one.

Knows what must outlive a process, as values that fit through a pipe.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.records import PictureResult, Refused, Request, Try
from worker.translation import ngettext

NEW_PROCESS = "new_process"
"""The rung that every ladder ends with: another process takes the request up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One request's past."""

    file: str
    """The request's."""
    tries: tuple[Try, ...]
    refused: tuple[Refused, ...] = ()
    latents: bytes | None = None
    """Of (1, 16, H/8, W/8) float32, where denoising was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartRequest:
    """A process cannot go on; the next one takes this request up again, and those that have no result yet."""

    history: History
    why: str
    others: tuple[History, ...] = ()
    """Of pictures made beside it whose latents are done: they need not be denoised again."""


def after_death(history: History | None, file: str, *, why: str) -> History:
    """The past of a request during which the process died.

    Args:
        history: so far; None for a first try.
        file: the request's.
        why: what a person reads of the death.
    """
    history = history or History(file=file, tries=())
    rung = NEW_PROCESS if history.tries else "first"
    one_try = Try(rung=rung, outcome="error", seconds=0.0, note=why)
    # the latents may be what killed it: they are made anew
    return replace(history, tries=(*history.tries, one_try), latents=None)


def is_hopeless(history: History) -> bool:
    """Whether the request has had its new process: no rung is taken twice."""
    return any(one_try.rung == NEW_PROCESS for one_try in history.tries)


def give_up(request: Request, history: History) -> PictureResult:
    """The result of a request that kills processes.

    Args:
        request: what was asked.
        history: all its tries.
    """
    deaths = [one_try.note for one_try in history.tries if one_try.outcome == "error"]
    error = ngettext(
        "The renderer died once while making this picture: {why}",
        "The renderer died {count} times while making this picture: {why}",
        len(deaths),
        why=deaths[-1],
    )
    return PictureResult(request=request, picture=None, tries=history.tries, refused=history.refused, error=error)
