"""What is told of control files: that one is understood, or matches nothing and what may be meant, or is over.

Knows jobs by their names only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from worker.spool.known_jobs import Known, like
from worker.spool.steering import Control
from worker.translation import enumerated, gettext, ngettext, sentences

EXPIRES_S = 600.0
"""A file that matches nothing for so long is removed: it must not meet a job that comes hours later."""


def unmatched(control: Control, known: Known, *, held: Sequence[str] = (), guesses: bool) -> str:
    """What is told of a file that means no job, or one of which that cannot be asked.

    Args:
        control: the file.
        known: all jobs that wait, are in work, or have ended.
        held: names of those whose proof waits for approval.
        guesses: say what may be meant, too.
    """
    if control.verb == "cancel" and (folders := known.ended.get(control.meaning)):
        return gettext(
            "`{job}` has ended: it lies in {folder}. This file waits ten minutes for another job of that name, and is"
            " removed then.",
            job=folders[0].name,
            folder=f"{folders[0].parent.name}/{folders[0].name}",
        )
    if control.verb == "retry" and (job := known.open.get(control.meaning)) is not None:
        return gettext(
            "`{job}` has not ended: what fails of it can be made again once it has. This file waits ten minutes for"
            " that, and is removed then.",
            job=job,
        )
    ended = {path.name for paths in known.ended.values() for path in paths}
    names = ended if control.verb == "retry" else {*known.open.values(), *held}
    alike = _like(control.meaning, tuple(sorted(names))) if guesses else ()
    why = _NO_ENDED if control.verb == "retry" else _UNMATCHED
    if not alike:
        return why
    meant = gettext("Did you mean {names}?", names=enumerated([f"`{name}`" for name in alike]))
    return sentences([why, meant])


@lru_cache(maxsize=64)
def _like(meaning: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(like(meaning, names[:500]))


HEARD = gettext("understood: it is done after the picture in work")
_UNMATCHED = ngettext(
    "it matches no job that waits or is in work: name it after the job's file, or after its shown name."
    " It is removed after {count} minute.",
    "it matches no job that waits or is in work: name it after the job's file, or after its shown name."
    " It is removed after {count} minutes.",
    round(EXPIRES_S / 60),
)
_NO_ENDED = ngettext(
    "no job of that name has ended: name it after a folder in the outbox or in `failed`."
    " It is removed after {count} minute.",
    "no job of that name has ended: name it after a folder in the outbox or in `failed`."
    " It is removed after {count} minutes.",
    round(EXPIRES_S / 60),
)
EXPIRED = ngettext(
    "it matched no job for {count} minute, and has been removed: nothing has changed.",
    "it matched no job for {count} minutes, and has been removed: nothing has changed.",
    round(EXPIRES_S / 60),
)
OVER = gettext(
    "it has been obeyed, or has matched no job for too long, and means nothing any more; the worker may not remove"
    " it: delete it, and write it anew to ask for the same again"
)
